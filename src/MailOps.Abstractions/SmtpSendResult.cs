namespace MailOps;

/// <summary>What became of one submitted message; <c>Send-SmtpMessage -PassThru</c> writes one for each.</summary>
/// <remarks>Status and reply are those of the recipient who fared worst, and of the first of several; <see cref="Recipients"/> has all.</remarks>
public sealed class SmtpSendResult
{
    /// <summary>The recipients' addresses.</summary>
    public string[] Recipient => Array.ConvertAll(Recipients, one => one.Recipient);
    /// <summary>Delivered where the server took the message for every recipient; otherwise Failed where it refused one for good, or else Deferred.</summary>
    public DeliveryStatus Status => Worst.Status;
    /// <summary>Whether the server had the whole message and did not answer any more: then it may have been delivered, although the status is Deferred.</summary>
    public bool IsOutcomeUnknown => Array.Exists(Recipients, one => one.IsOutcomeUnknown);
    /// <summary>Which record of the pipeline, or which file, the message was made from; the first is 1. Results come in the order in which the server answers.</summary>
    public long RecordNumber { get; init; } = 1;
    /// <summary>The three digits of the server's reply.</summary>
    public int SmtpStatusCode => Worst.SmtpStatusCode;
    /// <summary>The enhanced status code of the reply, where the server gave one.</summary>
    public string? EnhancedStatusCode => Worst.EnhancedStatusCode;
    /// <summary>The text of the reply; on success it usually carries the server's queue id.</summary>
    public string? Response => Worst.Response;
    /// <summary>What became of each recipient, in the order of the envelope; at least one.</summary>
    public required SmtpRecipientResult[] Recipients { get; init; }
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

    private SmtpRecipientResult Worst => Recipients.OrderByDescending(one => one.Status).First();
}
