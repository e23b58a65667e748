using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// The queue of one next hop. It begins with one worker, which finds out whether the next hop can be reached at all; each success doubles the
/// number of workers, up to the limit. When it cannot be reached and no other connection to it stands, everything that waits gets the same
/// outcome, and for a while, longer with each failure in a row, so does what comes after: a dead destination costs one attempt, not one a message, and of very many only the first are told. Where others stand, the server
/// only wants no more of them: the group goes back, and there are fewer workers for a while.
/// Limits it shares with others are its <see cref="Site"/>'s. A worker that may not go on ends, and the site calls when one may.
/// </summary>
internal sealed partial class Destination(
    NextHop hop, IMailTarget target, SiteTable sites, DestinationLimits limits, IMailQueue queue, IMailTrace trace, TimeProvider clock, CancellationToken abort) : ISiteMember, IWaitingLine
{
    private readonly Lock _gate = new();
    private readonly WaitingList _waiting = new();
    private readonly IPacedTarget? _paced = target as IPacedTarget;
    private Site? _site;
    private DateTimeOffset _siteUntil;
    private int _workers;
    private int _limit = 1;
    private int _failures;
    private bool _closed;
    private bool _suspended;
    private bool _called = true;   // or not called for: false while it stands in the site's ring
    private DateTimeOffset _narrowUntil;
    private (DateTimeOffset Since, DateTimeOffset Until, DeliveryOutcome Outcome)? _down;

    public NextHop Hop => hop;

    /// <summary>Whose limits it shares; null before the first attempt, and for folders.</summary>
    public Site? Site
    {
        get
        {
            lock (_gate) return _site;
        }
    }

    /// <summary>Its pace, for people; null where it has no limits, or they are not known yet.</summary>
    public PaceState? Pace
    {
        get
        {
            var state = Site?.State;
            if (Missed is { } missed) state = (state ?? new PaceState()) with { Missed = missed };
            lock (_gate)
            {
                if (_down is not { } down || down.Until <= clock.GetUtcNow() || state?.DownUntil > down.Until) return state;
                state ??= new PaceState();
                return state with { DownUntil = down.Until, RestsUntil = state.RestsUntil > down.Until ? state.RestsUntil : down.Until };
            }
        }
    }

    /// <summary>That a server which is preferred is not reached, and why; null as a rule.</summary>
    public string? Missed => _paced?.Missed;

    /// <inheritdoc/>
    public int Idle => _paced?.Idle ?? 0;

    /// <inheritdoc/>
    public Task CloseIdleAsync() => _paced?.CloseIdleAsync() ?? Task.CompletedTask;

    /// <summary>Takes a group; false where the queue is closed.</summary>
    /// <param name="group">The group.</param>
    /// <param name="isAside">Whether it was only set aside.</param>
    public bool TryAdd(DeliveryGroup group, out bool isAside)
    {
        Fate fate;
        isAside = false;
        lock (_gate)
        {
            if (_closed) return false;
            fate = FateOf(group);
            switch (fate)
            {
                case Fate.Waits:
                    _waiting.Add(group);
                    Widen();
                    break;
                case Fate.Fails:
                    Fail([group], _down!.Value.Outcome, _down.Value.Since);
                    break;
            }
        }
        if (fate == Fate.GoesBack) _ = GiveBackAsync(group);
        else if (fate == Fate.Aside) SetAside(group);
        isAside = fate == Fate.Aside;
        return true;
    }

    /// <summary>Gives back what waits: all of it where the next hop is suspended, else what an administrator has changed since it was claimed.</summary>
    public void Recall()
    {
        List<DeliveryGroup> back;
        lock (_gate)
        {
            _suspended = queue.IsSuspended(hop.QueueName);   // asked here, so that of two who suspend and resume at once the last one's word stays
            back = _waiting.TakeAll(group => _suspended || group.Message.Queued.Withdrawn);
        }
        foreach (var group in back) _ = GiveBackAsync(group);
        Refill();
    }

    /// <summary>Forgets that it could not be reached, and what replies have changed; what the latter was, for people.</summary>
    public string? Retry()
    {
        Site? site;
        lock (_gate)
        {
            (_down, _narrowUntil, _failures, _restUntil, _called) = (null, default, 0, default, true);
            site = _site;
        }
        var forgotten = site?.Reset();
        Refill();
        return forgotten;
    }

    /// <summary>Closes it where nothing waits, runs or is remembered; true where it is closed.</summary>
    public bool TryRetire()
    {
        Refill();
        lock (_gate)
        {
            var remembers = (_down is { } hold && clock.GetUtcNow() < hold.Until) || _site is { IsHeldBack: true };
            _closed = _closed || (_workers == 0 && _waiting.Count == 0 && _failing.Count == 0 && !_draining && _aside == 0 && !remembers);
            if (!_closed) return false;
            _again?.Dispose();
        }
        Site?.Forget(this);
        return true;
    }

    /// <summary>Starts nothing more; what waits stays due.</summary>
    public void Close()
    {
        List<DeliveryGroup> rest;
        lock (_gate)
        {
            _closed = true;
            _again?.Dispose();
            rest = _waiting.TakeAll();
        }
        foreach (var group in rest) _ = group.AbandonAsync();
        queue.BringBack(this, int.MaxValue);
    }

    /// <inheritdoc/>
    public bool Call()
    {
        bool goes;
        lock (_gate)
        {
            (_called, _restUntil) = (true, default);
            goes = !_closed && _waiting.Count > 0 && _workers < _limit;
            if (goes) Start();
        }
        Refill();
        return goes;
    }

    // The worker goes on only when what it delivered is settled on disk: what a crash delivers twice is never more than was under way.
    private async Task WorkAsync()
    {
        while (true)
        {
            Site? site;
            try
            {
                site = await SiteAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (abort.IsCancellationRequested)
            {
                lock (_gate) _workers--;   // what waits was given back before
                return;
            }
            if (Next(site) is not { } next) return;
            if (next.Enters) await CarryAsync(site, next).ConfigureAwait(false);
            else if (!await EndedEarlyAsync(next.Group).ConfigureAwait(false))
            {
                lock (_gate) _waiting.Return(next.Group);   // an administrator has changed his mind
            }
        }
    }

    private async ValueTask<Site?> SiteAsync()
    {
        lock (_gate)
        {
            if (clock.GetUtcNow() < _siteUntil) return _site;
        }
        var (site, until) = await sites.OfAsync(hop, abort).ConfigureAwait(false);
        Site? before;
        lock (_gate)
        {
            before = _site == site ? null : _site;
            if (before is not null) _called = true;
            (_site, _siteUntil) = (site, until);
        }
        before?.Forget(this);
        return site;
    }

    private async ValueTask<bool> EndedEarlyAsync(DeliveryGroup group)
    {
        bool suspended;
        lock (_gate) suspended = _suspended;
        if (suspended || group.Message.Queued.Withdrawn) await GiveBackAsync(group).ConfigureAwait(false);
        else if (DeliveryDeadline.IsOver(group.Message.Queued.Sender, clock.GetUtcNow())) await group.CompleteUntriedAsync(DeliveryDeadline.Over).ConfigureAwait(false);
        else return false;
        group.GiveBack();
        return true;
    }

    // Of a suspended next hop it waits until that is resumed; otherwise it is due again as it was, or as an administrator has said.
    private Task GiveBackAsync(DeliveryGroup group)
    {
        if (queue.IsSuspended(hop.QueueName)) queue.Park(group.Message.Queued, group.Indexes, hop.QueueName);
        return group.AbandonAsync();
    }

    private Turn? Next(Site? site)
    {
        DateTimeOffset? until = null;
        lock (_gate)
        {
            if (_workers <= _limit && _waiting.Take() is { } group)
            {
                if (_suspended || group.Message.Queued.Withdrawn || DeliveryDeadline.IsOver(group.Message.Queued.Sender, clock.GetUtcNow())) return new Turn(group, false, null);
                if (site is null) return new Turn(group, true, null);
                if (site.Bounds.MaxRecipients is var most && group.Recipients.Count > most)
                {
                    (group, var rest) = group.Cut(most);
                    _waiting.Return(rest);
                }
                var answer = site.TryEnter(this, group.Recipients.Count, opens: Idle == 0);
                _called = answer.Enters;
                if (answer.Enters)
                {
                    group.Counted = (site, answer.Entered);
                    return new Turn(group, true, answer.MakesWay);
                }
                _waiting.Return(group);
                until = answer.Until;
            }
            else if (_waiting.Count == 0)
            {
                _called = true;   // who comes next asks the site itself: it may have called us when nothing waited, and does not again
            }
            _workers--;
        }
        if (until is { } time) Rest(time);
        else Refill();
        site?.Decline(this);
        return null;
    }

    private void Reached()
    {
        lock (_gate)
        {
            (_down, _failures, _reachable) = (null, 0, true);
            if (clock.GetUtcNow() >= _narrowUntil) _limit = Math.Min(MaxConnections, _limit * 2);
            Widen();
        }
        Site?.Reached();
        Refill();
    }

    private int MaxConnections => _site?.Bounds.MaxConnections ?? limits.MaxConnections;

    // Under the lock: a worker for each waiting group, up to the limit; none while the site has us wait.
    private void Widen()
    {
        if (!_called || _waiting.Count == 0 || _workers >= _limit) return;
        for (var wanted = Math.Min(Math.Min(_limit, MaxConnections) - _workers, _waiting.Count); wanted > 0; wanted--) Start();
    }

    private void Start()
    {
        _workers++;
        _ = Task.Run(WorkAsync, CancellationToken.None);
    }

    private void Unreachable(DeliveryGroup group, DeliveryOutcome outcome)
    {
        group.GiveBack();
        List<DeliveryGroup> others;
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            // A second worker exists only since a first one got through; if they all fail, the last of them comes past this.
            if (_workers > 1 && outcome.Status == DeliveryStatus.Deferred && !_closed)
            {
                _limit = _workers - 1;
                _narrowUntil = now + limits.HoldDown.First;
                _waiting.Return(group);
                return;
            }
            (_limit, _reachable, _told) = (1, false, 0);
            if (outcome.Status == DeliveryStatus.Deferred) _down = (now, now + limits.HoldDown.After(++_failures), outcome);
            others = _waiting.TakeAll(_ => outcome.Status == DeliveryStatus.Deferred && ++_told > Few);
            Fail([group, .. _waiting.TakeAll()], outcome);
            Arm();
        }
        foreach (var other in others) SetAside(other);
        if (outcome.Status == DeliveryStatus.Deferred) Site?.Failed(limits.HoldDown);
    }

    /// <summary>A group whose turn it is.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Enters">Whether it has a place; otherwise it has ended early.</param>
    /// <param name="MakesWay">What has to be closed first.</param>
    private readonly record struct Turn(DeliveryGroup Group, bool Enters, Task? MakesWay);
}

/// <summary>How much a destination may be asked for.</summary>
/// <param name="MaxConnections">Connections at a time, where it has no site.</param>
/// <param name="HoldDown">How long one that could not be reached is left alone.</param>
/// <param name="All">The limit it shares with all others; null where it needs no connection.</param>
/// <param name="FreeRoom">How many more messages delivery can take into its hands.</param>
/// <param name="LookAt">When a group that waits must be looked at in any case.</param>
internal readonly record struct DestinationLimits(int MaxConnections, HoldDown HoldDown, ConnectionLimit? All, Func<int> FreeRoom, Func<DeliveryGroup, DateTimeOffset> LookAt);
