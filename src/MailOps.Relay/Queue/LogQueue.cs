using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// The embedded queue: an append-only log of segments with group commit, in one folder. docs/queue.md says what is on disk at each instant, and what a crash
/// there leaves.
/// </summary>
public sealed partial class LogQueue : IMailQueue, IQueueControl
{
    private readonly QueueFolder _folder;
    private readonly LogQueueSettings _settings;
    private readonly IMailTrace _trace;
    private readonly TimeProvider _clock;
    private readonly QueueIdSequence _ids;
    private readonly QueueIndex _index;
    private readonly RecentMemory _recent;
    private readonly SegmentLog _log;
    private readonly LogWriter _writer;
    private readonly FreeSpace _space;
    private readonly QueueReader _reader;
    private readonly SuspensionFile _suspended;
    private readonly SemaphoreSlim _changing = new(1);
    private bool _disposed;

    private LogQueue(QueueFolder folder, long minFreeSpace, Recovery found, SuspensionFile suspended, QueueIdSequence ids, IMailTrace trace, TimeProvider clock, LogQueueSettings settings)
    {
        (_folder, _settings, _trace, _clock, _ids, _suspended) = (folder, settings, trace, clock, ids, suspended);
        _recent = new RecentMemory(settings.RecentBytes);
        _index = new QueueIndex(found.Entries, suspended.Names, _recent, clock);
        _log = new SegmentLog(folder.Disk, folder.Log, folder.Digests, settings, ids, found.Segments, found.LastSequence);
        _reader = new QueueReader(_index, folder.Contents, folder.Digests, trace);
        _space = new FreeSpace(folder.Disk, folder.Log, minFreeSpace, settings.FreeSpaceAge, trace, clock);
        var compaction = new Compaction(_log, _index, folder.Digests, new SegmentRepair(folder.Disk, folder.Damaged, trace), trace, clock, settings);
        _writer = new LogWriter(_log, _index, compaction, folder.Contents, trace, clock, settings.WriteRetry);
    }

    /// <summary>Opens the queue in a folder, which is made where it does not exist, and reads what it holds.</summary>
    /// <param name="folder">The folder; one relay a folder.</param>
    /// <param name="minFreeSpace">Bytes that must stay free on its volume: below, new mail is refused with 452 4.3.1. What is left is for settling what was accepted.</param>
    /// <param name="trace">Told of damage and of faults of the disk.</param>
    /// <param name="clock">Tells what is due.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.RelayQueueUnusable"/>: another relay holds the folder, it cannot be written or read, or a later version wrote it.
    /// </exception>
    public static ValueTask<LogQueue> OpenAsync(string folder, long minFreeSpace, IMailTrace trace, TimeProvider clock, CancellationToken cancellationToken) =>
        OpenAsync(folder, minFreeSpace, trace, clock, new LocalDisk(), new LogQueueSettings(), cancellationToken);

    internal static async ValueTask<LogQueue> OpenAsync(
        string folder, long minFreeSpace, IMailTrace trace, TimeProvider clock, IQueueDisk disk, LogQueueSettings settings, CancellationToken cancellationToken) =>
        await Task.Run(
            () =>
            {
                var queueFolder = QueueFolder.Open(folder, disk);
                try
                {
                    var ids = new QueueIdSequence(clock);
                    var found = queueFolder.Recover(ids, trace, cancellationToken);
                    return new LogQueue(queueFolder, minFreeSpace, found, queueFolder.Suspended, ids, trace, clock, settings);
                }
                catch
                {
                    queueFolder.Dispose();
                    throw;
                }
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Where the server receives large content: on the same volume, so that a commit takes the file over by renaming it. Emptied at start. A file is closed, or
    /// shared for reading and writing, when it is committed.
    /// </summary>
    public string SpoolFolder => _folder.Spool;

    /// <inheritdoc/>
    public long Count => _index.Count;

    /// <summary>What a person should look at: damage; null as a rule.</summary>
    internal string? Warning => _folder.Warning;

    /// <summary>That the disk does not take what the queue writes; null as a rule.</summary>
    internal string? WriteWarning => _writer.Failure is { } failure
        ? $"The queue cannot write to its disk: {failure.Message} Until it can, new mail is refused and what was delivered cannot be recorded, so that delivery stands still. "
            + (DiskFault.IsFull(failure) ? "Make room on the volume of the queue." : "Look at the disk, and at the rights to the queue's folder.")
        : null;

    /// <summary>The memory that messages waiting for their first attempt take.</summary>
    internal long RecentBytes => _recent.Bytes;

    /// <inheritdoc/>
    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_disposed || _writer.IsClosing) return ValueTask.FromResult(new MailBegin(null, QueueReply.Closing));
        if (!_space.Allows(sender.DeclaredSize)) return ValueTask.FromResult(new MailBegin(null, QueueReply.NoSpace));
        return ValueTask.FromResult(new MailBegin(new LogTransaction(this, _ids.Next(), sender), QueueReply.SenderAccepted));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var claimed = new List<QueuedMessage>();
            var now = _clock.GetUtcNow().UtcTicks;
            var due = _index.TakeDue(limit, now, out var changed);
            foreach (var entry in due)
            {
                if (TryLoad(entry, now, out var isDamaged) is { } message) claimed.Add(message);
                else if (isDamaged && entry.IsToBeRemoved) DropUnreadable(entry);
                else _index.Release(entry, now + _settings.UnreadableRetry.Ticks);
            }
            if (claimed.Count > 0) return claimed;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        if (message is not ClaimedMessage claimed) throw new ArgumentException("It was not claimed from this queue.", nameof(message));
        var basis = claimed.Entry.Progress;   // before it is looked at: what an administrator changes meanwhile is not taken back
        var progress = Settled(claimed, settlements);
        claimed.End(this);
        return RecordAsync(
            Array.TrueForAll(progress, recipient => recipient.IsFinal)
                ? LogRecord.Removed(claimed.Entry.Id, claimed.Entry)
                : LogRecord.Settled(claimed.Entry, basis, progress, [.. settlements.Select(settlement => settlement.Index)], goesOn: false),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask SettleSomeAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        if (message is not ClaimedMessage claimed) throw new ArgumentException("It was not claimed from this queue.", nameof(message));
        var basis = claimed.Entry.Progress;
        var progress = Settled(claimed, settlements);
        int[] indexes = [.. settlements.Select(settlement => settlement.Index)];
        claimed.Settle(this, indexes, progress);
        return RecordAsync(LogRecord.Settled(claimed.Entry, basis, progress, indexes, goesOn: true), cancellationToken);
    }

    /// <inheritdoc/>
    public bool IsSuspended(string nextHop) => _index.IsSuspended(nextHop);

    /// <inheritdoc/>
    public void Park(QueuedMessage message, IReadOnlyCollection<int> recipients, string nextHop)
    {
        if (message is not ClaimedMessage claimed) throw new ArgumentException("It was not claimed from this queue.", nameof(message));
        _index.Park(claimed.Entry, recipients, nextHop);
    }

    /// <inheritdoc/>
    public void Release(QueuedMessage message)
    {
        if (message is not ClaimedMessage claimed) throw new ArgumentException("It was not claimed from this queue.", nameof(message));
        claimed.End(this);
        _index.Release(claimed.Entry);
    }

    /// <inheritdoc/>
    public void SetAside(QueuedMessage message, IReadOnlyCollection<int> recipients, object line, DateTimeOffset until)
    {
        if (message is not ClaimedMessage claimed) throw new ArgumentException("It was not claimed from this queue.", nameof(message));
        _index.SetAside(claimed.Entry, recipients, line, until.UtcTicks, line is IWaitingLine { IsStuck: true });
    }

    /// <inheritdoc/>
    public int BringBack(object line, int count) => _index.BringBack(line, count);

    /// <inheritdoc/>
    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken) => _index.WaitUntilEmptyAsync(cancellationToken);

    /// <inheritdoc/>
    public IEnumerable<QueuedMessageState> Snapshot()
    {
        foreach (var entry in _index.ToArray())
        {
            if (State(entry) is { } state) yield return state;
        }
    }

    /// <summary>Writes what waits, and gives the folder back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        try
        {
            await _writer.CloseAsync().ConfigureAwait(false);
            _index.Dispose();
            _log.Dispose();
        }
        finally
        {
            _folder.Dispose();   // another relay may have it, whatever became of this one
        }
    }

    /// <summary>Makes an accepted message durable; null when it is, otherwise why not.</summary>
    internal async ValueTask<Exception?> AcceptAsync(QueueId id, MailSender sender, IReadOnlyList<MailRecipient> recipients, MailContent content)
    {
        QueueEntry entry;
        LogRecord record;
        try
        {
            var received = _clock.GetUtcNow().UtcTicks;
            _space.Take(content.Length);
            var inFile = !content.TryGetMemory(out var bytes) ? content.TryGetFile(out _) || content.Length > _settings.LargeContent : bytes.Length > _settings.LargeContent;
            // RFC 8689 section 4.1: a field in the header that counts as the sender's word; with REQUIRETLS it has no meaning.
            if (!sender.RequireTls && TlsRequiredField.SaysNo(content)) sender = sender with { TlsOptional = true };
            uint? checksum = null;
            if (inFile) checksum = await Task.Run(() => _folder.Contents.Store(id, content)).ConfigureAwait(false);   // it waits for the disk, and its caller may serve others
            else if (bytes.Length != content.Length) bytes = ReadWhole(content);
            var envelope = new Envelope(id, received, sender, recipients, content.Length, inFile) { ContentChecksum = checksum };
            entry = new QueueEntry(envelope.Summary) { Lane = envelope.Lane };
            record = LogRecord.Accepted(envelope, entry, inFile ? default : bytes);
            Keep(entry, envelope, record.Content);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            _trace.Fault($"queue, message {id}, taking its content", exception);
            return exception;
        }
        var failure = await _writer.AppendAsync(record).ConfigureAwait(false);
        if (!_settings.AnswersOnWriter) await Task.Yield();
        if (failure is not null) _recent.Forget(entry);
        return failure;
    }

    /// <summary>Opens the content of a claimed message.</summary>
    internal MailContent OpenContent(QueueEntry entry, RecentMessage? recent) => _reader.OpenContent(entry, recent);

    private static byte[] ReadWhole(MailContent content)
    {
        var bytes = new byte[content.Length];
        using var stream = content.OpenRead();
        stream.ReadExactly(bytes);
        return bytes;
    }

    // The caller takes its memory back when the commit returns, so what is kept is a copy.
    private void Keep(QueueEntry entry, Envelope envelope, ReadOnlyMemory<byte> content)
    {
        if (content.Length <= _settings.RecentContent && _recent.Allows(entry.Lane, RecentMessage.CostOf(envelope, content.Length))) _recent.Keep(entry, new RecentMessage(envelope, content.ToArray()));
    }

    // An administrator wants it gone, and of it nothing is known but where it is: nobody can be told.
    private void DropUnreadable(QueueEntry entry)
    {
        _trace.Fault($"queue, message {entry.Id}", new InvalidDataException("It is removed as was asked for; its sender cannot be told, for its envelope cannot be read."));
        _writer.Append([LogRecord.Removed(entry.Id, entry)]);
    }

    private ClaimedMessage? TryLoad(QueueEntry entry, long now, out bool isDamaged)
    {
        if (_reader.TryReadEnvelope(entry, out isDamaged) is not { } envelope) return null;
        entry.Lane = envelope.Lane;
        var due = new List<QueuedRecipient>(envelope.Recipients.Count);
        for (var i = 0; i < envelope.Recipients.Count; i++)
        {
            var progress = entry.Progress is { } all ? all[i] : default;
            if (!progress.IsFinal && (progress.NextAttempt <= now || entry.IsToBeRemoved)) due.Add(new QueuedRecipient(i, envelope.Recipients[i], progress.Attempts, progress.DelayNotified) { LastAttempt = Time(progress.LastAttempt) });
        }
        return new ClaimedMessage(this, entry, envelope, due);
    }

    private async ValueTask RecordAsync(LogRecord record, CancellationToken cancellationToken)
    {
        var failure = await _writer.AppendAsync(record).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!_settings.AnswersOnWriter) await Task.Yield();
        if (failure is not null) throw new IOException($"What became of message {record.Id} could not be recorded: {failure.Message}", failure);
    }

    private RecipientProgress[] Settled(ClaimedMessage claimed, IReadOnlyList<Settlement> settlements)
    {
        var progress = claimed.Progress();
        var now = _clock.GetUtcNow().UtcTicks;
        var due = claimed.Unsettled();
        foreach (var settlement in settlements)
        {
            var (index, outcome, next, notified) = settlement;
            if (!due.Remove(index)) throw new ArgumentException($"Recipient {index} of message {claimed.Id} was not due, or is settled twice.", nameof(settlements));
            if (outcome.Status == DeliveryStatus.Deferred && next is null)
                throw new ArgumentException($"Recipient {index} of message {claimed.Id} is deferred, but not until when.", nameof(settlements));
            var (more, last) = settlement switch
            {
                { IsUntried: false } => (1, now),
                { Before: { } made } => (1, Math.Max(made.UtcTicks, progress[index].LastAttempt)),
                _ => (0, progress[index].LastAttempt),
            };
            var attempts = (ushort)Math.Min(progress[index].Attempts + more, ushort.MaxValue);
            progress[index] = new RecipientProgress(
                outcome.Status, attempts, notified || progress[index].DelayNotified, last, next?.UtcTicks ?? 0, SharedReply.Of(outcome.Reply.ToString()));
        }
        return progress;
    }

    private static QueuedRecipientState State(string address, QueueEntry entry, int recipient, RecipientProgress progress)
    {
        // What waits in a line has not been tried itself, and shares what became of the one that was.
        if (!progress.IsFinal && entry.LineOf(recipient) is IWaitingLine { State: { } line } && progress.NextAttempt < line.Until.UtcTicks)
            return new QueuedRecipientState(address, DeliveryStatus.Deferred, progress.Attempts, line.Until, line.Since, line.Reply);
        return new QueuedRecipientState(
            address,
            progress.Status,
            progress.Attempts,
            progress.IsFinal ? null : Time(progress.Status is null ? entry.FirstDue : progress.NextAttempt),
            Time(progress.LastAttempt),
            progress.LastReply);
    }

    private static DateTimeOffset? Time(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}
