using System.Globalization;
using MailOps.Messages;

namespace MailOps.Relay.Delivery.Pace;

/// <content>What replies and failures change, and what is remembered.</content>
internal sealed partial class Site
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1), Memory = TimeSpan.FromHours(1);
    private const int LongestReason = 300;

    private readonly List<Change> _changes = [];
    private readonly Dictionary<PaceReplyOptions, List<DateTimeOffset>> _seen = [];
    private int _failures;
    private DateTimeOffset _downUntil;
    private bool _closed;

    private sealed record Change(ReplyRule Rule, DateTimeOffset Until, string Reason);

    /// <summary>A reply that refused something: it may change the limits for a while.</summary>
    public void Heard(SmtpReply reply)
    {
        if (context.Profiles.RuleFor(profile, reply) is not { } rule) return;
        lock (_gate)
        {
            var now = context.Clock.GetUtcNow();
            if (!_seen.TryGetValue(rule.Options, out var times)) _seen.Add(rule.Options, times = []);
            times.RemoveAll(time => time + Memory <= now);
            times.Add(now);
            if (times.Count < rule.Options.After) return;
            if (times.Count > rule.Options.After) times.RemoveAt(0);
            var change = new Change(rule, now + rule.Options.Duration, Printable.Shorten(reply.ToString(), LongestReason));
            var isNew = _changes.RemoveAll(c => c.Rule.Options == rule.Options) == 0;
            _changes.Add(change);
            if (isNew) Tell("THROTTLE", string.Create(CultureInfo.InvariantCulture, $"{rule}, until {change.Until:u} at least, for it said: {change.Reason}"));
            Arm(WaitUntil(now, Now(), 1, opens: false));
        }
        context.Changed();
    }

    /// <summary>A conversation got as far as a message.</summary>
    public void Reached()
    {
        lock (_gate) (_failures, _downUntil) = (0, default);
    }

    /// <summary>It could not be reached, or let nobody in.</summary>
    /// <param name="holdDown">How long the route by which it was tried leaves it alone then.</param>
    public void Failed(HoldDown holdDown)
    {
        lock (_gate)
        {
            if (Now().FailuresBeforeDelay is not { } enough || ++_failures < enough) return;
            _downUntil = context.Clock.GetUtcNow() + holdDown.After(_failures - enough + 1);
            Arm(_downUntil);
        }
        context.Changed();
    }

    /// <summary>Forgets what replies and failures have changed: an administrator knows better. What was sent today stays counted, for the provider counts it. Gives what was forgotten, for people; null for nothing.</summary>
    public string? Reset()
    {
        string? forgotten;
        lock (_gate)
        {
            EndChanges();
            forgotten = _changes.Count > 0 ? $"{string.Join("; ", _changes.Select(change => change.Rule))}, because of: {_changes[^1].Reason}" : _downUntil > context.Clock.GetUtcNow() ? "that it could not be reached" : null;
            if (_changes.Count > 0) Tell("UNTHROTTLE", "an administrator has asked for it");
            _changes.Clear();
            _seen.Clear();
            (_failures, _downUntil) = (0, default);
            (_messages.Next, _connections.Next) = (0, 0);
            foreach (var member in _ring) _places[member] = _places[member] with { Until = null };
        }
        context.Changed();
        CallNext();
        return forgotten;
    }

    /// <summary>Whether less is sent there than the configuration allows.</summary>
    public bool IsHeldBack
    {
        get
        {
            lock (_gate)
            {
                EndChanges();
                return _changes.Count > 0 || _downUntil > context.Clock.GetUtcNow();
            }
        }
    }

    /// <summary>Whether something is remembered of it that a new one would not know.</summary>
    public bool Remembers
    {
        get
        {
            lock (_gate)
            {
                EndChanges();
                var now = context.Clock.GetUtcNow();
                return _changes.Count > 0 || _downUntil > now || _day.Used(now) > 0 || _messages.Next > now.UtcTicks || _connections.Next > now.UtcTicks || _active > 0 || _ring.Count > 0;
            }
        }
    }

    /// <summary>As people look at it.</summary>
    public PaceState State
    {
        get
        {
            lock (_gate)
            {
                EndChanges();
                var (now, limits) = (context.Clock.GetUtcNow(), Now());
                var full = limits.RecipientsPerDay is { } perDay ? _day.WaitUntil(now, 1, perDay) : null;
                var longest = _changes.MaxBy(change => change.Until);
                var waits = _ring.First is { } first ? TimeOf(first.Value) : null;
                var why = waits is null ? null : WaitReason(now, limits);
                return new PaceState
                {
                    Profile = profile?.Options.Name,
                    MaxConnections = limits.MaxConnections,
                    MessagesPerMinute = limits.MessagesPerMinute,
                    RecipientsPerDay = limits.RecipientsPerDay,
                    RecipientsSent = limits.RecipientsPerDay is null ? null : _day.Used(now),
                    ThrottledUntil = full ?? longest?.Until,
                    ThrottleReason = full is not null ? FormattableString.Invariant($"{limits.RecipientsPerDay} recipients a day are used up") : longest?.Reason ?? why,
                    RestsUntil = Latest(full, SuspendedUntil(now), _downUntil > now ? _downUntil : null),
                    WaitsUntil = why is null ? null : waits,
                    WaitReason = why,
                    Active = _active,
                    DownUntil = _downUntil > now ? _downUntil : null,
                };
            }
        }
    }

    // Of what the next in the ring waits for, the last that ends; null where that is a server that is down.
    private string? WaitReason(DateTimeOffset now, PaceBounds limits)
    {
        (DateTimeOffset? Until, string? Reason)[] all =
        [
            (limits.MessagesPerMinute is { } messages ? _messages.WaitUntil(now, messages) : null, FormattableString.Invariant($"{limits.MessagesPerMinute} messages a minute")),
            (limits.ConnectionsPerMinute is { } connections ? _connections.WaitUntil(now, connections) : null, FormattableString.Invariant($"{limits.ConnectionsPerMinute} connections a minute")),
            (limits.RecipientsPerDay is { } perDay ? _day.WaitUntil(now, 1, perDay) : null, FormattableString.Invariant($"{limits.RecipientsPerDay} recipients a day are used up")),
            (SuspendedUntil(now), _changes.Find(change => change.Rule.Options.Suspend)?.Reason),
            (_downUntil > now ? _downUntil : null, null),
        ];
        var last = all.Where(one => one.Until is not null).MaxBy(one => one.Until);
        // Nothing of this has one wait that has many recipients, and they are more than may still go today.
        return last.Until is not null ? last.Reason : limits.RecipientsPerDay is { } day ? FormattableString.Invariant($"{day} recipients a day would be too many with it") : null;
    }

    /// <summary>What is to be remembered over a restart; null where nothing is.</summary>
    public SavedSite? Save()
    {
        if (!Remembers) return null;
        lock (_gate)
        {
            return new SavedSite
            {
                Name = name.Key,
                NextMessage = _messages.Next,
                NextConnection = _connections.Next,
                Day = _day.Steps,
                Changes = [.. _changes.Select(change => new SavedChange(change.Rule.Options, change.Until, change.Reason))],
                Failures = _failures,
                DownUntil = _downUntil,
            };
        }
    }

    /// <summary>Takes back what was remembered, before anybody asks.</summary>
    public void Restore(SavedSite saved)
    {
        lock (_gate)
        {
            (_messages.Next, _connections.Next, _failures, _downUntil) = (saved.NextMessage, saved.NextConnection, saved.Failures, saved.DownUntil);
            _day.Restore(saved.Day);
            foreach (var change in saved.Changes) _changes.Add(new Change(new ReplyRule(change.Rule), change.Until, change.Reason));
            EndChanges();
            Arm(null);
        }
    }

    private PaceBounds Now()
    {
        var limits = _configured;
        foreach (var change in _changes)
        {
            var rule = change.Rule.Options;
            limits = limits.Tightest(limits.Under(new PaceLimitOptions
            {
                MessagesPerMinute = rule.MessagesPerMinute,
                MaxConnections = rule.MaxConnections,
                MaxMessagesPerConnection = rule.MaxMessagesPerConnection,
            }));
            if (rule.Profile is { } slower) limits = limits.Tightest(limits.Under(context.Profiles.Named(slower)?.Options));
        }
        return limits;
    }

    private static DateTimeOffset? Latest(params ReadOnlySpan<DateTimeOffset?> times)
    {
        DateTimeOffset? latest = null;
        foreach (var time in times)
        {
            if (time is not null && !(time <= latest)) latest = time;
        }
        return latest;
    }

    private DateTimeOffset? SuspendedUntil(DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        foreach (var change in _changes)
        {
            if (change.Rule.Options.Suspend && change.Until > now && !(change.Until <= until)) until = change.Until;
        }
        return until;
    }

    private void EndChanges()
    {
        if (_changes.Count == 0) return;
        var now = context.Clock.GetUtcNow();
        foreach (var over in _changes.FindAll(change => change.Until <= now))
        {
            _changes.Remove(over);
            Tell("UNTHROTTLE", $"no longer: {over.Rule}");
            context.Changed();
        }
    }

    private void Tell(string eventId, string what) => context.Trace.Record(new SmtpRelayTrackingEvent
    {
        Timestamp = context.Clock.GetUtcNow(),
        EventId = eventId,
        Source = "QUEUE",
        ServerHostname = name.Words,
        SourceContext = what,
    });
}
