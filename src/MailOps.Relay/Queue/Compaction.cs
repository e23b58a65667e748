using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// Copies the messages that are still in the oldest segment to the end of the log, a little with each group, so that the segment can be deleted. It begins when
/// the log holds more dead bytes than live ones (and two segments), which bounds the disk used and copies no byte more often than one was accepted; or when
/// there are many more segments than the live bytes need, as after many restarts.
/// </summary>
/// <remarks>
/// Runs on the writer's thread, and its records go before the group's: so they hold exactly what is true before the group. Where a record is found damaged, the
/// segment is kept aside as at a start, so that one message does not hold up the log for good.
/// </remarks>
internal sealed class Compaction(SegmentLog log, QueueIndex index, SegmentDigests digests, SegmentRepair repair, IMailTrace trace, TimeProvider clock, LogQueueSettings settings)
{
    private const int RecordsATurn = 1024;
    private const long BytesATurn = 1 << 20;
    private const int SpareSegments = 16;

    private Segment? _source;
    private Segment? _through;
    private long _offset;
    private Queue<QueueEntry>? _rest;
    private Segment? _keptAside;
    private DateTimeOffset _notBefore;

    public bool IsDue => _source is not null || (IsWanted && clock.GetUtcNow() >= _notBefore);

    private bool IsWanted
    {
        get
        {
            if (log.Count < 2 || log.Oldest!.Pinned) return false;
            var live = log.LiveBytes;
            return log.Bytes - live > live + (2 * settings.SegmentSize) || log.Count > SpareSegments + (2 * (live / settings.SegmentSize));
        }
    }

    /// <summary>The next few messages to copy; none where the next lie further on, or the segment is through.</summary>
    public IReadOnlyList<LogRecord> Next()
    {
        var moved = new List<LogRecord>();
        if (_source is { Live: 0 }) _source = null;   // done before we were, and deleted
        if (!IsDue) return moved;
        if (_source is null) Begin(log.Oldest!);
        var source = _source!;
        try
        {
            long bytes = 0;
            for (var i = 0; i < RecordsATurn && bytes < BytesATurn && !IsThrough(source); i++)
            {
                if (NextEntry(source, moved) is not { } entry) continue;
                var record = Forward(source, entry);
                moved.Add(record);
                bytes += record.Length;
            }
            if (IsThrough(source)) (_through, _source) = (source, null);   // once written, they leave it without a live byte
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            // A disk may do tomorrow what it does not today.
            _notBefore = clock.GetUtcNow() + settings.UnreadableRetry;
            trace.Fault($"queue, copying forward from '{source.Path}', which stays until that is tried again at {_notBefore:u}", exception);
            Suspect(source);
            _source = _through = null;
        }
        return moved;
    }

    /// <summary>What was to be copied was not written: from the beginning, once it can be.</summary>
    public void Restart() => _source = _through = null;

    private void Begin(Segment source)
    {
        (_source, _offset, _rest) = (source, SegmentHeader.Size, null);
        if (source != _through) return;
        _rest = new(index.In(source));   // some of it was not found by its records
        if (_rest.Count > 0) return;
        source.Pinned = true;   // nor is it in memory: there is a fault in the counting, and nothing is deleted by it
        trace.Fault($"queue, copying forward from '{source.Path}'", new InvalidOperationException("It counts as holding messages that nobody knows of, and stays until the next start counts anew."));
    }

    private bool IsThrough(Segment source) => _rest is { } rest ? rest.Count == 0 : _offset >= source.End;

    /// <summary>The next message that is still in the segment; null where the record is of none.</summary>
    private QueueEntry? NextEntry(Segment source, List<LogRecord> moved)
    {
        if (_rest is { } rest) return rest.Dequeue() is var entry && index.At(entry.Id, source, entry.Place.Offset) is not null ? entry : null;
        try
        {
            return Step(source);
        }
        catch (InvalidDataException)
        {
            // Memory knows where they are, too; it is a look at every message, so the records come first.
            var done = moved.Select(record => record.Entry).ToHashSet();
            _rest = new(index.In(source).Where(entry => !done.Contains(entry)));
            return null;
        }
    }

    private QueueEntry? Step(Segment source)
    {
        Span<byte> bytes = stackalloc byte[RecordHeader.Size];
        source.File.Read(_offset, bytes);
        if (!RecordHeader.TryRead(bytes, source.Header.Tag, out var header))
            throw new InvalidDataException(FormattableString.Invariant($"There is no record at offset {_offset}."));
        var place = new RecordPlace(source, _offset, header.Fields, header.Content);
        _offset += header.Length;
        if (header.Type is not (RecordType.Accepted or RecordType.Moved)) return null;
        var id = new QueueId(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(source.Read(place, false).Fields.Span));
        return index.At(id, source, place.Offset);
    }

    private LogRecord Forward(Segment source, QueueEntry entry)
    {
        if (entry.Recent is { } recent) return LogRecord.Moved(recent.Envelope, entry, recent.Content);
        try
        {
            return LogRecord.Moved(ReadEnvelope(source, entry, withContent: true, out var content), entry, content);
        }
        catch (InvalidDataException exception)
        {
            return Damaged(source, entry, exception);
        }
    }

    /// <summary>
    /// Without its content a message stays queued as one whose file is gone, so that its sender is told in the end; without its envelope nobody can be told, and it
    /// leaves the queue.
    /// </summary>
    private LogRecord Damaged(Segment source, QueueEntry entry, InvalidDataException exception)
    {
        if (_keptAside != source)
        {
            var kept = repair.Keep(source);
            _keptAside = source;
            Suspect(source);
            trace.Fault($"queue, copying forward from '{source.Path}', which is kept as '{kept}'", exception);
        }
        try
        {
            var envelope = ReadEnvelope(source, entry, withContent: false, out _);
            entry.InFile = true;
            trace.Fault($"queue, copying forward; the content of message {entry.Id} is lost: it stays queued, and its sender will be told", exception);
            return LogRecord.Moved(envelope with { InFile = true }, entry, default);
        }
        catch (InvalidDataException) when (entry.Claimed)
        {
            throw new IOException($"Delivery has message {entry.Id}, whose envelope is damaged: it has to be over first.", exception);   // whose hands hold the envelope
        }
        catch (InvalidDataException)
        {
            entry.ContentIsDamaged = entry.InFile;   // it may be whole, and is kept aside too
            trace.Fault($"queue, copying forward; message {entry.Id} is lost, and its sender with it: nobody can be told", exception);
            return LogRecord.Removed(entry.Id, entry);
        }
    }

    private static Envelope ReadEnvelope(Segment source, QueueEntry entry, bool withContent, out ReadOnlyMemory<byte> content)
    {
        (var fields, var version, content) = source.Read(entry.Place, withContent);
        var reader = new FieldReader(fields.Span);
        return Envelope.Read(ref reader, version);
    }

    private void Suspect(Segment source)
    {
        source.Suspect = true;
        digests.Delete(source.Header.Sequence);   // the next start reads it whole
    }
}
