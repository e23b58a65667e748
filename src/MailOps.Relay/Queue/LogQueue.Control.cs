using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <content>What administrators do with the queue.</content>
public sealed partial class LogQueue
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> SuspendedHops => _suspended.Names;

    /// <inheritdoc/>
    public async ValueTask SuspendHopsAsync(IReadOnlyCollection<string> names, bool suspend, CancellationToken cancellationToken)
    {
        var changed = new HashSet<string>(names, StringComparer.OrdinalIgnoreCase);
        await Task.Run(
            () =>
            {
                lock (_suspended)   // the index must hear of changes in their order
                    _index.Suspend(_suspended.Change(before => suspend ? before.Concat(changed) : before.Where(name => !changed.Contains(name))));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<QueueChanged>> ChangeAsync(IReadOnlyList<string> ids, QueueChange change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);   // what was promised to one must be known to the next
        try
        {
            return await ChangeInTurnAsync(ids, change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<QueueChanged[]> ChangeInTurnAsync(IReadOnlyList<string> ids, QueueChange change, CancellationToken cancellationToken)
    {
        var (entries, records) = (new QueueEntry?[ids.Count], new LogRecord?[ids.Count]);
        for (var i = 0; i < ids.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!QueueId.TryParse(ids[i], out var id) || _index.Find(id) is not { } entry) continue;
            entries[i] = entry;
            if (!(entry.IsToBeRemoved && change.Hold is MessageHold.None or MessageHold.Suspended)) records[i] = LogRecord.Changed(entry, change);
        }
        _writer.Append([.. records.OfType<LogRecord>()]);
        // From here on it is not cancelled: what is handed over becomes durable, and the caller should know.
        var changed = new QueueChanged[ids.Count];
        for (var i = 0; i < ids.Count; i++)
        {
            if (entries[i] is not { } entry) continue;
            var failure = records[i] is { } record ? await record.Done.ConfigureAwait(false) : new InvalidOperationException("It is to be removed, as it was asked for before.");
            // What it was changed to may have had it claimed, and even delivered, since.
            var found = records[i] is { } made && failure is null ? made.Found : _index.Look(entry).Queued;
            changed[i] = new QueueChanged(found, records[i]?.MetClaim ?? false, found ? failure : null);
        }
        return changed;
    }

    /// <inheritdoc/>
    public QueuedMessage? TryClaim(string id)
    {
        if (!QueueId.TryParse(id, out var parsed) || _index.TryTake(parsed) is not { } entry) return null;
        if (TryLoad(entry, long.MaxValue, out _) is { } message) return message;
        _index.Release(entry);
        return null;
    }

    /// <inheritdoc/>
    public QueuedMessageState? Find(string id) => QueueId.TryParse(id, out var parsed) && _index.Find(parsed) is { } entry ? State(entry) : null;

    /// <inheritdoc/>
    public bool IsHeld(string id) =>
        QueueId.TryParse(id, out var parsed) && _index.Find(parsed)?.Progress is { } progress
        && Array.Exists(progress, recipient => recipient.Status == DeliveryStatus.Deferred && recipient.NextAttempt == QueuedRecipientState.Never.UtcTicks);

    /// <inheritdoc/>
    public IEnumerable<QueuedSketch> Sketches() => _index.ToArray().Select(entry => new Sketch(this, entry));

    /// <inheritdoc/>
    public MailContent? OpenContent(string id)
    {
        if (!QueueId.TryParse(id, out var parsed) || _index.Find(parsed) is not { } entry) return null;
        try
        {
            return _reader.OpenContent(entry, entry.Recent);
        }
        catch (Exception exception) when ((exception is IOException or ObjectDisposedException) && !_index.Look(entry).Queued)
        {
            return null;   // delivered and deleted between the look and the read
        }
    }

    private QueuedMessageState? State(QueueEntry entry)
    {
        var (_, progress, claimed, queued) = _index.Look(entry);
        if (!queued || _reader.TryReadEnvelope(entry) is not { } envelope) return null;
        var recipients = envelope.Recipients.Select((recipient, i) => State(recipient.ForwardPath.ToString(), entry, i, progress is null ? default : progress[i]));
        return new QueuedMessageState(
            entry.Id.ToString(), envelope.Sender.ReversePath?.ToString(), envelope.Sender.Origin?.ClientAddress.ToString(), Time(envelope.Received)!.Value, entry.Size, claimed,
            [.. recipients])
        {
            HoldUntil = envelope.Sender.HoldUntil,
            Hold = entry.Hold,
            Redirect = entry.Redirect,
            Sender = envelope.Sender,
        };
    }

    private sealed class Sketch(LogQueue queue, QueueEntry entry) : QueuedSketch
    {
        private readonly RecipientProgress[]? _progress = entry.Progress;

        public override string Id => entry.Id.ToString();

        public override bool Claimed => entry.Claimed;

        public override MessageHold Hold => entry.Hold;

        public override string? Redirect => entry.Redirect;

        public override int Recipients => entry.Recipients;

        public override object? Remembered
        {
            get => entry.Remembered;
            set => entry.Remembered = value;
        }

        public override QueuedRecipientState this[int recipient] => State("", entry, recipient, _progress is null ? default : _progress[recipient]);

        public override QueuedAddresses? ReadAddresses() =>
            queue._reader.TryReadEnvelope(entry) is { } envelope ? new(envelope.Sender, [.. envelope.Recipients.Select(recipient => recipient.ForwardPath)]) : null;
    }
}
