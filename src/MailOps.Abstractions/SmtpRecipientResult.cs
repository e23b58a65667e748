namespace MailOps;

/// <summary>What became of one recipient of one submitted message.</summary>
public sealed class SmtpRecipientResult
{
    /// <summary>The recipient's address.</summary>
    public required string Recipient { get; init; }
    /// <summary>Whether the server took the message for this recipient.</summary>
    public required DeliveryStatus Status { get; init; }
    /// <summary>Whether the server had the whole message and did not answer any more: then it may have been delivered, although the status is Deferred.</summary>
    public bool IsOutcomeUnknown { get; init; }
    /// <summary>The three digits of the server's reply; 0 where there is none.</summary>
    public int SmtpStatusCode { get; init; }
    /// <summary>The enhanced status code of the reply, where the server gave one.</summary>
    public string? EnhancedStatusCode { get; init; }
    /// <summary>The text of the reply, or what is wrong where there is none.</summary>
    public string? Response { get; init; }

    /// <summary>Address and status.</summary>
    public override string ToString() => $"{Recipient} {Status}";
}
