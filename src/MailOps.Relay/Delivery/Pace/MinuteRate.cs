namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// So many a minute, evenly spaced (the generic cell rate algorithm). What a timer is late is made up for, and nothing else: a quarter of a second of credit, or a twentieth of a step where
/// steps are longer, so that no stretch of a few seconds has 5 % too many. Not for two threads at a time.
/// </summary>
internal sealed class MinuteRate
{
    private static readonly long Credit = TimeSpan.FromMilliseconds(250).Ticks;

    private long _next;   // when the next one would be due by the rate alone, in UTC ticks

    /// <summary>When the next one would be due by the rate alone, in UTC ticks: all that is to be remembered.</summary>
    public long Next
    {
        get => _next;
        set => _next = value;
    }

    /// <summary>When the next one may go; null for now.</summary>
    public DateTimeOffset? WaitUntil(DateTimeOffset now, int perMinute)
    {
        var step = TimeSpan.TicksPerMinute / perMinute;
        var credit = Math.Max(Credit - step, step / 20);
        var at = Math.Min(_next, now.UtcTicks + step + credit) - credit;   // a clock that was set back, or a rate that was slower, makes nobody wait for longer than a step
        return at > now.UtcTicks ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>One goes.</summary>
    public void Take(DateTimeOffset now, int perMinute) => _next = Math.Max(_next, now.UtcTicks) + (TimeSpan.TicksPerMinute / perMinute);
}
