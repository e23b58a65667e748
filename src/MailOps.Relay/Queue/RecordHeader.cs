using System.Buffers.Binary;

namespace MailOps.Relay.Queue;

/// <summary>What a record says. The numbers are on disk: none is ever used for something else.</summary>
internal enum RecordType : byte
{
    /// <summary>A message was accepted: envelope, and its content or where that is.</summary>
    Accepted = 1,
    /// <summary>A message was copied forward out of an old segment: as accepted, and how far each recipient is. It replaces all that was said before.</summary>
    Moved = 2,
    /// <summary>An attempt is over: how far the recipients tried are.</summary>
    Settled = 3,
    /// <summary>Nothing is left to do for a message.</summary>
    Removed = 4,
    /// <summary>Bytes that were damaged, made whole to step over; the original was kept aside.</summary>
    Skipped = 5,
    /// <summary>An administrator changed a message: suspended, resumed, to be removed, redirected, due at another time.</summary>
    Changed = 6,
}

/// <summary>
/// The 32 bytes before each record's fields and content. Fields and content have checksums of their own, so that an envelope can be read without
/// the content; the header has one so that its lengths can be trusted when what follows is damaged.
/// </summary>
/// <param name="Type">What the record says.</param>
/// <param name="Fields">The length of its fields.</param>
/// <param name="Content">The length of its content.</param>
/// <param name="FieldsCrc">The checksum of the fields.</param>
/// <param name="ContentCrc">The checksum of the content.</param>
/// <param name="Version">The format of the fields. It is asked here and not of the segment, whose header may be the part that is damaged.</param>
internal readonly record struct RecordHeader(RecordType Type, int Fields, int Content, uint FieldsCrc, uint ContentCrc, byte Version = RecordHeader.CurrentVersion)
{
    public const int Size = 32;
    public const byte CurrentVersion = 2;
    private const int Checked = Size - sizeof(uint);

    /// <summary>The length of the whole record.</summary>
    public long Length => (long)Size + Fields + Content;

    public void Write(Span<byte> bytes, ulong tag)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, tag);
        bytes[8] = (byte)Type;
        bytes[9] = Version;
        bytes[10] = bytes[11] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Fields);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], Content);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], FieldsCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], ContentCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[Checked..], Crc32C.Of(bytes[..Checked]));
    }

    /// <summary>False where no whole header of this segment is there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong tag, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != tag) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[Checked..]) != Crc32C.Of(bytes[..Checked])) return false;
        header = new RecordHeader(
            (RecordType)bytes[8],
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            bytes[9]);
        return header is { Fields: >= 0, Content: >= 0 };
    }

    public bool Matches(ReadOnlySpan<byte> fields) => Crc32C.Of(fields) == FieldsCrc;

    public bool Matches(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> content) => Matches(fields) && Crc32C.Of(content) == ContentCrc;
}
