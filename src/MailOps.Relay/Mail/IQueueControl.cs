namespace MailOps.Relay.Mail;

/// <summary>The queue as administrators handle it, beside the mail flow. Every change is on disk when its task completes.</summary>
public interface IQueueControl
{
    /// <summary>The name for the whole queue among those of suspended next hops.</summary>
    const string WholeQueue = "*";

    /// <summary>The next hops that are suspended, and <see cref="WholeQueue"/> where everything is.</summary>
    IReadOnlyCollection<string> SuspendedHops { get; }

    /// <summary>Suspends next hops, or resumes them. What is under way to them finishes.</summary>
    /// <exception cref="IOException">The disk did not take it; nothing is changed.</exception>
    ValueTask SuspendHopsAsync(IReadOnlyCollection<string> names, bool suspend, CancellationToken cancellationToken);

    /// <summary>
    /// Changes messages, all together with as few flushes as the disk allows; an answer for each, in their order. What is to be removed can be neither suspended nor resumed any more.
    /// </summary>
    ValueTask<IReadOnlyList<QueueChanged>> ChangeAsync(IReadOnlyList<string> ids, QueueChange change, CancellationToken cancellationToken);

    /// <summary>Claims a message, due or not, suspended or not, with all recipients that are not done; null where it is not there or claimed already.</summary>
    QueuedMessage? TryClaim(string id);

    /// <summary>One message as it is now, at the cost of that one; null where it is not in the queue.</summary>
    QueuedMessageState? Find(string id);

    /// <summary>Whether a route holds recipients of a message until an administrator says otherwise.</summary>
    bool IsHeld(string id);

    /// <summary>All messages, oldest first, without what is only on disk; lazily.</summary>
    IEnumerable<QueuedSketch> Sketches();

    /// <summary>The content of a message; null where it is not in the queue.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    MailContent? OpenContent(string id);
}

/// <summary>From whom a message is, and to whom.</summary>
/// <param name="Sender">What MAIL said and where it came from, as far as it is kept.</param>
/// <param name="Recipients">In the order of RCPT.</param>
public sealed record QueuedAddresses(MailSender Sender, IReadOnlyList<Messages.EmailAddress> Recipients);

/// <summary>What memory holds of a queued message: a million of these are looked through without the disk.</summary>
public abstract class QueuedSketch
{
    /// <summary>The queue id.</summary>
    public abstract string Id { get; }
    /// <summary>Whether delivery has it.</summary>
    public abstract bool Claimed { get; }
    /// <summary>What an administrator said of it.</summary>
    public abstract MessageHold Hold { get; }
    /// <summary>Where an administrator sends it, or null.</summary>
    public abstract string? Redirect { get; }
    /// <summary>How many recipients it has, done ones included.</summary>
    public abstract int Recipients { get; }
    /// <summary>What whoever counts remembers of it from one time to the next; forgotten when it is redirected.</summary>
    public abstract object? Remembered { get; set; }
    /// <summary>The recipient at a place, without its address.</summary>
    public abstract QueuedRecipientState this[int recipient] { get; }
    /// <summary>The sender and the recipients' addresses, read from disk; null where the message is gone or cannot be read.</summary>
    public abstract QueuedAddresses? ReadAddresses();
}
