namespace MailOps.Relay.Tests.Server.Fuzzing;

/// <summary>The clock, on which whoever waits need not: replies that are held back come at once.</summary>
internal sealed class ImpatientClock : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, period == Timeout.InfiniteTimeSpan && dueTime > TimeSpan.Zero ? TimeSpan.Zero : dueTime, period);
}
