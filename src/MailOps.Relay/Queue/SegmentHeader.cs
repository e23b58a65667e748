using System.Buffers.Binary;

namespace MailOps.Relay.Queue;

/// <summary>The first 48 bytes of a segment.</summary>
/// <param name="Version">The format's version; a reader refuses a later one.</param>
/// <param name="Sequence">The number in the file's name.</param>
/// <param name="Tag">
/// Eight random bytes that begin each record of this segment: what a scan after damage looks for. Being random, they cannot be in a message whose
/// sender would like his own bytes read as records.
/// </param>
/// <param name="LastId">The highest id given out before, so that ids stay unique though all messages are gone and the clock went back.</param>
internal readonly record struct SegmentHeader(uint Version, ulong Sequence, ulong Tag, QueueId LastId)
{
    public const int Size = 48;
    public const uint CurrentVersion = 2;
    private const int Checked = Size - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "MailOpsQ"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Tag);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), LastId.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Checked), Crc32C.Of(bytes.AsSpan(0, Checked)));
        return bytes;
    }

    /// <summary>False where the bytes are none, or damaged. The place of magic, version and checksum stays the same in all versions.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < Size || !bytes.StartsWith(Magic)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[Checked..]) != Crc32C.Of(bytes[..Checked])) return false;
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            new QueueId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..])));
        return true;
    }
}
