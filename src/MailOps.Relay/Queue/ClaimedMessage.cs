using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>A message that delivery has in its hands.</summary>
internal sealed class ClaimedMessage(LogQueue queue, QueueEntry entry, Envelope envelope, RecentMessage? recent, IReadOnlyList<QueuedRecipient> due) : QueuedMessage
{
    private int _ended;
    private int[]? _settled;   // before the claim ends

    public QueueEntry Entry => entry;

    public override string Id { get; } = envelope.Id.ToString();

    public override MailSender Sender => envelope.Sender;

    public override DateTimeOffset Received { get; } = new(envelope.Received, TimeSpan.Zero);

    public override long Size => envelope.Size;

    public override IReadOnlyList<QueuedRecipient> Due => due;

    public override string? Redirect { get; } = entry.Redirect;

    public override MessageHold Hold => entry.Hold;

    public override bool Withdrawn => entry.Withdrawn;

    public override ValueTask<MailContent> OpenContentAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // A file is read from beginning to end first.
        // What is not in memory waits for the disk, and the caller may be a thread that serves others.
        return entry.InFile || recent is null ? new(Task.Run(() => queue.OpenContent(entry, recent), cancellationToken)) : ValueTask.FromResult(queue.OpenContent(entry, recent));
    }

    /// <summary>The due recipients that have not been settled on their own.</summary>
    public HashSet<int> Unsettled()
    {
        var unsettled = due.Select(recipient => recipient.Index).ToHashSet();
        if (_settled is { } settled) unsettled.ExceptWith(settled);
        return unsettled;
    }

    /// <summary>Some recipients are settled while the claim goes on; one call at a time.</summary>
    public void Settle(LogQueue asking, IReadOnlyList<Settlement> settlements)
    {
        if (asking != queue || _ended != 0) throw NotClaimed();
        _settled = [.. _settled ?? [], .. settlements.Select(settlement => settlement.Index)];
    }

    /// <summary>Ends the claim, once, and only for the queue that gave it.</summary>
    public void End(LogQueue asking)
    {
        if (asking != queue || Interlocked.Exchange(ref _ended, 1) != 0) throw NotClaimed();
    }

    private InvalidOperationException NotClaimed() => new($"Message {Id} is not claimed: it was settled or released before, or belongs to another queue.");
}
