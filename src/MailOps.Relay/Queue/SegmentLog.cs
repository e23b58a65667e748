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
    IQueueDisk disk, string folder, SegmentDigests digests, long segmentSize, QueueIdSequence ids, IReadOnlyList<Segment> recovered, ulong lastSequence) : IDisposable
{
    private readonly List<Segment> _segments = [.. recovered];
    private readonly List<ReadOnlyMemory<byte>> _buffers = [];
    private readonly DigestWriter _digest = new(digests);
    private ulong _sequence = lastSequence;
    private Segment? _current;

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
        while (count < records.Length && (count == 0 || offset + records[count].Length <= segmentSize))
        {
            records[count].Take(segment, offset, _buffers);
            offset += records[count++].Length;
        }
        try
        {
            segment.File.Write(segment.End, _buffers);
            segment.File.Flush();
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            _current = null;
            _digest.Drop();   // who knows what the segment holds: the next start looks
            throw new LogWriteException(exception, mayBeOnDisk: !Cut(segment));
        }
        foreach (var record in records[..count]) _digest.Add(record.Place.Offset, record.Header, record.Fields);
        segment.End = offset;
        return count;
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
        if (_current is { } current && (current.End == SegmentHeader.Size || current.End + length <= segmentSize)) return current;
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
        Leave();
        _segments.Add(_current = new Segment(path, file, header, SegmentHeader.Size));
        _digest.Begin(_sequence);
        return _current;
    }

    private void Leave()
    {
        if (_current is { Suspect: false } left) _digest.Finish(left);
        _current = null;
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
