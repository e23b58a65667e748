using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <content>
/// How much of delivery's room it takes. It may hold as many messages as there are places free (so that however many next hops are slow, as much again is left for another), and a rate's two
/// minutes; what comes beyond that is set aside in the queue, and brought back when half of it has gone. Where it may send nothing for more than a moment, it keeps nothing at all.
/// Of a next hop that has not been reached yet, or no longer can be, it holds a few: when the attempt fails, those are recorded as deferred, and all others stay aside, unread and unwritten,
/// until it has been reached or their senders must hear of it.
/// </content>
internal sealed partial class Destination
{
    private const int Always = 10;       // messages that it may hold however little room there is
    private const int Few = 10;          // while nobody knows whether it can be reached; and so many are told that it cannot, in each interval
    private const int FailAtATime = 8;   // what fails unseen takes its time, so that it does not keep what is delivered from the disk
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1), Arrival = TimeSpan.FromSeconds(5), LongestWait = TimeSpan.FromDays(1);

    private readonly Queue<(DeliveryGroup Group, DeliveryOutcome Outcome, DateTimeOffset? Before)> _failing = new();
    private bool _draining;
    private int _aside;    // at most so many are in our line in the queue
    private int _coming;   // of those that were brought back, on their way here
    private DateTimeOffset _comingSince;
    private DateTimeOffset _restUntil;
    private MessageInDelivery? _newest;
    private bool _reachable;   // by the last attempt
    private int _told;         // of those that came in this interval, or waited for the attempt that began it
    private ITimer? _again;

    /// <inheritdoc/>
    public LineState? State
    {
        get
        {
            lock (_gate) return _down is { } down ? new LineState(down.Since, down.Until, down.Outcome.Reply.ToString()) : null;
        }
    }

    /// <inheritdoc/>
    public bool IsStuck
    {
        get
        {
            lock (_gate) return !_reachable;
        }
    }

    private enum Fate
    {
        Waits,
        Aside,
        GoesBack,
        Fails,
    }

    private int Held => _waiting.Count + _failing.Count + _workers;

    // Under the lock.
    private Fate FateOf(DeliveryGroup group)
    {
        var now = clock.GetUtcNow();
        var known = _newest == group.Message;   // its place is taken: the rest of it costs none
        if (!known && _coming > 0) _coming--;
        if (_suspended) return Fate.GoesBack;
        if (_down is { } hold && now < hold.Until) return ++_told <= Few ? Fate.Fails : Fate.Aside;
        if (now < _restUntil || (!known && Held >= Share())) return Fate.Aside;
        _newest = group.Message;
        return Fate.Waits;
    }

    private int Share()
    {
        var share = Math.Max(Always, limits.FreeRoom());
        if (!_reachable) share = Math.Min(share, Few);
        return _site?.Bounds.MessagesPerMinute is { } rate ? Math.Min(share, Math.Max(Always, 2 * rate)) : share;
    }

    // It waits in the queue, where it takes no room. One whose sender must hear now that it waits, or gets it back, is settled as one that was tried.
    private void SetAside(DeliveryGroup group)
    {
        var look = limits.LookAt(group);
        if (look <= clock.GetUtcNow())
        {
            var down = Down();
            _ = group.CompleteUntriedAsync(down?.Outcome ?? Congested(), down?.Since);
            return;
        }
        queue.SetAside(group.Message.Queued, group.Indexes, this, look);
        lock (_gate)
        {
            _aside++;
            Arm();
        }
        _ = group.AbandonAsync();
        Refill();   // who had room just before that found nothing to bring back
    }

    // Under the lock: when it may be tried again, something is there to try; and once more, should that have been removed on its way here.
    private void Arm()
    {
        if (_aside == 0 || _closed || _down is not { } down) return;
        var wait = down.Until - clock.GetUtcNow();
        if (wait <= TimeSpan.Zero) wait = limits.HoldDown.First;
        _again ??= clock.CreateTimer(static destination => ((Destination)destination!).TryAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        // In whole milliseconds, which timers count in, and never too few of them.
        _again.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(wait.TotalMilliseconds, LongestWait.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private void TryAgain()
    {
        Refill();
        lock (_gate) Arm();
    }

    // Why nothing has been sent: it could not be reached the last time, or takes no more.
    private (DateTimeOffset Since, DateTimeOffset Until, DeliveryOutcome Outcome)? Down()
    {
        lock (_gate) return _down;
    }

    // RFC 3463 section 3.5: X.4.5, mail system congestion.
    private DeliveryOutcome Congested()
    {
        var reason = Pace is { } state ? state.WaitReason ?? state.ThrottleReason : null;
        return new DeliveryOutcome(DeliveryStatus.Deferred, new SmtpReply(451, "4.4.5", WaitingWords.Of(hop.Name, reason, null))) { IsOwn = true };
    }

    // Nothing goes until then: where that is long, all that waits is given back.
    private void Rest(DateTimeOffset until)
    {
        List<DeliveryGroup> all;
        lock (_gate)
        {
            if (until - clock.GetUtcNow() <= Moment || _called) return;
            _restUntil = until;
            all = _waiting.TakeAll();
        }
        foreach (var group in all) SetAside(group);
    }

    // Brings back from the queue what there is room for again, in halves of it, so that each message is claimed about twice and not over and over.
    private void Refill()
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            if (_aside == 0 || _closed || _suspended || now < _restUntil || now < _down?.Until) return;
            if (now - _comingSince > Arrival) _coming = 0;   // removed, redirected or held meanwhile
            var share = Share();
            var wanted = share - Held - _coming;
            if (wanted < (share + 1) / 2) return;
            var found = queue.BringBack(this, wanted);
            (_coming, _comingSince) = (_coming + found, now);
            _aside = found < wanted ? 0 : Math.Max(0, _aside - found);
        }
    }

    // Under the lock. By an attempt of before, or by one that has just been made.
    private void Fail(IEnumerable<DeliveryGroup> groups, DeliveryOutcome outcome, DateTimeOffset? before = null)
    {
        foreach (var group in groups) _failing.Enqueue((group, outcome, before));
        if (_draining) return;
        _draining = true;
        _ = Task.Run(DrainAsync, CancellationToken.None);
    }

    private async Task DrainAsync()
    {
        var batch = new List<(DeliveryGroup Group, DeliveryOutcome Outcome, DateTimeOffset? Before)>(FailAtATime);
        while (true)
        {
            batch.Clear();
            lock (_gate)
            {
                while (batch.Count < FailAtATime && _failing.TryDequeue(out var next)) batch.Add(next);
                if (batch.Count == 0)
                {
                    _draining = false;
                    return;
                }
            }
            await Task.WhenAll(batch.ConvertAll(one => one.Before is null ? one.Group.CompleteAsync(one.Outcome) : one.Group.CompleteUntriedAsync(one.Outcome, one.Before))).ConfigureAwait(false);
            Refill();
        }
    }
}
