using MailOps.Relay.Disk;

namespace MailOps.Relay.Queue;

/// <summary>
/// Writes the digest of a segment while the segment is written, a little at a time, so that it takes no memory; with its last bytes, once the segment is left,
/// it becomes one. The disk's faults end it and nothing else: the next start reads the segment instead.
/// </summary>
internal sealed class DigestWriter(SegmentDigests digests) : IDisposable
{
    private const int WriteAtOnce = 64 << 10;

    private readonly FieldWriter _records = new(WriteAtOnce + 1024);
    private ulong _sequence;
    private IQueueFile? _file;
    private long _written;
    private uint _crc;
    private long _end;
    private bool _over = true;

    /// <summary>Begins that of another segment; what was begun and not finished is dropped.</summary>
    public void Begin(ulong sequence)
    {
        Drop();
        (_sequence, _written, _crc, _end, _over) = (sequence, 0, 0, SegmentHeader.Size, false);
    }

    /// <param name="offset">Where the record is.</param>
    /// <param name="header">Its header.</param>
    /// <param name="fields">All its fields.</param>
    public void Add(long offset, in RecordHeader header, ReadOnlySpan<byte> fields)
    {
        if (_over) return;
        _records.Byte((byte)header.Type);
        _records.Byte(header.Version);
        _records.Number((uint)(offset - _end));
        _records.Number((uint)header.Fields);
        _records.Number((uint)header.Content);
        if (header.Type is RecordType.Accepted or RecordType.Moved)
        {
            var (summary, envelope) = EnvelopeSummary.Measure(fields, header.Version);
            _records.Bytes(fields[..summary], fields[envelope..]);
        }
        else
        {
            _records.Bytes(fields);
        }
        _end = offset + header.Length;
        if (_records.Fields.Length >= WriteAtOnce) Write([]);
    }

    /// <summary>Finishes it: the segment holds these records and will never hold another.</summary>
    public void Finish(Segment segment)
    {
        if (_over) return;
        var crc = Crc32C.Of(_records.Fields, _crc);
        Write(new DigestEnd(segment.Header.Tag, segment.End, crc).ToBytes());
        if (_over) return;
        _file!.Dispose();
        (_file, _over) = (null, true);
    }

    /// <summary>There will be none for this segment.</summary>
    public void Drop()
    {
        _records.Clear();
        _over = true;
        if (_file is null) return;
        _file.Dispose();
        _file = null;
        digests.Delete(_sequence);
    }

    public void Dispose() => Drop();

    private void Write(byte[] end)
    {
        try
        {
            _file ??= digests.Create(_sequence);
            var records = _records.Head[RecordHeader.Size..];
            _file.Write(_written, [records, end]);
            _written += records.Length;
            _crc = Crc32C.Of(records.Span, _crc);
            _records.Clear();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            Drop();
        }
    }
}
