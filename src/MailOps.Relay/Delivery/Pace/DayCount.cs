namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// What was sent in the last 24 hours, as providers count (Exchange Online: any 24 hours, not a calendar day), in steps of ten minutes: a step counts until all of it is a day old, so that
/// it never lets through too much. Not for two threads at a time.
/// </summary>
internal sealed class DayCount
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24), Step = TimeSpan.FromMinutes(10);

    private readonly Queue<(long Start, int Count)> _steps = new();
    private int _last;      // of the step that has begun
    private long _start;
    private int _sum;

    /// <summary>What counts now.</summary>
    public int Used(DateTimeOffset now)
    {
        Forget(now);
        return _sum;
    }

    /// <summary>When so many more may go; null for now. What is more than a whole day's number may go when nothing counts.</summary>
    public DateTimeOffset? WaitUntil(DateTimeOffset now, int count, int perDay)
    {
        Forget(now);
        var left = _sum;
        if (left == 0 || left + count <= perDay) return null;
        foreach (var (start, gone) in _steps.Append((_start, _last)))
        {
            left -= gone;
            if (left == 0 || left + count <= perDay) return End(start);
        }
        return End(_start);
    }

    /// <summary>So many go.</summary>
    public void Take(DateTimeOffset now, int count)
    {
        Forget(now);
        var start = StartOf(now);
        if (start > _start)   // also where the clock was set back: then the step that has begun goes on
        {
            if (_last > 0) _steps.Enqueue((_start, _last));
            (_start, _last) = (start, 0);
        }
        _last += count;
        _sum += count;
    }

    /// <summary>So many that were taken then did not go after all.</summary>
    public void GiveBack(DateTimeOffset now, DateTimeOffset taken, int count)
    {
        Forget(now);
        var start = StartOf(taken);
        if (start >= _start)
        {
            (_last, _sum) = (_last - count, _sum - count);
            return;
        }
        for (var i = _steps.Count; i > 0; i--)
        {
            var step = _steps.Dequeue();
            var isIt = step.Start == start;
            if (isIt) _sum -= count;
            _steps.Enqueue(isIt ? (start, step.Count - count) : step);
        }
    }

    /// <summary>All steps, to be remembered.</summary>
    public IReadOnlyList<DayStep> Steps => [.. _steps.Append((_start, _last)).Where(step => step.Item2 > 0).Select(step => new DayStep(step.Item1, step.Item2))];

    /// <summary>Takes back what was remembered, the oldest first.</summary>
    public void Restore(IEnumerable<DayStep> steps)
    {
        foreach (var step in steps) Take(new DateTimeOffset(step.Start, TimeSpan.Zero), step.Count);
    }

    private static long StartOf(DateTimeOffset time) => time.UtcTicks - (time.UtcTicks % Step.Ticks);

    /// <summary>When a step no longer counts.</summary>
    public static DateTimeOffset End(long start) => new DateTimeOffset(start, TimeSpan.Zero) + Day + Step;

    private void Forget(DateTimeOffset now)
    {
        while (_steps.TryPeek(out var oldest) && End(oldest.Start) <= now)
        {
            _sum -= oldest.Count;
            _steps.Dequeue();
        }
        if (_steps.Count == 0 && _last > 0 && End(_start) <= now) (_sum, _last) = (0, 0);
    }
}

/// <summary>What went in ten minutes.</summary>
/// <param name="Start">When they began, in UTC ticks.</param>
/// <param name="Count">How much.</param>
internal sealed record DayStep(long Start, int Count)
{
    /// <summary>Whether it still counts.</summary>
    public bool Counts(DateTimeOffset now) => DayCount.End(Start) > now;
}
