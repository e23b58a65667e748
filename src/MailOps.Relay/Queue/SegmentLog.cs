using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Queue;

/// <summary>
/// The segments, oldest first, of which the last is written to. They are deleted strictly from the old end: so whatever a record settles or removes lies
/// in the same segment or an older one, and is never left behind without it.
/// </summary>
internal sealed class SegmentLog(
    IQueueDisk disk, string folder, SegmentDigests digests, LogQueueSettings settings, QueueIdSequence ids, IReadOnlyList<Segment> recovered, ulong lastSequence) : IDisposable
{
    private readonly byte[] _zeros = new byte[settings.Room];
    private readonly List<Segment> _segments = [.. recovered];
    private readonly List<ReadOnlyMemory<byte>> _buffers = [];
    private readonly DigestWriter _digest = new(digests);
    private ulong _sequence = lastSequence;
    private Segment? _current;
    private long _fileEnd;
    private bool _roomIsMade = true;

    public int Count => _segments.Count;

    public Segment? Oldest => _segments is [var first, ..] ? first : null;

    public long LiveBytes => _segments.Sum(segment => segment.Live);

    public long Bytes => _segments.Sum(segment => segment.End);

    public static string FileName(ulong sequence) => sequence.ToString("D10", CultureInfo.InvariantCulture) + ".log";

    /// <summary>
    /// Writes as many of the records as fit into a segment, at least one, with one write and one flush: when it returns they are durable.
    /// A failure cuts what was written and leaves the segment for good: after a failed fsync nobody knows what a file holds.
    /// </summary>
    /// <returns>How many were written.</returns>
    /// <exception cref="LogWriteException">None was.</exception>
    public int Append(ReadOnlySpan<LogRecord> records)
    {
        Segment segment;
        try
        {
            segment = Writable(records[0].Length);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            throw new LogWriteException(exception, mayBeOnDisk: false);
        }
        _buffers.Clear();
        var (offset, count) = (segment.End, 0);
        while (count < records.Length && (count == 0 || offset + records[count].Length <= settings.SegmentSize))
        {
            records[count].Take(segment, offset, _buffers);
            offset += records[count++].Length;
        }
        var room = MakeRoom(segment.End, offset);
        try
        {
            segment.File.Write(segment.End, _buffers);
            segment.File.Flush();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            _current = null;
            _digest.Drop();   // who knows what the segment holds: the next start looks
            _roomIsMade = false;
            var isCut = Cut(segment);
            if (isCut && segment.End == SegmentHeader.Size) Abandon(segment);
            if (room > 0 && isCut && DiskFault.IsFull(exception)) return Append(records);   // without zeros they may still fit
            throw new LogWriteException(exception, mayBeOnDisk: !isCut);
        }
        foreach (var record in records[..count]) _digest.Add(record.Place.Offset, record.Header, record.Fields);
        (segment.End, _fileEnd) = (offset, Math.Max(_fileEnd, offset + room));
        return count;
    }

    /// <summary>
    /// A flush of bytes that lie within the file is half the work of one that makes the file longer, for then the file system has its own journal to flush too.
    /// So a group that makes the file longer brings zeros along for the next ones. Not a large one: its own bytes are the work, and zeros would add to it.
    /// </summary>
    /// <returns>How many zeros follow the group.</returns>
    private long MakeRoom(long start, long end)
    {
        if (!_roomIsMade || end <= _fileEnd || end - start > _zeros.Length / 4) return 0;
        var room = (int)Math.Clamp(settings.SegmentSize - end, 0, _zeros.Length);
        if (room > 0) _buffers.Add(_zeros.AsMemory(0, room));
        return room;
    }

    /// <summary>
    /// Deletes what holds no message any more, from the old end; the newest stays, for it knows the last id. One that cannot be deleted holds up the newer ones:
    /// if they went first, what they removed would be back.
    /// </summary>
    public void DeleteDead()
    {
        while (_segments is [{ Live: 0, Pinned: false } dead, _, ..])
        {
            dead.Pinned = true;
            dead.Dispose();
            disk.Delete(dead.Path);
            disk.FlushFolder(folder);
            digests.Delete(dead.Header.Sequence);
            _segments.RemoveAt(0);
        }
    }

    /// <summary>Closes the files. What was written last gets its digest too, so that the next start need not read it.</summary>
    public void Dispose()
    {
        Leave();
        _digest.Dispose();
        foreach (var segment in _segments) segment.Dispose();
    }

    private Segment Writable(long length)
    {
        if (_current is { } current && (current.End == SegmentHeader.Size || current.End + length <= settings.SegmentSize)) return current;
        var header = new SegmentHeader(SegmentHeader.CurrentVersion, ++_sequence, BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)), ids.Last);
        var path = Path.Combine(folder, FileName(_sequence));
        var file = disk.Create(path);
        try
        {
            file.Write(0, [header.ToBytes()]);
            file.Flush();
            disk.FlushFolder(folder);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            file.Dispose();
            DiskFault.Ignored(() => disk.Delete(path));   // without records it is nothing, and the next start drops it
            throw;
        }
        if (_current is not null) _roomIsMade = true;   // otherwise the last write failed, maybe for lack of space
        Leave();
        _segments.Add(_current = new Segment(path, file, header, SegmentHeader.Size));
        _fileEnd = SegmentHeader.Size;
        _digest.Begin(_sequence);
        return _current;
    }

    private void Leave()
    {
        if (_current is not { } left) return;
        if (_fileEnd > left.End) DiskFault.Ignored(() => left.File.Truncate(left.End));   // if not, the next start does
        if (!left.Suspect) _digest.Finish(left);
        _current = null;
    }

    // It holds nothing: one for each failed write would fill the disk, and the process with open files.
    private void Abandon(Segment segment)
    {
        segment.Dispose();
        _segments.Remove(segment);
        DiskFault.Ignored(() => disk.Delete(segment.Path));   // if not, the next start finds it dead
    }

    private static bool Cut(Segment segment) => DiskFault.Ignored(() =>
    {
        segment.File.Truncate(segment.End);
        segment.File.Flush();
    });
}

/// <summary>Records that did not become durable.</summary>
/// <param name="cause">What the disk said.</param>
/// <param name="mayBeOnDisk">Whether they may be there all the same.</param>
internal sealed class LogWriteException(Exception cause, bool mayBeOnDisk) : IOException(cause.Message, cause)
{
    public bool MayBeOnDisk => mayBeOnDisk;
}
