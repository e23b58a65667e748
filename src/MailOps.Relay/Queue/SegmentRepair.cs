using System.Buffers.Binary;
using System.Globalization;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// Makes a damaged segment whole again after keeping the original aside, so that damage is reported once and not at each start: a damaged part becomes a record
/// that says "skipped" with the bytes that were there, a torn tail is cut. Until the original is aside, nothing of it is changed.
/// </summary>
internal sealed class SegmentRepair(IQueueDisk disk, string damagedFolder, IMailTrace trace)
{
    /// <summary>What the kept end of a segment has behind its name, where a write was not finished: nobody was answered for it, so nobody need look.</summary>
    public const string TornExtension = ".torn";

    /// <summary>The tag of the first record: what is left to go by where the segment's own header is damaged.</summary>
    public static ulong FirstTag(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SegmentHeader.Size + RecordHeader.Size) return 0;
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[SegmentHeader.Size..]);
    }

    /// <param name="segment">The segment; its end is moved to where its whole records end.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="scan">What the walk found, after the walk.</param>
    /// <param name="headerIsWhole">Whether its header was.</param>
    /// <param name="allRead">Whether zeros in it are what the disk holds, and not what it could not read.</param>
    public void Mend(Segment segment, ReadOnlyMemory<byte> bytes, SegmentScan scan, bool headerIsWhole, bool allRead)
    {
        segment.End = scan.End;
        var length = bytes.Length;
        bytes = bytes[..(scan.End + bytes.Span[scan.End..].TrimEnd((byte)0).Length)];   // zeros are the room for what was never written
        if (!allRead)
        {
            segment.Pinned = true;   // the disk may read tomorrow what it does not today
            trace.Fault("queue, start", new IOException(Report(segment.Path, length, scan, headerIsWhole, "could not be read whole and stays as it is")));
            return;
        }
        if (headerIsWhole && scan.Damage.Count == 0 && scan.End == bytes.Length)
        {
            if (scan.End < length) DiskFault.Ignored(() => segment.File.Truncate(scan.End));
            return;
        }
        try
        {
            // An unfinished write leaves nothing behind that matters; damage in the middle may be a message.
            var torn = headerIsWhole && scan.Damage.Count == 0;
            var kept = Keep(segment.Path, torn ? TornExtension : ".log", torn ? bytes[scan.End..] : bytes);
            if (!headerIsWhole) segment.File.Write(0, [segment.Header.ToBytes()]);
            foreach (var part in scan.Damage) segment.File.Write(part.Start, [Skipped(bytes.Span, part, segment.Header.Tag)]);
            segment.File.Truncate(scan.End);
            segment.File.Flush();
            trace.Fault("queue, start", new InvalidDataException(Report(segment.Path, bytes.Length, scan, headerIsWhole, $"is kept as '{kept}'")));
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            segment.Pinned = true;
            trace.Fault("queue, start", new IOException(Report(segment.Path, bytes.Length, scan, headerIsWhole, "could not be kept aside and stays as it is"), exception));
        }
    }

    /// <summary>Keeps all that was written to a segment aside, as it is now; the name of the copy.</summary>
    /// <exception cref="IOException">It cannot be read, or the copy not be written.</exception>
    public string Keep(Segment segment)
    {
        var bytes = new byte[checked((int)segment.End)];
        segment.File.Read(0, bytes);
        return Keep(segment.Path, ".log", bytes);
    }

    private string Keep(string path, string extension, ReadOnlyMemory<byte> bytes)
    {
        disk.CreateFolder(damagedFolder);
        var taken = disk.Files(damagedFolder).ToHashSet();
        var number = 1;
        string target;
        while (taken.Contains(target = Path.Combine(damagedFolder, Path.GetFileNameWithoutExtension(path) + "-" + number++.ToString(CultureInfo.InvariantCulture) + extension)))
        {
            if (Holds(target, bytes.Span)) return target;   // kept before, by a start or a run that was ended before its repair
        }
        using var file = disk.Create(target);
        try
        {
            file.Write(0, [bytes]);
            file.Flush();
            disk.FlushFolder(damagedFolder);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            DiskFault.Ignored(() => disk.Delete(target));   // half a copy helps nobody, and the room is missed
            throw;
        }
        return target;
    }

    private bool Holds(string path, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var file = disk.Open(path);
            if (file.Length != bytes.Length) return false;
            var kept = new byte[bytes.Length];
            return file.Read(0, kept) == kept.Length && bytes.SequenceEqual(kept);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            return false;   // a copy that cannot be read is none
        }
    }

    private static byte[] Skipped(ReadOnlySpan<byte> bytes, DamagedPart part, ulong tag)
    {
        var rest = bytes[(part.Start + RecordHeader.Size)..part.End];
        var header = new byte[RecordHeader.Size];
        new RecordHeader(RecordType.Skipped, 0, rest.Length, Crc32C.Of([]), Crc32C.Of(rest)).Write(header, tag);
        return header;
    }

    private static string Report(string path, int length, SegmentScan scan, bool headerIsWhole, string fate)
    {
        var parts = new List<string>();
        if (!headerIsWhole) parts.Add("the segment's header");
        parts.AddRange(scan.Damage.Select(part => part.What));
        if (scan.End < length) parts.Add(FormattableString.Invariant($"the last {length - scan.End} bytes, of a write that was not finished, at offset {scan.End}"));
        return $"The queue segment '{path}' is not whole; skipped: {string.Join(", ", parts)}. The original {fate}.";
    }
}
