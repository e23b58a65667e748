using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>What memory holds of a queued message: where it is and when it is due. The envelope stays on disk, so that a million of these are no burden.</summary>
internal sealed class QueueEntry(in EnvelopeSummary summary)
{
    public QueueId Id { get; } = summary.Id;

    /// <summary>When its first attempt is due, in UTC ticks.</summary>
    public long FirstDue { get; } = summary.FirstDue;

    /// <summary>The bytes of the content.</summary>
    public long Size { get; } = summary.Size;

    /// <summary>Whether the content is in a file of its own; or nowhere, where it was found damaged in the log.</summary>
    public bool InFile { get; set; } = summary.InFile;

    public int Recipients { get; } = summary.Recipients;

    /// <summary>-9 to 9, the higher the sooner among what is due.</summary>
    public sbyte Priority { get; } = summary.Priority;

    /// <summary>Of the domain that it is for, by its first recipient; 0 where its envelope has not been read since a start. It changes only while the message is claimed.</summary>
    public byte Lane { get; set; }

    public RecordPlace Place { get; set; }

    /// <summary>One for each recipient; null before the first attempt. Replaced, never changed.</summary>
    public RecipientProgress[]? Progress { get; set; }

    /// <summary>The message itself, while it waits for its first attempt and memory allows.</summary>
    public RecentMessage? Recent { get; set; }

    public bool Claimed { get; set; }

    /// <summary>Its content in a file was found damaged: the file is kept when the message is done.</summary>
    public bool ContentIsDamaged { get; set; }

    /// <summary>What an administrator said of it.</summary>
    public MessageHold Hold { get; set; }

    /// <summary>Where an administrator sends it, or null; with <see cref="Hold"/>, <see cref="Progress"/> and <see cref="Place"/> all of it that changes and is on disk.</summary>
    public string? Redirect { get; set; }

    /// <summary>Changed by an administrator while it was claimed.</summary>
    public bool Withdrawn { get; set; }

    public bool IsToBeRemoved => Hold is MessageHold.Remove or MessageHold.RemoveWithReport;

    /// <summary>The time under which it stands in the <see cref="Schedule"/>, in UTC ticks; -1 where it does not.</summary>
    public long Scheduled { get; set; } = -1;

    /// <summary>The recipients that wait for a suspended next hop; null, as nearly always, where none does.</summary>
    public IReadOnlyList<ParkedRecipient>? Parked { get; set; }

    /// <summary>The recipients that were set aside; null where none was. Replaced, never changed.</summary>
    public AsideRecipient[]? Aside { get; set; }

    /// <summary>What whoever counts the queue remembers of it.</summary>
    public object? Remembered { get; set; }

    /// <summary>
    /// When the first of its recipients is due, in UTC ticks; what was never tried is due since it came, or was to be held until. What waits for a suspended next hop
    /// is not due: <see cref="long.MaxValue"/> where that is all. What was set aside is due when it must be looked at.
    /// </summary>
    public long Due
    {
        get
        {
            if (Parked is null && Progress is null && Aside is null) return FirstDue;
            var due = long.MaxValue;
            for (var i = 0; i < Recipients; i++)
            {
                var recipient = Progress is { } progress ? progress[i] : default;
                if (!recipient.IsFinal && !IsParked(i)) due = Math.Min(due, AsideOf(i)?.Until ?? (recipient.Status is null ? FirstDue : recipient.NextAttempt));
            }
            return due;
        }
    }

    /// <summary>The line in which a recipient waits, or null.</summary>
    public object? LineOf(int recipient) => AsideOf(recipient)?.Line;

    private AsideRecipient? AsideOf(int recipient)
    {
        if (Aside is not { } all) return null;
        foreach (var aside in all)
        {
            if (aside.Index == recipient) return aside;
        }
        return null;
    }

    private bool IsParked(int recipient)
    {
        if (Parked is null) return false;
        foreach (var parked in Parked)
        {
            if (parked.Index == recipient) return true;
        }
        return false;
    }
}

/// <summary>A message accepted a moment ago, so that its first attempt reads nothing from disk.</summary>
internal sealed record RecentMessage(Envelope Envelope, ReadOnlyMemory<byte> Content)
{
    /// <summary>What it counts in <see cref="RecentMemory"/>.</summary>
    public long Cost => CostOf(Envelope, Content.Length);

    /// <summary>Where it stands there.</summary>
    public LinkedListNode<QueueEntry>? Node { get; set; }

    /// <summary>The cost of a message; of the envelope at a guess.</summary>
    public static long CostOf(Envelope envelope, int content) => content + 1024 + (256L * (envelope.Recipients.Count - 1));
}
