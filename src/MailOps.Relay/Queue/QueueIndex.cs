using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>The queue as memory knows it: messages by id, those that wait by when they are due, and who waits for one. All members may be called by anybody.</summary>
internal sealed class QueueIndex : IDisposable
{
    private const long ToBeRemoved = 0;   // before everything that has a time

    // A timer does not count the time a computer sleeps, nor by how much its clock is set forward.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, QueueEntry> _entries;
    private readonly Schedule _schedule = new();
    private readonly Suspensions _suspensions;
    private readonly Lines _lines = new();
    private readonly RecentMemory _recent;
    private readonly TimeProvider _clock;
    private readonly ITimer _due;
    private TaskCompletionSource? _changed;
    private TaskCompletionSource? _empty;
    private bool _closed;

    /// <param name="entries">What the log holds.</param>
    /// <param name="suspended">The next hops that are suspended.</param>
    /// <param name="recent">What of them is in memory, and need not be when it is done or waits for long.</param>
    /// <param name="clock">Wakes when something is due.</param>
    public QueueIndex(Dictionary<ulong, QueueEntry> entries, IEnumerable<string> suspended, RecentMemory recent, TimeProvider clock)
    {
        (_entries, _recent, _clock) = (entries, recent, clock);
        _suspensions = new Suspensions(suspended);
        foreach (var entry in entries.Values) Reschedule(entry);
        _due = clock.CreateTimer(static index => ((QueueIndex)index!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    /// <summary>All entries, oldest first.</summary>
    public QueueEntry[] ToArray()
    {
        QueueEntry[] entries;
        lock (_gate) entries = [.. _entries.Values];
        // Outside the lock, for commits wait for it; and by numbers beside them, which takes a million a fraction of what comparing the entries does.
        Array.Sort(Array.ConvertAll(entries, static entry => entry.Id.Value), entries);
        return entries;
    }

    /// <summary>The message of an id; null where it is not in the queue.</summary>
    public QueueEntry? Find(QueueId id)
    {
        lock (_gate) return _entries.GetValueOrDefault(id.Value);
    }

    /// <summary>The parts of an entry that change, together.</summary>
    public (RecordPlace Place, RecipientProgress[]? Progress, bool Claimed, bool Queued) Look(QueueEntry entry)
    {
        lock (_gate) return (entry.Place, entry.Progress, entry.Claimed, _entries.ContainsKey(entry.Id.Value));
    }

    /// <summary>The message whose record is at this place; null where it is gone or elsewhere.</summary>
    public QueueEntry? At(QueueId id, Segment segment, long offset)
    {
        lock (_gate) return _entries.TryGetValue(id.Value, out var entry) && entry.Place.Segment == segment && entry.Place.Offset == offset ? entry : null;
    }

    /// <summary>All messages whose record is in a segment, in the order of their places. It looks at every message of the queue.</summary>
    public IReadOnlyList<QueueEntry> In(Segment segment)
    {
        lock (_gate) return [.. _entries.Values.Where(entry => entry.Place.Segment == segment).OrderBy(entry => entry.Place.Offset)];
    }

    /// <summary>Claims what is due, in the order of <see cref="Queue.Schedule"/>. Where nothing is, <paramref name="changed"/> completes when that may be different.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="now">In UTC ticks; who asks goes on with the same, for the clock may be set back.</param>
    /// <param name="changed">Completed where something was due.</param>
    /// <exception cref="ObjectDisposedException">The queue is closed.</exception>
    public List<QueueEntry> TakeDue(int limit, long now, out Task changed)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(LogQueue));
            var taken = new List<QueueEntry>(Math.Min(limit, _schedule.Count));
            var until = _suspensions.All ? ToBeRemoved : now;
            var goesOn = false;   // then what will hardly do so is another claim, and nothing waits for it
            while (taken.Count < limit && _schedule.Take(until, unlessStuck: goesOn) is { } entry)
            {
                goesOn |= !_schedule.IsStuck(entry);
                entry.Claimed = true;
                entry.Aside = null;
                _suspensions.Unpark(entry);
                taken.Add(entry);
            }
            changed = taken.Count > 0 || IsDueMeanwhile(now) ? Task.CompletedTask : (_changed ??= NewSignal()).Task;
            return taken;
        }
    }

    /// <summary>Claims one message, whether or not it is due; null where it is not there or claimed already.</summary>
    public QueueEntry? TryTake(QueueId id)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(LogQueue));
            if (!_entries.TryGetValue(id.Value, out var entry) || entry.Claimed) return null;
            entry.Claimed = true;
            entry.Aside = null;
            _schedule.Drop(entry);
            _suspensions.Unpark(entry);
            return entry;
        }
    }

    /// <summary>Whether mail to a next hop is suspended.</summary>
    public bool IsSuspended(string nextHop)
    {
        lock (_gate) return _suspensions.All || _suspensions.Contains(nextHop);
    }

    /// <summary>Suspends these next hops and no others; what was parked for the others is due again.</summary>
    public void Suspend(IEnumerable<string> nextHops)
    {
        lock (_gate)
        {
            foreach (var entry in _suspensions.Set(nextHops))
            {
                if (!entry.Claimed) Reschedule(entry);
            }
            Wake();
        }
    }

    /// <summary>Has recipients of a claimed message wait, from the end of the claim, until their next hop is resumed.</summary>
    public void Park(QueueEntry entry, IReadOnlyCollection<int> recipients, string nextHop)
    {
        lock (_gate)
        {
            _suspensions.Park(entry, recipients, nextHop);
            if (entry.Parked is not null) _recent.Forget(entry);   // it is for long
        }
    }

    /// <summary>Ends a claim with nothing done; due again when it was, or later where one says so.</summary>
    public void Release(QueueEntry entry, long? due = null)
    {
        lock (_gate)
        {
            if (!_entries.ContainsKey(entry.Id.Value)) return;   // it could not be read, and was dropped for that meanwhile
            Schedule(entry, due ?? DueAtEnd(entry));
            Wake();
        }
    }

    /// <summary>Has recipients of a claimed message wait in a line, from the end of the claim; they are due at this time in any case.</summary>
    public void SetAside(QueueEntry entry, IReadOnlyCollection<int> recipients, object line, long until, bool isStuck)
    {
        lock (_gate)
        {
            if (entry.Withdrawn) return;
            _lines.Add(entry, recipients, line, until);
            if (!isStuck) return;
            _schedule.StandBack(entry);
            _recent.Forget(entry);   // it is for long, and what goes on has use for the memory
        }
    }

    /// <summary>Makes those of the first messages of a line due again; how many messages.</summary>
    public int BringBack(object line, int count)
    {
        lock (_gate)
        {
            var brought = 0;
            for (; brought < count && _lines.Take(line) is { } entry; brought++)
            {
                if (!entry.Claimed) Reschedule(entry);   // otherwise they are due when the claim ends
            }
            if (brought > 0) Wake();
            return brought;
        }
    }

    /// <summary>Makes true in memory what is durable now.</summary>
    public void Apply(ReadOnlySpan<LogRecord> records)
    {
        lock (_gate)
        {
            foreach (var record in records)
            {
                if (record.Entry is { } entry) Apply(record, entry);
            }
            Wake();
            if (_entries.Count == 0) Interlocked.Exchange(ref _empty, null)?.TrySetResult();
        }
    }

    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_entries.Count == 0) return Task.CompletedTask;
            return _closed ? Task.FromException(Stopped()) : (_empty ??= NewSignal()).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whoever waits for a message, or for there to be none, is told that it will not come.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _empty?.TrySetException(Stopped());
            Wake();
        }
        _due.Dispose();
    }

    private void Apply(LogRecord record, QueueEntry entry)
    {
        switch (record.Type)
        {
            case RecordType.Accepted:
                Place(entry, record.Place);
                _entries.Add(entry.Id.Value, entry);
                Schedule(entry, entry.Due);
                break;
            case RecordType.Moved:
                entry.Place.Segment.Live -= entry.Place.Length;
                Place(entry, record.Place);
                break;
            case RecordType.Settled:
                entry.Progress = record.ProgressAfter(entry.Progress);
                if (record.GoesOn) break;
                _recent.Forget(entry);
                Schedule(entry, DueAtEnd(entry));
                break;
            case RecordType.Changed:
                Change(entry, record);
                break;
            case RecordType.Removed:
                entry.Place.Segment.Live -= entry.Place.Length;
                _entries.Remove(entry.Id.Value);
                entry.Aside = null;
                _schedule.Drop(entry);   // where nobody had claimed it: it was found damaged
                _schedule.MoveOn(entry);
                _suspensions.Unpark(entry);
                _recent.Forget(entry);
                break;
        }
    }

    private void Change(QueueEntry entry, LogRecord record)
    {
        var change = record.Change!;
        (record.Found, record.MetClaim) = (_entries.ContainsKey(entry.Id.Value), entry.Claimed);
        if (!record.Found) return;   // done meanwhile
        change.ApplyTo(entry);
        if (change.Hold == MessageHold.Suspended) _recent.Forget(entry);   // it is for long
        if (change.Redirect is not null) _suspensions.Unpark(entry);
        if (entry.Claimed)
        {
            entry.Withdrawn |= change.Hold is not null || change.Redirect is not null;
            return;
        }
        entry.Aside = null;
        Reschedule(entry);
    }

    /// <summary>When it is due after a claim. What is to leave goes first, and also while everything is suspended; what has just been tried with no room for its report has its own time.</summary>
    private static long DueAtEnd(QueueEntry entry)
    {
        if (entry.Withdrawn) entry.Aside = null;   // an administrator has other plans for it
        return entry is { IsToBeRemoved: true, Withdrawn: true } ? ToBeRemoved : entry.Due;
    }

    private void Reschedule(QueueEntry entry)
    {
        _schedule.Drop(entry);
        Schedule(entry, entry.IsToBeRemoved ? ToBeRemoved : entry.Due);
    }

    private static void Place(QueueEntry entry, RecordPlace place)
    {
        entry.Place = place;
        place.Segment.Live += place.Length;
    }

    private void Schedule(QueueEntry entry, long due)
    {
        entry.Claimed = entry.Withdrawn = false;
        if (entry.Hold != MessageHold.Suspended && due < long.MaxValue) _schedule.Add(entry, due);
    }

    private void Wake()
    {
        lock (_gate)
        {
            _changed?.TrySetResult();
            _changed = null;
        }
    }

    /// <summary>In whole milliseconds, which timers count in, and never too few of them.</summary>
    // Under the lock. It wakes whoever waits when the next one is due; should the clock be set forward before the timer runs, it is due now.
    private bool IsDueMeanwhile(long now)
    {
        if (_suspensions.All || _schedule.NextDue is not { } next) return false;
        _due.Change(Until(next, now), Timeout.InfiniteTimeSpan);
        return next <= _clock.GetUtcNow().UtcTicks;
    }

    private static TimeSpan Until(long due, long now)
    {
        var wait = TimeSpan.FromTicks(due - now);
        return wait < LongestWait ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : LongestWait;
    }

    private static MailOpsException Stopped() => new(
        ErrorCode.RelayNotFound,
        "The relay was stopped while it was waited for.",
        "Start it again with the same queue folder: what is still queued stays there, and is delivered then.");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
