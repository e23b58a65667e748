using MailOps.Relay.Disk;

namespace MailOps.Relay.Queue;

/// <summary>Where the record that holds a message is.</summary>
internal readonly record struct RecordPlace(Segment Segment, long Offset, int Fields, int Content)
{
    public long Length => (long)RecordHeader.Size + Fields + Content;
}

/// <summary>One file of the log. Only the writer changes it; anybody reads records from it.</summary>
internal sealed class Segment(string path, IQueueFile file, SegmentHeader header, long end) : IDisposable
{
    public string Path => path;

    public IQueueFile File => file;

    public SegmentHeader Header => header;

    /// <summary>Where the next record goes: everything before is durable.</summary>
    public long End { get; set; } = end;

    /// <summary>The bytes of records that hold a message still in the queue.</summary>
    public long Live { get; set; }

    /// <summary>Not to be deleted before the next start: it holds damage that could not be kept aside, or a message that could not be read.</summary>
    public bool Pinned { get; set; }

    /// <summary>A record of it was found damaged: the next start is to read it whole, and has no digest of it.</summary>
    public bool Suspect { get; set; }

    /// <summary>Reads and checks a record: its fields with their version, and its content if asked for.</summary>
    /// <exception cref="InvalidDataException">The disk gave back something other than what was written.</exception>
    public (ReadOnlyMemory<byte> Fields, byte Version, ReadOnlyMemory<byte> Content) Read(RecordPlace place, bool withContent)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(RecordHeader.Size + place.Fields + (withContent ? place.Content : 0));
        var read = file.Read(place.Offset, bytes);
        var fields = bytes.AsMemory(RecordHeader.Size, place.Fields);
        var content = bytes.AsMemory(RecordHeader.Size + place.Fields);
        if (read != bytes.Length || !RecordHeader.TryRead(bytes, header.Tag, out var found)
            || !(withContent ? found.Matches(fields.Span, content.Span) : found.Matches(fields.Span)))
        {
            throw new InvalidDataException(FormattableString.Invariant($"The record at offset {place.Offset} of '{path}' is damaged."));
        }
        return (fields, found.Version, content);
    }

    public void Dispose() => file.Dispose();
}
