using System.Net;

namespace MailOps;

/// <summary>What SPF says of the client that handed a message to its receiver.</summary>
public sealed class MessageSpfCheck
{
    /// <summary>The result; None also where it is not known who the client was.</summary>
    public SpfResult Result { get; init; }
    /// <summary>Whether SPF was asked at all; if not, Reason says what is missing.</summary>
    public bool IsEvaluated { get; init; }
    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
    /// <summary>What to do about it; null where nothing is to be done.</summary>
    public string? Advice { get; init; }
    /// <summary>The domain that was asked about: of the sender of the envelope, or the HELO name where there is none.</summary>
    public string? Domain { get; init; }
    /// <summary>Whether that domain stands for that of the From field, as DMARC has it.</summary>
    public bool IsAligned { get; init; }
    /// <summary>The address of the client.</summary>
    public IPAddress? IPAddress { get; init; }
    /// <summary>The name that it gave in HELO.</summary>
    public string? Helo { get; init; }
    /// <summary>The sender of the envelope; empty for a report.</summary>
    public string? EnvelopeFrom { get; init; }
    /// <summary>From where the client is known: -IPAddress, or the Received field that tells it.</summary>
    public string? Source { get; init; }
    /// <summary>The whole check, as Test-SpfSender gives it; null where SPF was not asked.</summary>
    public SpfCheck? Check { get; init; }

    /// <summary>Result and domain.</summary>
    public override string ToString() => Domain is null ? $"{Result}" : $"{Result} {Domain}";
}
