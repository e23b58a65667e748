namespace MailOps;

/// <summary>One step in a message's life; property names as Exchange's Get-MessageTrackingLog has them.</summary>
public sealed class SmtpRelayTrackingEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Timestamp { get; init; }
    /// <summary>
    /// RECEIVE, DELIVER (to a mailbox), SEND (to another server), DEFER, FAIL, DSN or DROP; of a client AUTHFAIL, and THROTTLE when it is blocked; of a provider THROTTLE, when a reply has changed its limits, and UNTHROTTLE; of administrators SUSPEND,
    /// RESUME, REDIRECT, RETRY, RESUBMIT, REMOVE (when its attempt is over) and FAIL (removed); TLSREPORT, when a report on TLS was sent; of the log itself LOST, where lines of it are missing.
    /// </summary>
    public required string EventId { get; init; }
    /// <summary>SMTP, LMTP, MAILDIR, DSN or QUEUE; ADMIN for what an administrator did, TRACKING for LOST, TLSREPORT.</summary>
    public required string Source { get; init; }
    /// <summary>The queue id; null for what was done to a whole queue.</summary>
    public string? InternalMessageId { get; init; }
    /// <summary>The Message-ID in its header, with the angle brackets, for RECEIVE; null without. Whoever wrote the message wrote it: it proves nothing.</summary>
    public string? MessageId { get; init; }
    /// <summary>The subject, decoded, 255 characters at most, for RECEIVE; null without, and where the relay's <c>trackingLog.subjects</c> is false.</summary>
    public string? MessageSubject { get; init; }
    /// <summary>The envelope sender.</summary>
    public string? Sender { get; init; }
    /// <summary>The recipients it speaks of.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];
    /// <summary>What was said of each recipient, in the same order; for RETRY and RESUBMIT of a whole queue, how many messages waited there.</summary>
    public IReadOnlyList<string> RecipientStatus { get; init; } = [];
    /// <summary>The client's address, for RECEIVE, AUTHFAIL and THROTTLE.</summary>
    public string? ClientIp { get; init; }
    /// <summary>The next hop, for SEND and DELIVER: host and address, or the Maildir; for ADMIN the queue it was done to, or where a message is redirected to; for QUEUE the provider or the servers with limits.</summary>
    public string? ServerHostname { get; init; }
    /// <summary>What else there is to say: for RECEIVE the user who logged in, for AUTHFAIL the mechanism, the user name and the reason, for THROTTLE the end of the block, or with source QUEUE what has changed, until when and why, for ADMIN who did it, for TLSREPORT the report's id, for LOST how many lines are missing, since when and why.</summary>
    public string? SourceContext { get; init; }
    /// <summary>The size in bytes.</summary>
    public long TotalBytes { get; init; }
    /// <summary>From acceptance to this event.</summary>
    public TimeSpan? MessageLatency { get; init; }
    /// <summary>The queue id of a related message: the report's original.</summary>
    public string? Reference { get; init; }
}
