using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>A message that delivery has in its hands.</summary>
internal sealed class ClaimedMessage(LogQueue queue, QueueEntry entry, Envelope envelope, IReadOnlyList<QueuedRecipient> due) : QueuedMessage
{
    private int _ended;
    private (int Index, RecipientProgress Progress)[] _settled = [];   // before the claim ends

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
        var recent = entry.Recent;   // only now: it may give its memory up to others while it waits for its turn
        // A file is read from beginning to end first.
        // What is not in memory waits for the disk, and the caller may be a thread that serves others.
        return entry.InFile || recent is null ? new(Task.Run(() => queue.OpenContent(entry, recent), cancellationToken)) : ValueTask.FromResult(queue.OpenContent(entry, recent));
    }

    /// <summary>The due recipients that have not been settled on their own.</summary>
    public HashSet<int> Unsettled()
    {
        var unsettled = due.Select(recipient => recipient.Index).ToHashSet();
        unsettled.ExceptWith(_settled.Select(settled => settled.Index));
        return unsettled;
    }

    /// <summary>How far the recipients are, with those that were settled for good on their own, though that may still be on its way to the disk.</summary>
    public RecipientProgress[] Progress()
    {
        var progress = entry.Progress is { } before ? [.. before] : new RecipientProgress[entry.Recipients];
        foreach (var (index, settled) in _settled)
        {
            if (settled.IsFinal) progress[index] = settled;
        }
        return progress;
    }

    /// <summary>Some recipients are settled while the claim goes on; one call at a time.</summary>
    /// <param name="asking">Who asks.</param>
    /// <param name="indexes">Which.</param>
    /// <param name="progress">How far all recipients are with that.</param>
    public void Settle(LogQueue asking, IReadOnlyCollection<int> indexes, RecipientProgress[] progress)
    {
        if (asking != queue || _ended != 0) throw NotClaimed();
        _settled = [.. _settled, .. indexes.Select(index => (index, progress[index]))];
    }

    /// <summary>Ends the claim, once, and only for the queue that gave it.</summary>
    public void End(LogQueue asking)
    {
        if (asking != queue || Interlocked.Exchange(ref _ended, 1) != 0) throw NotClaimed();
    }

    private InvalidOperationException NotClaimed() => new($"Message {Id} is not claimed: it was settled or released before, or belongs to another queue.");
}
