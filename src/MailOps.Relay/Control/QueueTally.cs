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
        return Row(identity, suspended, pace ?? new PaceState(), now);
    }

    private SmtpRelayQueue Row(string identity, bool suspended, PaceState pace, DateTimeOffset now) => new()
    {
        Identity = identity,
        DeliveryType = hop.Kind.ToString(),
        NextHopDomain = hop.Name,
        Status = suspended || _suspended == _messages && hop.Kind == RouteKind.Hold ? "Suspended" : _claimed ? "Active" : _next > now ? "Retry" : "Ready",
        MessageCount = _messages,
        DeferredMessageCount = _deferred,
        SuspendedMessageCount = _suspended,
        LastError = _last?.LastReply,
        LastRetryTime = _last?.LastAttempt,
        NextRetryTime = _next,
        Profile = pace.Profile,
        MaxConnections = pace.MaxConnections,
        MessagesPerMinute = pace.MessagesPerMinute,
        RecipientsPerDay = pace.RecipientsPerDay,
        RecipientsSent = pace.RecipientsSent,
        ThrottledUntil = pace.ThrottledUntil,
        ThrottleReason = pace.ThrottleReason,
        DownUntil = pace.DownUntil,
    };
}
