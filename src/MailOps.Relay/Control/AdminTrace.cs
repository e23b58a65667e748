using System.Globalization;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>Writes what administrators did into the tracking log, and who did it.</summary>
internal sealed class AdminTrace(IMailTrace trace, TimeProvider clock)
{
    private const string Source = "ADMIN";

    /// <summary>Something done to one message.</summary>
    /// <param name="eventId">What.</param>
    /// <param name="id">Its queue id.</param>
    /// <param name="message">The message before that; null where nobody could look.</param>
    /// <param name="target">Where it goes now, for a redirect.</param>
    /// <param name="by">Who did it.</param>
    public void Message(string eventId, string id, QueuedMessageState? message, string? target, string? by) => Record(new SmtpRelayTrackingEvent
    {
        Timestamp = clock.GetUtcNow(),
        EventId = eventId,
        Source = Source,
        InternalMessageId = id.ToUpperInvariant(),
        Sender = message is null ? null : message.ReversePath ?? "<>",
        Recipients = message is null ? [] : [.. message.Recipients.Where(r => r.Status is null or DeliveryStatus.Deferred).Select(r => r.Address)],
        TotalBytes = message?.Size ?? 0,
        ServerHostname = target,
        SourceContext = by,
    });

    /// <summary>Something done to the queue of a next hop, or to the whole one.</summary>
    /// <param name="eventId">What.</param>
    /// <param name="nextHop">The queue.</param>
    /// <param name="by">Who did it.</param>
    /// <param name="messages">How many messages that has changed; null where it changes none.</param>
    public void Queue(string eventId, string nextHop, string? by, int? messages = null) => Record(new SmtpRelayTrackingEvent
    {
        Timestamp = clock.GetUtcNow(),
        EventId = eventId,
        Source = Source,
        ServerHostname = nextHop,
        SourceContext = by,
        RecipientStatus = messages is { } count ? [string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "message" : "messages")}")] : [],
    });

    private void Record(SmtpRelayTrackingEvent step) => trace.Record(step);
}
