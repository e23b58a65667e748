using System.Buffers.Binary;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Queue;

/// <summary>
/// What a start needs of the segments, in a file for each: where the records are, and the part of their fields that the index keeps. A start with them reads a
/// thirtieth of the bytes. They are merely a cache: written without a flush when a segment is left for good, and believed only where their checksum is
/// right and they speak of a segment with this tag and this length; otherwise the segment itself is read.
/// </summary>
internal sealed class SegmentDigests(IQueueDisk disk, string folder)
{
    private const string Extension = ".digest";

    public string PathOf(ulong sequence) => Path.Combine(folder, Path.ChangeExtension(SegmentLog.FileName(sequence), Extension));

    /// <summary>Makes the file of one; there must be none.</summary>
    public IQueueFile Create(ulong sequence) => disk.Create(PathOf(sequence));

    /// <summary>One that cannot be deleted does no harm: that of a segment that is gone is never read.</summary>
    public void Delete(ulong sequence) => DiskFault.Ignored(() => disk.Delete(PathOf(sequence)));

    /// <summary>Deletes what is left of segments that are gone.</summary>
    public void DeleteAllBut(IEnumerable<ulong> sequences)
    {
        var gone = disk.Files(folder).ToHashSet();
        gone.ExceptWith(sequences.Select(PathOf));
        foreach (var path in gone) DiskFault.Ignored(() => disk.Delete(path));
    }

    /// <summary>The digest of a segment, or none: it is absent, torn, damaged, of another format or of another segment, which is all the same.</summary>
    /// <param name="segment">The segment's header.</param>
    /// <param name="length">The segment's length.</param>
    /// <param name="buffer">Made larger where it has to be.</param>
    /// <param name="records">For <see cref="DigestReader"/>.</param>
    public bool TryRead(SegmentHeader segment, long length, ref byte[] buffer, out ReadOnlyMemory<byte> records)
    {
        records = default;
        try
        {
            using var file = disk.Open(PathOf(segment.Sequence));
            if (file.Length is < DigestEnd.Size or > int.MaxValue) return false;
            var size = (int)file.Length;
            if (buffer.Length < size) buffer = new byte[size];
            if (file.Read(0, buffer.AsSpan(0, size)) != size) return false;
            var bytes = buffer.AsMemory(0, size - DigestEnd.Size);
            if (!DigestEnd.TryRead(buffer.AsSpan(bytes.Length, DigestEnd.Size), out var end)) return false;
            if (end.Tag != segment.Tag || end.SegmentEnd != length || end.RecordsCrc != Crc32C.Of(bytes.Span)) return false;
            records = bytes;
            return true;
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            return false;
        }
    }
}

/// <summary>The last 40 bytes of a digest, without which it is none: magic, version, what it speaks of, and its checksum.</summary>
/// <param name="Tag">The segment's tag.</param>
/// <param name="SegmentEnd">The segment's length.</param>
/// <param name="RecordsCrc">The checksum of all before.</param>
internal readonly record struct DigestEnd(ulong Tag, long SegmentEnd, uint RecordsCrc)
{
    public const int Size = 40;
    public const uint Version = 1;
    private const int Checked = Size - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "MailOpsD"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Tag);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), SegmentEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), RecordsCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Checked), Crc32C.Of(bytes.AsSpan(0, Checked)));
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out DigestEnd end)
    {
        end = default;
        if (!bytes.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[Checked..]) != Crc32C.Of(bytes[..Checked])) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Version) return false;
        end = new DigestEnd(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]));
        return true;
    }
}
