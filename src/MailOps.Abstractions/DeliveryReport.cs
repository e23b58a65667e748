namespace MailOps;

/// <summary>What a delivery report (a bounce) says of one recipient; <c>ConvertFrom-DeliveryStatus</c> writes one for each.</summary>
public sealed class DeliveryReport
{
    /// <summary>The recipient's address as the reporting server had it (Final-Recipient); null where the report names nobody.</summary>
    public string? Recipient { get; init; }
    /// <summary>The address as the sender gave it (Original-Recipient), where the report has it.</summary>
    public string? OriginalRecipient { get; init; }
    /// <summary>What was done: failed, delayed, delivered, relayed, expanded.</summary>
    public DeliveryReportAction Action { get; init; }
    /// <summary>What it means, and so what to do.</summary>
    public DeliveryReportClass Class { get; init; }
    /// <summary>The enhanced status code (RFC 3463). Where the report has none it follows from the reply and the class; null for complaints and automatic answers.</summary>
    public string? Status { get; init; }
    /// <summary>The three digits of the remote server's reply, or 0 where there was none.</summary>
    public int SmtpStatusCode { get; init; }
    /// <summary>The words of the server that refused or delayed, on one line.</summary>
    public string? Diagnostic { get; init; }
    /// <summary>True where the address itself is wrong for good: no such user, no such domain, moved, takes no mail.</summary>
    public bool IsAddressInvalid { get; init; }
    /// <summary>The server that said so, as the report names it.</summary>
    public string? RemoteMta { get; init; }
    /// <summary>The server that wrote the report, as it names itself.</summary>
    public string? ReportingMta { get; init; }
    /// <summary>When the message came to the reporting server.</summary>
    public DateTimeOffset? ArrivalDate { get; init; }
    /// <summary>When delivery was last tried.</summary>
    public DateTimeOffset? LastAttemptDate { get; init; }
    /// <summary>Until when a delayed message will be tried.</summary>
    public DateTimeOffset? WillRetryUntil { get; init; }
    /// <summary>The envelope id that the sender gave (ENVID), where the report has it.</summary>
    public string? EnvelopeId { get; init; }
    /// <summary>The kind of a feedback report (RFC 5965): abuse, fraud, virus, opt-out, not-spam, auth-failure, other.</summary>
    public string? FeedbackType { get; init; }
    /// <summary>The Message-ID of the message it is about, where the report has its header.</summary>
    public string? OriginalMessageId { get; init; }
    /// <summary>The subject of the message it is about, where the report has its header.</summary>
    public string? OriginalSubject { get; init; }
    /// <summary>The subject of the report itself.</summary>
    public string? Subject { get; init; }
    /// <summary>The file the report was read from, where it was one.</summary>
    public string? Path { get; init; }
}
