using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// Copies the messages that are still in the oldest segment to the end of the log, a little with each group, so that the segment can be deleted. It begins when
/// the log holds more dead bytes than live ones (and two segments), which bounds the disk used and copies no byte more often than one was accepted; or when
/// there are many more segments than the live bytes need, as after many restarts.
/// </summary>
/// <remarks>Runs on the writer's thread, and its records go before the group's: so they hold exactly what is true before the group.</remarks>
internal sealed class Compaction(SegmentLog log, QueueIndex index, SegmentDigests digests, IMailTrace trace, long segmentSize)
{
    private const int RecordsATurn = 1024;
    private const long BytesATurn = 1 << 20;
    private const int SpareSegments = 16;

    private Segment? _source;
    private Segment? _through;
    private long _offset;

    public bool IsDue => _source is not null || IsWanted;

    private bool IsWanted
    {
        get
        {
            if (log.Count < 2 || log.Oldest!.Pinned) return false;
            var live = log.LiveBytes;
            return log.Bytes - live > live + (2 * segmentSize) || log.Count > SpareSegments + (2 * (live / segmentSize));
        }
    }

    /// <summary>The next few messages to copy; none where the next lie further on, or the segment is through.</summary>
    public IReadOnlyList<LogRecord> Next()
    {
        var moved = new List<LogRecord>();
        if (_source is { Live: 0 }) _source = null;   // done before we were, and deleted
        if (!IsDue) return moved;
        if (_source is null) (_source, _offset) = (log.Oldest!, SegmentHeader.Size);
        var source = _source;
        try
        {
            if (source == _through) throw new InvalidDataException("Not all of its messages were found in it.");
            long bytes = 0;
            for (var i = 0; i < RecordsATurn && bytes < BytesATurn && _offset < source.End; i++)
            {
                if (Copy(source) is not { } record) continue;
                moved.Add(record);
                bytes += record.Length;
            }
            if (_offset >= source.End) (_through, _source) = (source, null);   // once written, they leave it without a live byte
        }
        catch (Exception exception) when (DiskFault.Is(exception) || exception is InvalidDataException)
        {
            trace.Fault($"queue, copying forward from '{source.Path}', which is kept as it is", exception);
            source.Pinned = source.Suspect = true;
            digests.Delete(source.Header.Sequence);
            _source = null;
        }
        return moved;
    }

    /// <summary>What was to be copied was not written: from the beginning, once it can be.</summary>
    public void Restart() => _source = _through = null;

    private LogRecord? Copy(Segment source)
    {
        Span<byte> bytes = stackalloc byte[RecordHeader.Size];
        source.File.Read(_offset, bytes);
        if (!RecordHeader.TryRead(bytes, source.Header.Tag, out var header))
            throw new InvalidDataException(FormattableString.Invariant($"There is no record at offset {_offset}."));
        var place = new RecordPlace(source, _offset, header.Fields, header.Content);
        _offset += header.Length;
        if (header.Type is not (RecordType.Accepted or RecordType.Moved)) return null;
        var id = new QueueId(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(source.Read(place, false).Fields.Span));
        if (index.At(id, source, place.Offset) is not { } entry) return null;
        var (fields, version, content) = source.Read(place, true);
        var reader = new FieldReader(fields.Span);
        return LogRecord.Moved(Envelope.Read(ref reader, version), entry, content);
    }
}
