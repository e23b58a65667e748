using System.Buffers.Binary;

namespace MailOps.Relay.Queue;

/// <summary>A whole record of a segment.</summary>
internal readonly record struct ScannedRecord(long Offset, RecordHeader Header, ReadOnlyMemory<byte> Fields);

/// <summary>Bytes of a segment that are no whole record, though a whole record follows.</summary>
/// <param name="Start">Offset of the first.</param>
/// <param name="End">Offset behind the last.</param>
/// <param name="What">What can still be said about them.</param>
internal readonly record struct DamagedPart(int Start, int End, string What);

/// <summary>
/// Walks the records of a segment. Where one is not whole it looks for the next that is: at the place where the header, if that is whole, says; else for the next
/// tag with a whole record behind it. Without one, the rest is the tail of an unfinished write.
/// </summary>
internal sealed class SegmentScan(ReadOnlyMemory<byte> bytes, ulong tag)
{
    private readonly byte[] _tag = BitConverter.GetBytes(BitConverter.IsLittleEndian ? tag : BinaryPrimitives.ReverseEndianness(tag));

    public List<DamagedPart> Damage { get; } = [];

    /// <summary>Where the last whole record ends.</summary>
    public int End { get; private set; } = SegmentHeader.Size;

    public IEnumerable<ScannedRecord> Records()
    {
        while (Next(End) is { } record)
        {
            if (record.Offset > End) Damage.Add(new DamagedPart(End, (int)record.Offset, Describe(End)));
            End = (int)(record.Offset + record.Header.Length);
            yield return record;
        }
    }

    private ScannedRecord? Next(int offset)
    {
        var last = bytes.Length - RecordHeader.Size;
        while (offset <= last)
        {
            if (RecordHeader.TryRead(bytes.Span[offset..], tag, out var header) && offset + header.Length <= bytes.Length)
            {
                var fields = bytes.Slice(offset + RecordHeader.Size, header.Fields);
                if (header.Matches(fields.Span, bytes.Span.Slice(offset + RecordHeader.Size + header.Fields, header.Content)))
                    return new ScannedRecord(offset, header, fields);
                offset += (int)header.Length;
                continue;
            }
            var found = bytes.Span[(offset + 1)..].IndexOf(_tag);
            if (found < 0) return null;
            offset += 1 + found;
        }
        return null;
    }

    /// <summary>Names the record that was there, and its message where that can still be read: a person will want to look for it.</summary>
    private string Describe(int offset)
    {
        var place = FormattableString.Invariant($"offset {offset}");
        if (!RecordHeader.TryRead(bytes.Span[offset..], tag, out var header)) return place;
        var fields = bytes.Span[(offset + RecordHeader.Size)..];
        if (header.Fields < sizeof(ulong) || fields.Length < header.Fields || !header.Matches(fields[..header.Fields])) return $"{place} ({header.Type})";
        return $"{place} ({header.Type}, message {new QueueId(BinaryPrimitives.ReadUInt64LittleEndian(fields))})";
    }
}
