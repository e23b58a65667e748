namespace MailOps.Relay.Queue;

/// <summary>What memory holds of a queued message: where it is and when it is due. The envelope stays on disk, so that a million of these are no burden.</summary>
internal sealed class QueueEntry(QueueId id, long received, long size, bool inFile, int recipients)
{
    public QueueId Id => id;

    /// <summary>When it was accepted, in UTC ticks.</summary>
    public long Received => received;

    /// <summary>The bytes of the content.</summary>
    public long Size => size;

    /// <summary>Whether the content is in a file of its own.</summary>
    public bool InFile => inFile;

    public int Recipients => recipients;

    public RecordPlace Place { get; set; }

    /// <summary>One for each recipient; null before the first attempt. Replaced, never changed.</summary>
    public RecipientProgress[]? Progress { get; set; }

    /// <summary>The message itself, while it waits for its first attempt and memory allows.</summary>
    public RecentMessage? Recent { get; set; }

    public bool Claimed { get; set; }

    /// <summary>When the first of its recipients is due, in UTC ticks; what was never tried is due since it came.</summary>
    public long Due
    {
        get
        {
            if (Progress is null) return received;
            var due = long.MaxValue;
            foreach (var recipient in Progress)
            {
                if (!recipient.IsFinal) due = Math.Min(due, recipient.Status is null ? received : recipient.NextAttempt);
            }
            return due;
        }
    }
}

/// <summary>A message accepted a moment ago, so that its first attempt reads nothing from disk.</summary>
internal sealed record RecentMessage(Envelope Envelope, ReadOnlyMemory<byte> Content)
{
    /// <summary>What it counts in the memory that such messages may take; the envelope at a guess.</summary>
    public long Cost => Content.Length + 1024;
}
