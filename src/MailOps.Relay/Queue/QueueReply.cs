using MailOps.Relay.Disk;

namespace MailOps.Relay.Queue;

/// <summary>What the queue answers.</summary>
internal static class QueueReply
{
    public static SmtpReply SenderAccepted { get; } = new(250, "2.1.0", "Sender ok");

    public static SmtpReply RecipientAccepted { get; } = new(250, "2.1.5", "Recipient ok");

    /// <summary>RFC 5321 section 4.2.3, RFC 3463 section 3.4: the system's storage is exhausted, not the mailbox's.</summary>
    public static SmtpReply NoSpace { get; } = new(452, "4.3.1", "Insufficient system storage, try again later");

    /// <summary>RFC 5321 section 4.2.3: a local error in processing.</summary>
    public static SmtpReply LocalError { get; } = new(451, "4.3.0", "Local error, try again later");

    public static SmtpReply Closing { get; } = new(421, "4.3.2", "Service shutting down, try again later");

    public static SmtpReply Queued(QueueId id) => new(250, "2.0.0", $"Queued as {id}");

    public static SmtpReply Refused(Exception failure) => failure is ObjectDisposedException ? Closing : DiskFault.IsFull(failure) ? NoSpace : LocalError;
}
