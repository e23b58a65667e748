using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// What queues that lead to the same provider or server share: places for connections, rates, and for how long its replies, or its silence, have us hold back. Who may not go on now stands in
/// a ring, each queue once, and is called in turn when it may. Nobody waits here: no thread, no task.
/// </summary>
/// <param name="name">What it is known by, also over a restart.</param>
/// <param name="profile">The provider's profile, or null.</param>
/// <param name="bounds">Its limits.</param>
/// <param name="context">What all sites have in common.</param>
internal sealed partial class Site(SiteName name, Profile? profile, PaceBounds bounds, SiteContext context) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<ISiteMember> _ring = new();
    private readonly Dictionary<ISiteMember, Place> _places = [];   // in the ring
    private readonly HashSet<ISiteMember> _called = [];
    private readonly LinkedList<ISiteMember> _idle = new();   // those that may keep connections open, the last ones last
    private readonly MinuteRate _messages = new(), _connections = new();
    private readonly DayCount _day = new();
    private PaceBounds _configured = bounds;
    private int _active;
    private ITimer? _timer;

    public SiteName Name => name;

    public Profile? Profile => profile;

    /// <summary>What holds now, changes by replies included.</summary>
    public PaceBounds Bounds
    {
        get
        {
            lock (_gate) return Now();
        }
    }

    /// <summary>Another route leads here: the tighter limits count.</summary>
    public void Tighten(PaceBounds other)
    {
        lock (_gate) _configured = _configured.Tightest(other);
    }

    /// <summary>
    /// Takes a place and what the message costs, or stands in the ring and is called. A refusal says until when at least, where the time is known.
    /// </summary>
    /// <param name="member">Who asks.</param>
    /// <param name="recipients">How many the message has.</param>
    /// <param name="opens">Whether a connection has to be opened for it.</param>
    public SiteAnswer TryEnter(ISiteMember member, int recipients, bool opens)
    {
        lock (_gate)
        {
            var now = context.Clock.GetUtcNow();
            var called = _called.Remove(member);
            if (!called && _ring.Count > 0) return Refused(member, null, first: false);
            var limits = Now();
            if (WaitUntil(now, limits, recipients, opens) is { } until) return Refused(member, until, first: called);
            if (Free(limits) <= 0) return Refused(member, null, first: called);
            _active++;
            if (opens && limits.ConnectionsPerMinute is { } connections) _connections.Take(now, connections);
            Spend(now, limits, recipients);
            return new SiteAnswer(true, null, MakeWay(member, limits)) { Entered = now };
        }
    }

    /// <summary>Takes what one more message costs over a connection that has its place already; gives when it was counted, or null where others wait for a place, or a rate has it wait.</summary>
    /// <param name="recipients">How many the message has.</param>
    public DateTimeOffset? TryFollow(int recipients)
    {
        lock (_gate)
        {
            var (now, limits) = (context.Clock.GetUtcNow(), Now());
            if (_ring.Count > 0 || _called.Count > 0 || _active > limits.MaxConnections || recipients > limits.MaxRecipients || WaitUntil(now, limits, recipients, opens: false) is not null) return null;
            Spend(now, limits, recipients);
            return now;
        }
    }

    /// <summary>Recipients that were counted for the day when they entered were not sent: nobody was reached.</summary>
    public void GiveBack(DateTimeOffset entered, int recipients)
    {
        lock (_gate)
        {
            if (Now().RecipientsPerDay is null) return;
            _day.GiveBack(context.Clock.GetUtcNow(), entered, recipients);
        }
        context.Changed();
    }

    /// <summary>Gives the place back, and calls who waits for it.</summary>
    public void Leave(ISiteMember member)
    {
        bool alone;
        lock (_gate)
        {
            _active--;
            _idle.Remove(member);
            if (member.Idle > 0) _idle.AddLast(member);
            if (_idle.Count > Now().MaxConnections) _idle.RemoveFirst();
            // Who comes back for its next message need not be woken for it; but it must come back, and be able to go on: later it is woken, for by then it may have ended.
            alone = _ring.Count == 1 && _ring.First!.Value == member && _called.Count == 0 && TimeOf(member) is null;
            if (alone) Pass(member);
        }
        if (!alone) CallNext();
    }

    /// <summary>The member has nothing to send, though it may have been called.</summary>
    public void Decline(ISiteMember member)
    {
        lock (_gate) _called.Remove(member);
        CallNext();
    }

    /// <summary>The member is gone.</summary>
    public void Forget(ISiteMember member)
    {
        lock (_gate)
        {
            Take(member);
            _idle.Remove(member);
            _called.Remove(member);
        }
        CallNext();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _timer?.Dispose();
        }
    }

    // When one that stands in the ring may go on, where that is later than now.
    private DateTimeOffset? TimeOf(ISiteMember member)
    {
        var now = context.Clock.GetUtcNow();
        var until = WaitUntil(now, Now(), 1, opens: false);
        return _places[member].Until is { } own && own > now && !(own <= until) ? own : until;
    }

    private void Spend(DateTimeOffset now, PaceBounds limits, int recipients)
    {
        if (limits.MessagesPerMinute is { } messages) _messages.Take(now, messages);
        if (limits.RecipientsPerDay is not null) _day.Take(now, recipients);
        if (limits.MessagesPerMinute is not null || limits.RecipientsPerDay is not null) context.Changed();
    }

    private void Pass(ISiteMember member)
    {
        Take(member);
        _called.Add(member);
    }

    private void Take(ISiteMember member)
    {
        if (_places.Remove(member, out var place)) _ring.Remove(place.Node);
    }

    // Calls each whose turn it is, until there is nothing for the next one.
    private void CallNext()
    {
        while (true)
        {
            ISiteMember member;
            lock (_gate)
            {
                EndChanges();
                if (_ring.First is not { } first || _closed)
                {
                    Arm(null);
                    return;
                }
                var until = TimeOf(first.Value);
                if (until is not null || Free(Now()) <= 0)
                {
                    Arm(until);
                    return;
                }
                member = first.Value;
                Pass(member);
            }
            if (!member.Call())
            {
                lock (_gate) _called.Remove(member);
            }
        }
    }

    private readonly record struct Place(LinkedListNode<ISiteMember> Node, DateTimeOffset? Until);

    private int Free(PaceBounds limits) => limits.MaxConnections - _active - _called.Count;

    private SiteAnswer Refused(ISiteMember member, DateTimeOffset? until, bool first)
    {
        // What it needs, a connection or many recipients, may come later than what the next one needs: it is not called in vain.
        if (!_places.ContainsKey(member)) _places.Add(member, new Place(first ? _ring.AddFirst(member) : _ring.AddLast(member), until));
        until ??= WaitUntil(context.Clock.GetUtcNow(), Now(), 1, opens: false);
        Arm(until);
        return new SiteAnswer(false, until, null);
    }

    private DateTimeOffset? WaitUntil(DateTimeOffset now, PaceBounds limits, int recipients, bool opens)
    {
        DateTimeOffset? until = null;
        Later(_downUntil > now ? _downUntil : null);
        Later(SuspendedUntil(now));
        if (limits.RecipientsPerDay is { } perDay) Later(_day.WaitUntil(now, recipients, perDay));
        if (limits.MessagesPerMinute is { } messages) Later(_messages.WaitUntil(now, messages));
        if (opens && limits.ConnectionsPerMinute is { } connections) Later(_connections.WaitUntil(now, connections));
        return until;

        void Later(DateTimeOffset? time)
        {
            if (time > now && !(time <= until)) until = time;
        }
    }

    // A connection that another queue keeps for its next message counts too: it makes way. Taken from that queue here, so that nobody else counts on it; waited for by whoever enters.
    private Task? MakeWay(ISiteMember member, PaceBounds limits)
    {
        var open = _active;
        List<ISiteMember>? others = null;
        for (var node = _idle.First; node is not null;)
        {
            var next = node.Next;
            var idle = node.Value.Idle;
            if (idle == 0) _idle.Remove(node);
            else if (node.Value != member) (others ??= []).Add(node.Value);
            open += node.Value == member ? Math.Max(0, idle - 1) : idle;   // one of its own is what it goes on with
            node = next;
        }
        if (open <= limits.MaxConnections || others is null) return null;
        List<Task> closing = [];
        foreach (var other in others)
        {
            for (var idle = other.Idle; idle > 0 && open > limits.MaxConnections; idle--, open--) closing.Add(other.CloseIdleAsync());
        }
        return Task.WhenAll(closing);
    }

    // For the next in the ring, and for the end of what replies have changed.
    private void Arm(DateTimeOffset? until)
    {
        if (_closed) return;
        foreach (var change in _changes)
        {
            if (until is null || change.Until < until) until = change.Until;
        }
        if (until is null)
        {
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }
        _timer ??= context.Clock.CreateTimer(static site => ((Site)site!).CallNext(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var wait = until.Value - context.Clock.GetUtcNow();
        // In whole milliseconds, which timers count in, and never too few of them.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, LongestWait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}

/// <summary>Whether a message may go to a site now.</summary>
/// <param name="Enters">Whether it may: then <see cref="Site.Leave"/> follows.</param>
/// <param name="Until">Where not: until when at least, if that is known.</param>
/// <param name="MakesWay">Ends when others have closed connections that they do not use; null where there is room.</param>
internal readonly record struct SiteAnswer(bool Enters, DateTimeOffset? Until, Task? MakesWay)
{
    /// <summary>When, for <see cref="Site.GiveBack"/>.</summary>
    public DateTimeOffset Entered { get; init; }
}

/// <summary>What all sites have in common.</summary>
/// <param name="Clock">Time.</param>
/// <param name="Trace">Where changes are told.</param>
/// <param name="Profiles">The profiles and replies that count.</param>
/// <param name="Changed">Something is to be remembered.</param>
internal sealed record SiteContext(TimeProvider Clock, IMailTrace Trace, Profiles Profiles, Action Changed);

/// <summary>How long what could not be reached is left alone: the first time, doubling up to the longest.</summary>
internal readonly record struct HoldDown(TimeSpan First, TimeSpan Longest)
{
    /// <summary>After so many failures in a row.</summary>
    public TimeSpan After(int failures)
    {
        var wait = First;
        for (var i = 1; i < failures && wait < Longest; i++) wait += wait;
        return wait < Longest ? wait : Longest;
    }
}
