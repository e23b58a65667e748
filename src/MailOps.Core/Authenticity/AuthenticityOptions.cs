using System.Net;

namespace MailOps.Authenticity;

/// <summary>What is known of a message beside its bytes, and how far a check goes.</summary>
public sealed record AuthenticityOptions
{
    /// <summary>The address of the client that handed the message over; null where the header tells it.</summary>
    public IPAddress? Client { get; init; }

    /// <summary>The name that the client gave in HELO; null where the header tells it.</summary>
    public string? Helo { get; init; }

    /// <summary>The sender of the envelope, empty for a report; null where Return-Path tells it.</summary>
    public string? EnvelopeFrom { get; init; }

    /// <summary>Names and addresses of one's own servers, whose Received fields count and whose hops are within the house.</summary>
    public IReadOnlyList<string> TrustedServers { get; init; } = [];

    /// <summary>Networks (CIDR) and addresses of one's own servers.</summary>
    public IReadOnlyList<string> TrustedNetworks { get; init; } = [];

    /// <summary>The time, for signatures that expire.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How long the questions to the DNS about one message may take. Default: 60 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many DKIM signatures are evaluated, the topmost first. Default: 20; real mail has one to four.</summary>
    public int MaxSignatures { get; init; } = 20;
}
