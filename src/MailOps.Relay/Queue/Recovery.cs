using System.Globalization;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// Reads the log at start: segment by segment, record by record, in the order in which they were written, each replacing what earlier ones said of its message.
/// Where a segment has its digest, that is read instead, and damage in the segment is found when a message in it is. Otherwise it is read whole:
/// what is not whole is reported, kept aside and made steppable (see <see cref="SegmentRepair"/>), and the digest is made, so that every later start has it.
/// </summary>
internal sealed class Recovery(IQueueDisk disk, string folder, SegmentDigests digests, string damagedFolder, QueueIdSequence ids, IMailTrace trace)
{
    private const int ReadAtOnce = 1 << 20;

    private readonly SegmentRepair _repair = new(disk, damagedFolder, trace);
    private byte[] _buffer = [];

    /// <summary>The messages in the queue.</summary>
    public Dictionary<ulong, QueueEntry> Entries { get; } = [];

    /// <summary>The segments, oldest first.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>The highest number that a segment has.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>Whether all that is left in the log was understood; otherwise a segment stays as it is for a later start or version.</summary>
    public bool IsComplete => !Segments.Exists(segment => segment.Pinned);

    /// <exception cref="MailOpsException">The log was written by a later version.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        foreach (var (sequence, path) in Numbered())
        {
            cancellationToken.ThrowIfCancellationRequested();
            LastSequence = sequence;
            var file = disk.Open(path);
            try
            {
                if (!TryReadDigest(sequence, path, file)) ReadWhole(sequence, path, file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        digests.DeleteAllBut(Segments.Select(segment => segment.Header.Sequence));
    }

    private List<(ulong Sequence, string Path)> Numbered()
    {
        var numbered = new List<(ulong, string)>();
        foreach (var path in disk.Files(folder))
        {
            if (Path.GetExtension(path) == ".log" && ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
                numbered.Add((sequence, path));
        }
        numbered.Sort();
        return numbered;
    }

    private bool TryReadDigest(ulong sequence, string path, IQueueFile file)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Size];
        if (!TryRead(file, bytes) || !SegmentHeader.TryRead(bytes, out var header) || header.Sequence != sequence || header.Version > SegmentHeader.CurrentVersion) return false;
        if (!digests.TryRead(header, file.Length, ref _buffer, out var records)) return false;
        ids.Saw(header.LastId);
        var segment = new Segment(path, file, header, file.Length);
        var reader = new DigestReader(records.Span);
        while (reader.Next()) Apply(segment, reader.Offset, reader.Header, reader.Fields, summaryOnly: true);
        Segments.Add(segment);
        return true;
    }

    private void ReadWhole(ulong sequence, string path, IQueueFile file)
    {
        var bytes = ReadAll(file, path, out var allRead);
        var whole = SegmentHeader.TryRead(bytes.Span, out var header);
        if (!whole && bytes.Length <= SegmentHeader.Size)   // made, but never written to: nothing was answered
        {
            file.Dispose();
            disk.Delete(path);
            return;
        }
        if (whole && header.Version > SegmentHeader.CurrentVersion) throw LaterVersion(path, header.Version);
        if (!whole) header = new SegmentHeader(SegmentHeader.CurrentVersion, sequence, SegmentRepair.FirstTag(bytes.Span), ids.Last);
        ids.Saw(header.LastId);
        var segment = new Segment(path, file, header, bytes.Length);
        var scan = new SegmentScan(bytes, header.Tag);
        digests.Delete(sequence);
        using var digest = new DigestWriter(digests);
        digest.Begin(sequence);
        foreach (var record in scan.Records())
        {
            if (Apply(segment, record.Offset, record.Header, record.Fields.Span, summaryOnly: false)) digest.Add(record.Offset, record.Header, record.Fields.Span);
        }
        _repair.Mend(segment, bytes, scan, whole, allRead);
        if (!segment.Pinned) digest.Finish(segment);
        Segments.Add(segment);
    }

    /// <summary>Makes a record true in memory; whether it could be understood.</summary>
    private bool Apply(Segment segment, long offset, in RecordHeader header, ReadOnlySpan<byte> bytes, bool summaryOnly)
    {
        try
        {
            var fields = new FieldReader(bytes);
            if (header.Version > RecordHeader.CurrentVersion)
                throw new InvalidDataException(FormattableString.Invariant($"Its version is {header.Version}, and this version knows up to {RecordHeader.CurrentVersion}."));
            switch (header.Type)
            {
                case RecordType.Accepted:
                case RecordType.Moved:
                    Put(new RecordPlace(segment, offset, header.Fields, header.Content), header, ref fields, summaryOnly);
                    break;
                case RecordType.Settled:
                    Settle(ref fields);
                    break;
                case RecordType.Removed:
                    if (Entries.Remove(fields.UInt64(), out var removed)) removed.Place.Segment.Live -= removed.Place.Length;
                    break;
                case RecordType.Changed:
                    if (Entries.TryGetValue(fields.UInt64(), out var changed)) ChangeFields.Read(ref fields).ApplyTo(changed);
                    break;
                case RecordType.Skipped:
                    break;
                default:
                    throw new InvalidDataException(FormattableString.Invariant($"Type {(int)header.Type} is none that this version knows."));
            }
            return true;
        }
        catch (InvalidDataException exception)
        {
            segment.Pinned = true;   // a later version may know better
            trace.Fault(FormattableString.Invariant($"queue, start: record at offset {offset} of '{segment.Path}' skipped, the segment kept"), exception);
            return false;
        }
    }

    private void Put(RecordPlace place, in RecordHeader header, ref FieldReader fields, bool summaryOnly)
    {
        var summary = EnvelopeSummary.Read(ref fields, header.Version);
        RecipientProgress[]? progress = null;
        MessageExtensions extensions = default;
        if (header.Type == RecordType.Moved)
        {
            if (!summaryOnly) Envelope.SkipRest(ref fields, summary.Recipients);
            progress = new RecipientProgress[summary.Recipients];
            for (var i = 0; i < progress.Length; i++) progress[i] = RecipientProgress.Read(ref fields);
            if (header.Version >= 2) extensions = MessageExtensions.Read(fields.Bytes());
        }
        var id = summary.Id;
        ids.Saw(id);
        if (Entries.TryGetValue(id.Value, out var earlier)) earlier.Place.Segment.Live -= earlier.Place.Length;
        Entries[id.Value] = new QueueEntry(summary) { Place = place, Progress = progress, Hold = extensions.Hold, Redirect = extensions.Redirect };
        place.Segment.Live += place.Length;
    }

    private void Settle(ref FieldReader fields)
    {
        if (!Entries.TryGetValue(fields.UInt64(), out var entry)) return;
        var progress = entry.Progress ?? new RecipientProgress[entry.Recipients];
        for (var count = fields.Number(); count > 0; count--)
        {
            var index = fields.Number();
            if (index >= progress.Length) throw new InvalidDataException(FormattableString.Invariant($"Message {entry.Id} has no recipient {index}."));
            progress[index] = RecipientProgress.Read(ref fields);
        }
        entry.Progress = progress;
    }

    private static bool TryRead(IQueueFile file, Span<byte> bytes)
    {
        try
        {
            return file.Read(0, bytes) == bytes.Length;
        }
        catch (IOException)   // whoever reads it whole reports it
        {
            return false;
        }
    }

    /// <summary>Reads a segment whole. What the disk cannot read counts as zeros, and so as damage.</summary>
    private ReadOnlyMemory<byte> ReadAll(IQueueFile file, string path, out bool allRead)
    {
        allRead = true;
        var length = checked((int)file.Length);
        if (_buffer.Length < length) _buffer = new byte[length];
        for (var offset = 0; offset < length; offset += ReadAtOnce)
        {
            var part = _buffer.AsSpan(offset, Math.Min(ReadAtOnce, length - offset));
            part.Clear();
            try
            {
                file.Read(offset, part);
            }
            catch (IOException exception)
            {
                allRead = false;
                trace.Fault(FormattableString.Invariant($"queue, start: '{path}' at offset {offset}"), exception);
            }
        }
        return _buffer.AsMemory(0, length);
    }

    private static MailOpsException LaterVersion(string path, uint version) => new(
        ErrorCode.RelayQueueUnusable,
        FormattableString.Invariant($"The queue segment '{path}' has format version {version}; this version of MailOps reads up to {SegmentHeader.CurrentVersion}."),
        "Start the relay with the version of MailOps that wrote the queue, or a later one.");
}
