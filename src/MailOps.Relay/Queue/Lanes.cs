namespace MailOps.Relay.Queue;

/// <summary>
/// The messages of one priority that wait. Those for one domain stand in a lane, what has been due longest first; the lanes in which something is due take turns, so that ten thousand
/// messages for one domain do not stand before one for another. There are 64, and domains that share one by chance stand behind each other. A lane of which a message was only set aside has
/// a turn after eight others have had theirs, until one of its messages leaves the queue: more are claimed at a time than are known to be stuck by then. The caller holds the lock.
/// </summary>
internal sealed class Lanes
{
    public const int Most = 64;

    private const int MaxStale = 4096;
    private const byte Others = 8;

    private readonly PriorityQueue<QueueEntry, (long Due, ulong Id)>?[] _lanes = new PriorityQueue<QueueEntry, (long Due, ulong Id)>?[Most];
    private readonly byte[] _standsBack = new byte[Most];   // for how many turns more
    private readonly bool[] _isStuck = new bool[Most];
    private int _last;
    private int _stale;

    public int Count { get; private set; }

    /// <summary>The lane of a domain.</summary>
    public static byte Of(ReadOnlySpan<char> domain)
    {
        var hash = 2166136261;   // FNV-1a
        foreach (var letter in domain) hash = unchecked((hash ^ char.ToLowerInvariant(letter)) * 16777619);
        return (byte)((hash ^ (hash >> 16)) % Most);
    }

    /// <summary>Puts a message under its time.</summary>
    public void Add(QueueEntry entry)
    {
        (_lanes[entry.Lane] ??= new()).Enqueue(entry, (entry.Scheduled, entry.Id.Value));
        Count++;
    }

    /// <summary>Takes a message out: it stays in its heap, but no longer stands under its time, and is passed over.</summary>
    public void Drop(QueueEntry entry)
    {
        entry.Scheduled = -1;
        if (++_stale > MaxStale && _stale > Count / 2) Sift();
    }

    /// <summary>What has been due longest, or will be due first; false where nothing waits.</summary>
    public bool TryPeek(out (long Due, ulong Id) key)
    {
        var lane = Oldest();
        key = default;
        return lane >= 0 && TryPeek(lane, out key);
    }

    /// <summary>Takes what <see cref="TryPeek(out ValueTuple{long, ulong})"/> has seen.</summary>
    public QueueEntry TakeOldest() => TakeFrom(Oldest());

    /// <summary>Takes the first of the lane whose turn it is; null where nothing is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="unlessStuck">Whether nothing is taken where messages could not go on in any lane in which something is due.</param>
    public QueueEntry? TakeNext(long now, bool unlessStuck)
    {
        var lane = NextLane(now);
        return lane < 0 || (unlessStuck && _isStuck[lane] && !AnyGoesOn(now)) ? null : TakeFrom(lane);
    }

    /// <summary>Whether a message of this lane could not go on, and none has left the queue since.</summary>
    public bool IsStuck(byte lane) => _isStuck[lane];

    /// <summary>A message could not go on: what is behind it will hardly do better.</summary>
    public void StandBack(byte lane) => (_isStuck[lane], _standsBack[lane]) = (true, Others);

    /// <summary>A message has left the queue: those behind it may, too.</summary>
    public void MoveOn(byte lane) => (_isStuck[lane], _standsBack[lane]) = (false, 0);

    private int NextLane(long now)
    {
        var (start, patient) = (_last, -1);
        for (var i = 1; i <= Most; i++)
        {
            var lane = (start + i) % Most;
            if (!IsDue(lane, now)) continue;
            _last = lane;
            if (_standsBack[lane] == 0) return lane;
            _standsBack[lane]--;
            if (patient < 0) patient = lane;
        }
        if (patient >= 0) _last = patient;   // nobody stands behind it
        return patient;
    }

    private bool AnyGoesOn(long now)
    {
        for (var lane = 0; lane < Most; lane++)
        {
            if (!_isStuck[lane] && IsDue(lane, now)) return true;
        }
        return false;
    }

    private bool IsDue(int lane, long now) => TryPeek(lane, out var key) && key.Due <= now;

    private int Oldest()
    {
        var (found, oldest) = (-1, default((long, ulong)));
        for (var lane = 0; lane < Most; lane++)
        {
            if (TryPeek(lane, out var key) && (found < 0 || key.CompareTo(oldest) < 0)) (found, oldest) = (lane, key);
        }
        return found;
    }

    private QueueEntry TakeFrom(int lane)
    {
        var taken = _lanes[lane]!.Dequeue();
        Count--;
        taken.Scheduled = -1;
        if (_isStuck[lane]) _standsBack[lane] = Others;
        return taken;
    }

    private bool TryPeek(int lane, out (long Due, ulong Id) key)
    {
        key = default;
        if (_lanes[lane] is not { } waiting) return false;
        while (waiting.TryPeek(out var entry, out key))
        {
            if (Stands(entry, lane, key.Due)) return true;
            waiting.Dequeue();
            Count--;
            _stale--;
        }
        return false;
    }

    // Its lane may be known only since it was first claimed.
    private static bool Stands(QueueEntry entry, int lane, long due) => entry.Scheduled == due && entry.Lane == lane;

    // So that what is suspended, resumed and retried over and over takes no memory for each time.
    private void Sift()
    {
        (Count, _stale) = (0, 0);
        for (var lane = 0; lane < Most; lane++)
        {
            if (_lanes[lane] is not { } waiting) continue;
            var standing = waiting.UnorderedItems.Where(item => Stands(item.Element, lane, item.Priority.Due)).DistinctBy(item => item.Element).ToList();
            _lanes[lane] = standing.Count > 0 ? new(standing) : null;
            Count += standing.Count;
        }
    }
}
