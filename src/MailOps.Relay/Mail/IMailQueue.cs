namespace MailOps.Relay.Mail;

/// <summary>
/// The durable queue as server and delivery see it. As an <see cref="IMailTarget"/> it accepts: when a commit returns, the message is on disk.
/// Delivery claims what is due, and settles every recipient; a claim that is not settled (crash, stop) is due again.
/// </summary>
public interface IMailQueue : IMailTarget, IAsyncDisposable
{
    /// <summary>
    /// Waits until at least one message is due, and claims up to <paramref name="limit"/> of them: higher priority first, then the domains in turn, the oldest due of each. Nobody else gets a claimed message
    /// until it is settled or released.
    /// </summary>
    ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Records the outcome of each due recipient of a claimed message, durably, and ends the claim. Recipients that were not in
    /// <see cref="QueuedMessage.Due"/> keep their own time. A message whose recipients are all delivered or failed is removed.
    /// </summary>
    ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken);

    /// <summary>
    /// Records the outcome of some of the due recipients of a claimed message, durably, while the others are still under way: the claim goes on, and <see cref="SettleAsync"/> is
    /// then for the others. Each recipient is settled once.
    /// </summary>
    ValueTask SettleSomeAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken);

    /// <summary>Whether an administrator has suspended a next hop, or the whole queue: nothing new is attempted then.</summary>
    bool IsSuspended(string nextHop);

    /// <summary>
    /// Says that recipients of a claimed message cannot be tried before their next hop is resumed. When the claim ends they are kept out of
    /// <see cref="ClaimAsync"/> until then; where it has been resumed meanwhile, this has no effect.
    /// </summary>
    void Park(QueuedMessage message, IReadOnlyCollection<int> recipients, string nextHop);

    /// <summary>Ends a claim with nothing done: the message is due at once, as if it had never been claimed, but for what was parked or set aside.</summary>
    void Release(QueuedMessage message);

    /// <summary>
    /// Says that recipients of a claimed message are to wait. When the claim ends they are kept out of <see cref="ClaimAsync"/> until <see cref="BringBack"/> asks for their line, or a
    /// time comes; its other recipients are not, and with one that is due all are claimed. Only memory knows of it: after a restart, and where an administrator has changed the message
    /// meanwhile, they are due as before.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="recipients">The recipients.</param>
    /// <param name="line">The line in which they wait, compared by reference; people see why where it is an <see cref="IWaitingLine"/>.</param>
    /// <param name="until">When they are due in any case.</param>
    void SetAside(QueuedMessage message, IReadOnlyCollection<int> recipients, object line, DateTimeOffset until);

    /// <summary>Makes messages of a line due again, higher priority first, then oldest due; how many there were of the number asked for.</summary>
    int BringBack(object line, int count);

    /// <summary>Messages in the queue, claimed ones included.</summary>
    long Count { get; }

    /// <summary>Completes when the queue is, at that moment, empty.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayNotFound"/>: the queue was closed first, with messages in it.</exception>
    Task WaitUntilEmptyAsync(CancellationToken cancellationToken);

    /// <summary>All messages, oldest first, as they are now; lazily.</summary>
    IEnumerable<QueuedMessageState> Snapshot();
}

/// <summary>A line in which messages are set aside, and of which people see why.</summary>
public interface IWaitingLine
{
    /// <summary>Why what stands in it waits, for the last attempt of one of them failed for all; null where none did.</summary>
    LineState? State { get; }

    /// <summary>Whether it stands still, so that what comes behind can give way to others.</summary>
    bool IsStuck { get; }
}

/// <summary>Why a line waits.</summary>
/// <param name="Since">When the last attempt failed.</param>
/// <param name="Until">When the next is made.</param>
/// <param name="Reply">What came of the last.</param>
public readonly record struct LineState(DateTimeOffset Since, DateTimeOffset Until, string Reply);

/// <summary>A claimed message: envelope, the recipients that are due, and its content.</summary>
public abstract class QueuedMessage
{
    /// <summary>The queue id.</summary>
    public abstract string Id { get; }
    /// <summary>The envelope sender and options; of the origin the client's address, the listener and the user are kept.</summary>
    public abstract MailSender Sender { get; }
    /// <summary>When it was accepted.</summary>
    public abstract DateTimeOffset Received { get; }
    /// <summary>When delivery could begin: when it was accepted, or when its hold ended (RFC 4865 section 4).</summary>
    public DateTimeOffset Released => Sender.HoldUntil is { } until && until > Received ? until : Received;
    /// <summary>The size of the content in bytes.</summary>
    public abstract long Size { get; }
    /// <summary>Where an administrator sends it instead of where its recipients would go, or null.</summary>
    public virtual string? Redirect => null;
    /// <summary>What an administrator has said of it, as of this moment.</summary>
    public virtual MessageHold Hold => MessageHold.None;
    /// <summary>Whether an administrator has changed it since it was claimed: what has not begun goes back.</summary>
    public virtual bool Withdrawn => false;
    /// <summary>The recipients to try now.</summary>
    public abstract IReadOnlyList<QueuedRecipient> Due { get; }
    /// <summary>Opens the content; the caller disposes it before settling.</summary>
    public abstract ValueTask<MailContent> OpenContentAsync(CancellationToken cancellationToken);
}

/// <summary>One recipient of a claimed message.</summary>
/// <param name="Index">Its place in the message, from 0; what <see cref="Settlement"/> names it by.</param>
/// <param name="Recipient">The recipient.</param>
/// <param name="Attempts">Attempts made before this one.</param>
/// <param name="DelayNotified">Whether the sender has been told of the delay.</param>
public sealed record QueuedRecipient(int Index, MailRecipient Recipient, int Attempts, bool DelayNotified)
{
    /// <summary>When the last attempt before this one was; null where there was none.</summary>
    public DateTimeOffset? LastAttempt { get; init; }
}

/// <summary>What one attempt settled for one recipient.</summary>
/// <param name="Index">The recipient's <see cref="QueuedRecipient.Index"/>.</param>
/// <param name="Outcome">Delivered and Failed are final; Deferred needs <paramref name="NextAttempt"/>.</param>
/// <param name="NextAttempt">When to try again, for Deferred.</param>
/// <param name="DelayNotified">Whether the sender has now been told of the delay.</param>
public sealed record Settlement(int Index, DeliveryOutcome Outcome, DateTimeOffset? NextAttempt = null, bool DelayNotified = false)
{
    /// <summary>Whether nothing was tried: then it is no attempt more, unless it has the outcome of one that was made before.</summary>
    public bool IsUntried { get; init; }
    /// <summary>When that was; null where there was none.</summary>
    public DateTimeOffset? Before { get; init; }
}

/// <summary>A message in the queue, for people to look at.</summary>
public sealed record QueuedMessageState(
    string Id, string? ReversePath, string? ClientAddress, DateTimeOffset Received, long Size, bool Claimed, IReadOnlyList<QueuedRecipientState> Recipients)
{
    /// <summary>Before when its sender did not want it tried (RFC 4865 section 4); null for at once. Its lifetime begins then.</summary>
    public DateTimeOffset? HoldUntil { get; init; }
    /// <summary>What an administrator said of it.</summary>
    public MessageHold Hold { get; init; }
    /// <summary>Where an administrator sends it, or null.</summary>
    public string? Redirect { get; init; }
    /// <summary>What MAIL said and where it came from, as far as it is kept; null where nobody asked.</summary>
    public MailSender? Sender { get; init; }
}

/// <summary>A recipient in the queue, for people to look at. Status is null before the first attempt.</summary>
public sealed record QueuedRecipientState(string Address, DeliveryStatus? Status, int Attempts, DateTimeOffset? NextAttempt, DateTimeOffset? LastAttempt, string? LastReply)
{
    /// <summary>As the time of a next attempt: there is none until an administrator gives one. It is on disk.</summary>
    public static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    /// <summary>Whether it waits for an administrator.</summary>
    public bool IsHeld => Status == DeliveryStatus.Deferred && NextAttempt == Never;
}
