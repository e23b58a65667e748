using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>Reads queued messages back from the log.</summary>
internal sealed class QueueReader(QueueIndex index, ContentFolder contents, SegmentDigests digests, IMailTrace trace)
{
    /// <summary>The envelope; null, after a report, where it cannot be read, and without one where the message is gone.</summary>
    public Envelope? TryReadEnvelope(QueueEntry entry) => TryReadEnvelope(entry, out _);

    /// <param name="entry">The message.</param>
    /// <param name="isDamaged">Whether the disk gave it back, and it is not what was written.</param>
    public Envelope? TryReadEnvelope(QueueEntry entry, out bool isDamaged)
    {
        isDamaged = false;
        if (entry.Recent is { } recent) return recent.Envelope;
        try
        {
            var (fields, version, _) = Read(entry, withContent: false);
            var reader = new FieldReader(fields.Span);
            return Envelope.Read(ref reader, version);
        }
        catch (Exception exception) when (DiskFault.Is(exception) || exception is InvalidDataException)
        {
            isDamaged = exception is InvalidDataException;
            trace.Fault($"queue, message {entry.Id}, reading its envelope", exception);
        }
        catch (ObjectDisposedException) when (!index.Look(entry).Queued)
        {
        }
        return null;
    }

    /// <summary>The content, checked: of what is damaged nobody gets a byte.</summary>
    /// <exception cref="IOException">It cannot be read, or is not what was accepted.</exception>
    public MailContent OpenContent(QueueEntry entry, RecentMessage? recent)
    {
        if (entry.InFile) return OpenFile(entry, recent);
        if (recent is not null) return new MemoryContent(recent.Content);
        try
        {
            var content = Read(entry, withContent: true).Content;
            // While it was looked for it may have been found damaged, and copied forward without its content.
            return content.Length == entry.Size ? new MemoryContent(content) : throw new InvalidDataException("It is damaged.");
        }
        catch (InvalidDataException exception)
        {
            throw new IOException($"The content of message {entry.Id} cannot be read: {exception.Message}", exception);
        }
    }

    // It is checked before it is read for good and not while it is, so that no next hop gets a message that then breaks off. The second reading is from memory.
    private QueuedFileContent OpenFile(QueueEntry entry, RecentMessage? recent)
    {
        var file = new FileInfo(contents.PathOf(entry.Id));
        if (!file.Exists || file.Length != entry.Size)
            throw new FileNotFoundException($"The content of message {entry.Id} is not in '{file.FullName}', or not all of it.", file.FullName);
        var envelope = recent?.Envelope ?? TryReadEnvelope(entry) ?? throw new IOException($"The envelope of message {entry.Id} cannot be read, nor its content checked.");
        if (envelope.ContentChecksum is { } checksum && checksum != contents.Checksum(entry.Id))
        {
            entry.ContentIsDamaged = true;
            throw new IOException($"The content of message {entry.Id} in '{file.FullName}' is damaged: it is not what was accepted.");
        }
        return new QueuedFileContent(file.FullName, file.Length);
    }

    private (ReadOnlyMemory<byte> Fields, byte Version, ReadOnlyMemory<byte> Content) Read(QueueEntry entry, bool withContent)
    {
        while (true)
        {
            var place = index.Look(entry).Place;
            try
            {
                return place.Segment.Read(place, withContent);
            }
            catch (ObjectDisposedException) when (index.Look(entry).Place != place)
            {
                // It was copied forward, and the segment deleted, between the look and the read: look again.
            }
            catch (InvalidDataException)
            {
                place.Segment.Suspect = true;
                digests.Delete(place.Segment.Header.Sequence);   // the next start reads the segment itself
                throw;
            }
        }
    }
}
