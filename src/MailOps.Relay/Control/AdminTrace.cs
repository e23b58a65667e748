using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>Writes what administrators did into the tracking log, and who did it.</summary>
internal sealed class AdminTrace(IMailTrace trace, TimeProvider clock)
{
    private const string Source = "ADMIN";

    /// <summary>Something done to one message.</summary>
    public void Message(string eventId, string id, string? target, string? by) => Record(new SmtpRelayTrackingEvent
    {
        Timestamp = clock.GetUtcNow(),
        EventId = eventId,
        Source = Source,
        InternalMessageId = id.ToUpperInvariant(),
        ServerHostname = target,
        SourceContext = by,
    });

    /// <summary>Something done to the queue of a next hop, or to the whole one.</summary>
    public void Queue(string eventId, string nextHop, string? by) => Record(new SmtpRelayTrackingEvent
    {
        Timestamp = clock.GetUtcNow(),
        EventId = eventId,
        Source = Source,
        ServerHostname = nextHop,
        SourceContext = by,
    });

    private void Record(SmtpRelayTrackingEvent step) => trace.Record(step);
}
