using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>One queue while it is counted.</summary>
internal sealed class QueueTally(NextHop hop)
{
    private int _messages, _deferred, _suspended;
    private bool _claimed;
    private DateTimeOffset? _next;
    private QueuedRecipientState? _last;

    public NextHop Hop => hop;

    /// <summary>Counts a message, by its recipients that wait here.</summary>
    public void Add(QueuedSketch message, IReadOnlyList<QueuedRecipientState> recipients)
    {
        _messages++;
        _claimed |= message.Claimed;
        var stands = message.Hold == MessageHold.Suspended;   // in no schedule
        if (stands || recipients.Any(recipient => recipient.IsHeld)) _suspended++;
        var deferred = false;
        foreach (var recipient in recipients)
        {
            deferred |= recipient.Status == DeliveryStatus.Deferred;
            if (!stands && !recipient.IsHeld && (_next is null || recipient.NextAttempt < _next)) _next = recipient.NextAttempt;
            if (recipient is { Status: DeliveryStatus.Deferred, LastReply: not null } && (_last is null || recipient.LastAttempt > _last.LastAttempt)) _last = recipient;
        }
        if (deferred) _deferred++;
    }

    public SmtpRelayQueue Queue(string identity, bool suspended, PaceState? pace, DateTimeOffset now)
    {
        // What is due waits for its turn: it is tried when that comes.
        if (pace?.RestsUntil is { } rest && rest > now && rest > _next) (_next, _claimed) = (rest, false);
        var waits = _next > now;
        if (pace?.WaitsUntil is { } turn && turn > _next) _next = turn;
        return Row(identity, suspended, waits, pace ?? new PaceState(), now);
    }

    private SmtpRelayQueue Row(string identity, bool suspended, bool waits, PaceState pace, DateTimeOffset now) => new()
    {
        Identity = identity,
        DeliveryType = hop.Kind.ToString(),
        NextHopDomain = hop.QueueName,
        Status = suspended || _suspended == _messages ? "Suspended" : _claimed ? "Active" : waits ? "Retry" : "Ready",
        MessageCount = _messages,
        DeferredMessageCount = _deferred,
        SuspendedMessageCount = _suspended,
        LastError = _last?.LastReply ?? pace.Missed,
        PreferredServerError = pace.Missed,
        LastRetryTime = _last?.LastAttempt,
        NextRetryTime = _next,
        Profile = pace.Profile,
        MaxConnections = pace.MaxConnections,
        MessagesPerMinute = pace.MessagesPerMinute,
        RecipientsPerDay = pace.RecipientsPerDay,
        RecipientsSent = pace.RecipientsSent,
        ThrottledUntil = pace.ThrottledUntil ?? (pace.WaitsUntil is null ? null : LastTurn(pace, now)),
        ThrottleReason = pace.ThrottleReason,
        DownUntil = pace.DownUntil,
    };

    // About when the last of what waits goes, by the rate alone.
    private DateTimeOffset? LastTurn(PaceState pace, DateTimeOffset now) =>
        pace.MessagesPerMinute is { } rate ? now + TimeSpan.FromMinutes((double)(_messages - _suspended) / rate) : pace.WaitsUntil;
}
