using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// The queue of one next hop. It begins with one worker, which finds out whether the next hop can be reached at all; each success doubles the
/// number of workers, up to the limit. When it cannot be reached and no other connection to it stands, everything that waits gets the same
/// outcome, and for a while so does what comes after: a dead destination costs one attempt, not one a message. Where others stand, the server
/// only wants no more of them: the group goes back, and there are fewer workers for a while.
/// </summary>
internal sealed class Destination(NextHop hop, IMailTarget target, DestinationLimits limits, IMailQueue queue, IMailTrace trace, TimeProvider clock, CancellationToken abort)
{
    private readonly Lock _gate = new();
    private readonly WaitingList _waiting = new();
    private int _workers;
    private int _limit = 1;
    private bool _closed;
    private bool _suspended;
    private DateTimeOffset _narrowUntil;
    private (DateTimeOffset Until, DeliveryOutcome Outcome)? _down;

    public NextHop Hop => hop;

    /// <summary>Takes a group; false where the queue is closed.</summary>
    public bool TryAdd(DeliveryGroup group)
    {
        DeliveryOutcome? down = null;
        bool suspended;
        lock (_gate)
        {
            if (_closed) return false;
            suspended = _suspended;
            if (!suspended && _down is { } hold && clock.GetUtcNow() < hold.Until) down = hold.Outcome;
            else if (!suspended)
            {
                _waiting.Add(group);
                Widen();
            }
        }
        if (suspended) _ = GiveBackAsync(group);
        else if (down is not null) _ = group.CompleteAsync(down);
        return true;
    }

    /// <summary>Gives back what waits: all of it where the next hop is suspended, else what an administrator has changed since it was claimed.</summary>
    public void Recall()
    {
        List<DeliveryGroup> back;
        lock (_gate)
        {
            _suspended = queue.IsSuspended(hop.Name);   // asked here, so that of two who suspend and resume at once the last one's word stays
            back = _waiting.TakeAll(group => _suspended || group.Message.Queued.Withdrawn);
        }
        foreach (var group in back) _ = GiveBackAsync(group);
    }

    /// <summary>Forgets that it could not be reached.</summary>
    public void Retry()
    {
        lock (_gate) (_down, _narrowUntil) = (null, default);
    }

    /// <summary>Closes it where nothing waits, runs or is remembered; true where it is closed.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            var remembers = _down is { } hold && clock.GetUtcNow() < hold.Until;
            return _closed = _closed || (_workers == 0 && _waiting.Count == 0 && !remembers);
        }
    }

    /// <summary>Starts nothing more; what waits stays due.</summary>
    public void Close()
    {
        List<DeliveryGroup> rest;
        lock (_gate)
        {
            _closed = true;
            rest = _waiting.TakeAll();
        }
        foreach (var group in rest) _ = group.AbandonAsync();
    }

    // The worker goes on only when what it delivered is settled on disk: what a crash delivers twice is never more than was under way.
    private async Task WorkAsync()
    {
        while (Next() is { } group)
        {
            if (await EndedEarlyAsync(group).ConfigureAwait(false)) continue;
            if (limits.All is { } all && !await all.EnterAsync().ConfigureAwait(false))
            {
                await group.AbandonAsync().ConfigureAwait(false);
                continue;
            }
            try
            {
                // The wait for a place among all connections may have been long.
                if (await EndedEarlyAsync(group).ConfigureAwait(false)) continue;
                if (await DeliveryAttempt.RunAsync(target, group, trace, abort).ConfigureAwait(false) is { } unreachable) Unreachable(group, unreachable);
                else Reached();
            }
            finally
            {
                limits.All?.Leave();
            }
        }
    }

    private async ValueTask<bool> EndedEarlyAsync(DeliveryGroup group)
    {
        bool suspended;
        lock (_gate) suspended = _suspended;
        if (suspended || group.Message.Queued.Withdrawn) await GiveBackAsync(group).ConfigureAwait(false);
        else if (DeliveryDeadline.IsOver(group.Message.Queued.Sender, clock.GetUtcNow())) await group.CompleteAsync(DeliveryDeadline.Over).ConfigureAwait(false);
        else return false;
        return true;
    }

    // Of a suspended next hop it waits until that is resumed; otherwise it is due again as it was, or as an administrator has said.
    private Task GiveBackAsync(DeliveryGroup group)
    {
        if (queue.IsSuspended(hop.Name)) queue.Park(group.Message.Queued, [.. group.Recipients.Select(recipient => recipient.Index)], hop.Name);
        return group.AbandonAsync();
    }

    private DeliveryGroup? Next()
    {
        lock (_gate)
        {
            if (_workers <= _limit && _waiting.Take() is { } first) return first;
            _workers--;
            return null;
        }
    }

    private void Reached()
    {
        lock (_gate)
        {
            _down = null;
            if (clock.GetUtcNow() >= _narrowUntil) _limit = Math.Min(limits.MaxConnections, _limit * 2);
            Widen();
        }
    }

    // Under the lock: a worker for each waiting group, up to the limit.
    private void Widen()
    {
        for (var wanted = Math.Min(_limit - _workers, _waiting.Count); wanted > 0; wanted--)
        {
            _workers++;
            _ = Task.Run(WorkAsync, CancellationToken.None);
        }
    }

    private void Unreachable(DeliveryGroup group, DeliveryOutcome outcome)
    {
        List<DeliveryGroup> all = [group];
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            // A second worker exists only since a first one got through; if they all fail, the last of them comes past this.
            if (_workers > 1 && outcome.Status == DeliveryStatus.Deferred && !_closed)
            {
                _limit = _workers - 1;
                _narrowUntil = now + limits.HoldDown;
                _waiting.Return(group);
                return;
            }
            all.AddRange(_waiting.TakeAll());
            _limit = 1;
            if (outcome.Status == DeliveryStatus.Deferred) _down = (now + limits.HoldDown, outcome);
        }
        foreach (var one in all) _ = one.CompleteAsync(outcome);
    }
}

/// <summary>How much a destination may be asked for.</summary>
/// <param name="MaxConnections">Connections at a time.</param>
/// <param name="HoldDown">How long one that could not be reached is left alone.</param>
/// <param name="All">The limit it shares with all others; null where it needs no connection.</param>
internal readonly record struct DestinationLimits(int MaxConnections, TimeSpan HoldDown, ConnectionLimit? All);
