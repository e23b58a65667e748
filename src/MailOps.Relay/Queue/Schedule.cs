namespace MailOps.Relay.Queue;

/// <summary>
/// The messages that wait, by when they are due. Of those that are, the highest priority goes first (RFC 6710 section 4.1), and among equals the domains take turns, each with what has
/// been due longest; but every eighth is what has been due longest of all, so that a low priority means later and never means never.
/// </summary>
/// <remarks>Heaps for each priority in use: where all are 0, as nearly always, those of one. The caller holds the lock.</remarks>
internal sealed class Schedule
{
    private const int TurnOfTheOldest = 8;

    // By priority, the highest first.
    private readonly List<(sbyte Priority, Lanes Waiting)> _priorities = [(0, new())];
    private int _taken;

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var (_, waiting) in _priorities) count += waiting.Count;
            return count;
        }
    }

    /// <summary>When the next is due, in UTC ticks; null where none waits.</summary>
    public long? NextDue
    {
        get
        {
            long? next = null;
            foreach (var (_, waiting) in _priorities)
            {
                if (waiting.TryPeek(out var key) && !(key.Due >= next)) next = key.Due;
            }
            return next;
        }
    }

    /// <summary>Puts a message under a time, and nowhere else.</summary>
    public void Add(QueueEntry entry, long due)
    {
        Drop(entry);
        entry.Scheduled = due;
        Of(entry.Priority).Add(entry);
    }

    /// <summary>Takes a message out, where it waits.</summary>
    public void Drop(QueueEntry entry)
    {
        if (entry.Scheduled >= 0) Of(entry.Priority).Drop(entry);
    }

    /// <summary>Takes the next of what is due; null where nothing is.</summary>
    /// <param name="now">The time.</param>
    /// <param name="unlessStuck">Whether nothing is taken where others of each domain that is due could not go on.</param>
    public QueueEntry? Take(long now, bool unlessStuck = false)
    {
        var taken = _priorities.Count > 1 && (_taken + 1) % TurnOfTheOldest == 0 ? TakeOldest(now) : TakeHighest(now, unlessStuck);
        if (taken is not null) _taken++;
        return taken;
    }

    /// <summary>A message that was taken has only been set aside: others of its domain give way.</summary>
    public void StandBack(QueueEntry entry) => Of(entry.Priority).StandBack(entry.Lane);

    /// <summary>A message left the queue: others of its domain no longer give way.</summary>
    public void MoveOn(QueueEntry entry) => Of(entry.Priority).MoveOn(entry.Lane);

    /// <summary>Whether others of a message's domain could not go on.</summary>
    public bool IsStuck(QueueEntry entry) => Of(entry.Priority).IsStuck(entry.Lane);

    private QueueEntry? TakeHighest(long now, bool unlessStuck)
    {
        foreach (var (_, waiting) in _priorities)
        {
            if (waiting.TakeNext(now, unlessStuck) is { } taken) return taken;
        }
        return null;
    }

    private QueueEntry? TakeOldest(long now)
    {
        Lanes? first = null;
        (long Due, ulong Id) oldest = default;
        foreach (var (_, waiting) in _priorities)
        {
            if (waiting.TryPeek(out var key) && key.Due <= now && (first is null || key.CompareTo(oldest) < 0)) (first, oldest) = (waiting, key);
        }
        return first?.TakeOldest();
    }

    private Lanes Of(sbyte priority)
    {
        var i = 0;
        while (i < _priorities.Count && _priorities[i].Priority > priority) i++;
        if (i == _priorities.Count || _priorities[i].Priority != priority) _priorities.Insert(i, (priority, new()));
        return _priorities[i].Waiting;
    }
}
