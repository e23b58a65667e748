using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>A record on its way to the log, and the promise made to whoever waits for it.</summary>
internal sealed class LogRecord
{
    private readonly TaskCompletionSource<Exception?> _done;
    private readonly Memory<byte> _head;
    private readonly RecordHeader _header;
    private RecipientProgress[]? _basis;
    private IReadOnlyCollection<int> _changed = [];

    private LogRecord(RecordType type, QueueId id, QueueEntry? entry, FieldWriter fields, ReadOnlyMemory<byte> content, RecipientProgress[]? progress)
    {
        (Id, Entry, Content, Progress, _head) = (id, entry, content, progress, fields.Head);
        // Who brings or settles mail goes on where it is completed, on the writer's thread, which saves waking another for each message.
        _done = new(type == RecordType.Changed ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
        var body = _head.Span[RecordHeader.Size..];
        _header = new RecordHeader(type, body.Length, content.Length, Crc32C.Of(body), Crc32C.Of(content.Span));
    }

    public RecordType Type => _header.Type;

    public QueueId Id { get; }

    /// <summary>The message it speaks of; null for one that never was (see <see cref="TakenBack"/>).</summary>
    public QueueEntry? Entry { get; }

    /// <summary>How far the recipients are once this is durable.</summary>
    public RecipientProgress[]? Progress { get; }

    /// <summary>The message that is no more once this is durable, whether or not it ever was in the queue; its content goes after it.</summary>
    public QueueEntry? Leaving { get; private init; }

    /// <summary>What an administrator changes by it.</summary>
    public QueueChange? Change { get; private init; }

    /// <summary>Whether the message was still there when the change came true.</summary>
    public bool Found { get; set; }

    /// <summary>Whether delivery had the message when the change came true.</summary>
    public bool MetClaim { get; set; }

    /// <summary>Whether the message stays claimed.</summary>
    public bool GoesOn { get; private init; }

    /// <summary>Whether it must be written sooner or later, as nobody is there to ask for it again.</summary>
    public bool IsOwed { get; private init; }

    public ReadOnlyMemory<byte> Content { get; }

    public long Length => _header.Length;

    public RecordHeader Header => _header;

    public ReadOnlySpan<byte> Fields => _head.Span[RecordHeader.Size..];

    /// <summary>Where the writer put it.</summary>
    public RecordPlace Place { get; private set; }

    /// <summary>Completes when it is durable (null), or will never be (why).</summary>
    public Task<Exception?> Done => _done.Task;

    public static LogRecord Accepted(Envelope envelope, QueueEntry entry, ReadOnlyMemory<byte> content)
    {
        var fields = new FieldWriter(128 + (48 * envelope.Recipients.Count));
        envelope.Write(fields);
        return new LogRecord(RecordType.Accepted, envelope.Id, entry, fields, content, null);
    }

    public static LogRecord Moved(Envelope envelope, QueueEntry entry, ReadOnlyMemory<byte> content)
    {
        var fields = new FieldWriter(128 + (128 * envelope.Recipients.Count));
        envelope.Write(fields);
        for (var i = 0; i < envelope.Recipients.Count; i++) (entry.Progress is { } progress ? progress[i] : default).Write(fields);
        MessageExtensions.Write(fields, entry);
        return new LogRecord(RecordType.Moved, envelope.Id, entry, fields, content, entry.Progress);
    }

    /// <param name="entry">The message.</param>
    /// <param name="basis">All recipients as they were when that was worked out.</param>
    /// <param name="progress">All recipients as they will be.</param>
    /// <param name="changed">Those that changed; only they are written.</param>
    /// <param name="goesOn">Whether the message stays claimed, for others of its recipients are under way.</param>
    public static LogRecord Settled(QueueEntry entry, RecipientProgress[]? basis, RecipientProgress[] progress, IReadOnlyCollection<int> changed, bool goesOn)
    {
        var fields = new FieldWriter(16 + (128 * changed.Count));
        fields.UInt64(entry.Id.Value);
        fields.Number((uint)changed.Count);
        foreach (var index in changed)
        {
            fields.Number((uint)index);
            progress[index].Write(fields);
        }
        return new LogRecord(RecordType.Settled, entry.Id, entry, fields, default, progress) { IsOwed = true, GoesOn = goesOn, _basis = basis, _changed = changed };
    }

    /// <param name="entry">The message.</param>
    /// <param name="change">What changes of it.</param>
    /// <param name="owed">Whether it takes back what was refused but may be on disk.</param>
    public static LogRecord Changed(QueueEntry entry, QueueChange change, bool owed = false)
    {
        var fields = new FieldWriter(48);
        fields.UInt64(entry.Id.Value);
        change.Write(fields);
        return new LogRecord(RecordType.Changed, entry.Id, entry, fields, default, null) { Change = change, IsOwed = owed };
    }

    /// <summary>How far the recipients are once this is durable: of what an administrator changed since it was made, the recipients that it does not speak of keep that.</summary>
    public RecipientProgress[]? ProgressAfter(RecipientProgress[]? before)
    {
        if (before is null || ReferenceEquals(before, _basis)) return Progress;
        RecipientProgress[] after = [.. before];
        foreach (var index in _changed) after[index] = Progress![index];
        return after;
    }

    public static LogRecord Removed(QueueId id, QueueEntry entry) => Removed(id, entry, entry);

    /// <summary>Takes back an accepted record that was refused to its sender but may be on disk.</summary>
    public static LogRecord TakenBack(LogRecord refused) => Removed(refused.Id, null, refused.Entry!);

    private static LogRecord Removed(QueueId id, QueueEntry? entry, QueueEntry leaving)
    {
        var fields = new FieldWriter(sizeof(ulong));
        fields.UInt64(id.Value);
        return new LogRecord(RecordType.Removed, id, entry, fields, default, null) { IsOwed = true, Leaving = leaving };
    }

    /// <summary>Takes its place in a segment, and adds its bytes to what is written next.</summary>
    public void Take(Segment segment, long offset, List<ReadOnlyMemory<byte>> buffers)
    {
        Place = new RecordPlace(segment, offset, _header.Fields, _header.Content);
        _header.Write(_head.Span, segment.Header.Tag);
        buffers.Add(_head);
        if (!Content.IsEmpty) buffers.Add(Content);
    }

    public void Complete(Exception? failure) => _done.TrySetResult(failure);
}
