namespace MailOps;

/// <summary>What became of one recipient of one submitted message; <c>Send-SmtpMessage -PassThru</c> writes one for each.</summary>
public sealed class SmtpSendResult
{
    /// <summary>The recipient's address.</summary>
    public required string Recipient { get; init; }
    /// <summary>Whether the server took the message for this recipient.</summary>
    public required DeliveryStatus Status { get; init; }
    /// <summary>Whether the server had the whole message and did not answer any more: then it may have been delivered, although the status is Deferred.</summary>
    public bool IsOutcomeUnknown { get; init; }
    /// <summary>Which record of the pipeline, or which file, the message was made from; the first is 1. Results come in the order in which the server answers.</summary>
    public long RecordNumber { get; init; } = 1;
    /// <summary>The three digits of the server's reply.</summary>
    public int SmtpStatusCode { get; init; }
    /// <summary>The enhanced status code of the reply, where the server gave one.</summary>
    public string? EnhancedStatusCode { get; init; }
    /// <summary>The text of the reply; on success it usually carries the server's queue id.</summary>
    public string? Response { get; init; }
    /// <summary>The Message-ID header of the message.</summary>
    public string? MessageId { get; init; }
    /// <summary>The subject of the message.</summary>
    public string? Subject { get; init; }
    /// <summary>The envelope sender.</summary>
    public string? From { get; init; }
    /// <summary>The server and port that took or refused it.</summary>
    public required string SmtpServer { get; init; }
    /// <summary>The TLS version of the connection, or null for plain text.</summary>
    public string? TlsProtocol { get; init; }
    /// <summary>From the connection attempt to the last reply.</summary>
    public TimeSpan Duration { get; init; }
}
