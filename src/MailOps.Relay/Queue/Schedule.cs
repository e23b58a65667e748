namespace MailOps.Relay.Queue;

/// <summary>
/// The messages that wait, by when they are due. Of those that are, the highest priority goes first (RFC 6710 section 4.1), and what has been due longest first among
/// equals; but every eighth is what has been due longest of all, so that a low priority means later and never means never.
/// </summary>
/// <remarks>A heap for each priority in use: where all are 0, as nearly always, it is one heap. The caller holds the lock.</remarks>
internal sealed class Schedule
{
    private const int TurnOfTheOldest = 8;
    private const int MaxStale = 4096;

    // By priority, the highest first.
    private readonly List<(sbyte Priority, PriorityQueue<QueueEntry, (long Due, ulong Id)> Waiting)> _heaps = [(0, new())];
    private int _taken;
    private int _stale;

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var (_, waiting) in _heaps) count += waiting.Count;
            return count;
        }
    }

    /// <summary>When the next is due, in UTC ticks; null where none waits.</summary>
    public long? NextDue
    {
        get
        {
            long? next = null;
            foreach (var (_, waiting) in _heaps)
            {
                if (TryPeek(waiting, out var key) && !(key.Due >= next)) next = key.Due;
            }
            return next;
        }
    }

    /// <summary>Puts a message under a time, and nowhere else.</summary>
    public void Add(QueueEntry entry, long due)
    {
        Drop(entry);
        entry.Scheduled = due;
        Heap(entry.Priority).Enqueue(entry, (due, entry.Id.Value));
    }

    /// <summary>Takes a message out: it stays in its heap, but no longer stands under its time, and is passed over.</summary>
    public void Drop(QueueEntry entry)
    {
        if (entry.Scheduled < 0) return;
        entry.Scheduled = -1;
        if (++_stale > MaxStale && _stale > Count / 2) Sift();
    }

    /// <summary>Takes the first of what is due; null where nothing is.</summary>
    public QueueEntry? Take(long now)
    {
        PriorityQueue<QueueEntry, (long Due, ulong Id)>? first = null;
        (long Due, ulong Id) oldest = default;
        var oldestOfAll = _heaps.Count > 1 && (_taken + 1) % TurnOfTheOldest == 0;
        foreach (var (_, waiting) in _heaps)
        {
            if (!TryPeek(waiting, out var key) || key.Due > now || (first is not null && key.CompareTo(oldest) > 0)) continue;
            (first, oldest) = (waiting, key);
            if (!oldestOfAll) break;
        }
        if (first is null) return null;
        _taken++;
        var taken = first.Dequeue();
        taken.Scheduled = -1;
        return taken;
    }

    private bool TryPeek(PriorityQueue<QueueEntry, (long Due, ulong Id)> waiting, out (long Due, ulong Id) key)
    {
        while (waiting.TryPeek(out var entry, out key))
        {
            if (entry.Scheduled == key.Due) return true;
            waiting.Dequeue();
            _stale--;
        }
        return false;
    }

    // So that what is suspended, resumed and retried over and over takes no memory for each time.
    private void Sift()
    {
        for (var i = 0; i < _heaps.Count; i++)
        {
            var standing = _heaps[i].Waiting.UnorderedItems.Where(item => item.Element.Scheduled == item.Priority.Due).DistinctBy(item => item.Element);
            _heaps[i] = (_heaps[i].Priority, new(standing.ToList()));
        }
        _stale = 0;
    }

    private PriorityQueue<QueueEntry, (long Due, ulong Id)> Heap(sbyte priority)
    {
        var i = 0;
        while (i < _heaps.Count && _heaps[i].Priority > priority) i++;
        if (i == _heaps.Count || _heaps[i].Priority != priority) _heaps.Insert(i, (priority, new()));
        return _heaps[i].Waiting;
    }
}
