using System.Net;

namespace MailOps;

/// <summary>One server on the way of a message, as it wrote of itself (Received, RFC 5321 section 4.4).</summary>
public sealed class MailHop
{
    /// <summary>Its place on the way, from 1.</summary>
    public int Hop { get; init; }
    /// <summary>Who gave it the message, by the name that he gave himself.</summary>
    public string? From { get; init; }
    /// <summary>The address from which it came, where the field has one.</summary>
    public IPAddress? FromAddress { get; init; }
    /// <summary>The server that took it.</summary>
    public string? By { get; init; }
    /// <summary>The protocol, such as ESMTP, ESMTPSA, LMTP, HTTP, MAPI.</summary>
    public string? With { get; init; }
    /// <summary>Whether it came over TLS by what the field says; false where it does not say so.</summary>
    public bool Tls { get; init; }
    /// <summary>The version of TLS, such as 1.3, where the field has it.</summary>
    public string? TlsVersion { get; init; }
    /// <summary>The recipient, where the field has one.</summary>
    public string? For { get; init; }
    /// <summary>The server's own name for the message, for its log.</summary>
    public string? Id { get; init; }
    /// <summary>When it took it, by its own clock.</summary>
    public DateTimeOffset? Date { get; init; }
    /// <summary>How long after the server before; negative where their clocks differ by more than it took; null where one of them tells no time.</summary>
    public TimeSpan? Delay { get; init; }
    /// <summary>The field as it is, on one line.</summary>
    public string Received { get; init; } = "";
}
