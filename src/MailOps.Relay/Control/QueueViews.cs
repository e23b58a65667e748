using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>The queue as administrators look at it: messages with their recipients, and one queue per next hop.</summary>
internal static class QueueViews
{
    /// <summary>The messages, each recipient with its next hop.</summary>
    public static IEnumerable<SmtpRelayMessage> Messages(string relay, IEnumerable<QueuedMessageState> messages, Func<EmailAddress, NextHop> nextHopOf, TimeSpan lifetime, DateTimeOffset now) =>
        messages.Select(m => new SmtpRelayMessage
        {
            Identity = $"{relay}\\{m.Id}",
            QueueId = m.Id,
            FromAddress = m.ReversePath ?? "<>",
            Status = StatusOf(m.Claimed, NextOf(m.Recipients), now),
            Size = m.Size,
            DateReceived = m.Received,
            ExpirationTime = m.Received + lifetime,
            SourceIP = m.ClientAddress,
            LastError = LastOf(m.Recipients)?.LastReply,
            RetryCount = m.Recipients.Max(r => r.Attempts),
            NextRetryTime = NextOf(m.Recipients),
            Recipients = [.. m.Recipients.Select(r => Recipient(r, nextHopOf))],
        });

    /// <summary>The queues, the one with most messages first.</summary>
    public static IReadOnlyList<SmtpRelayQueue> Queues(string relay, IEnumerable<QueuedMessageState> messages, Func<EmailAddress, NextHop> nextHopOf, DateTimeOffset now)
    {
        var waiting =
            from message in messages
            from recipient in message.Recipients
            where recipient.Status is null or DeliveryStatus.Deferred
            group (message, recipient) by nextHopOf(EmailAddress.Parse(recipient.Address)) into queue
            select queue;
        return [.. waiting.Select(q => Queue(relay, q.Key, [.. q], now)).OrderByDescending(q => q.MessageCount).ThenBy(q => q.Identity, StringComparer.Ordinal)];
    }

    private static SmtpRelayQueue Queue(string relay, NextHop nextHop, List<(QueuedMessageState Message, QueuedRecipientState Recipient)> waiting, DateTimeOffset now)
    {
        var recipients = waiting.ConvertAll(w => w.Recipient);
        return new SmtpRelayQueue
        {
            Identity = $"{relay}\\{nextHop.Name}",
            DeliveryType = nextHop.Kind.ToString(),
            NextHopDomain = nextHop.Name,
            Status = StatusOf(waiting.Exists(w => w.Message.Claimed), NextOf(recipients), now),
            MessageCount = waiting.Select(w => w.Message.Id).Distinct().Count(),
            DeferredMessageCount = waiting.Where(w => w.Recipient.Status == DeliveryStatus.Deferred).Select(w => w.Message.Id).Distinct().Count(),
            LastError = LastOf(recipients)?.LastReply,
            LastRetryTime = LastOf(recipients)?.LastAttempt,
            NextRetryTime = NextOf(recipients),
        };
    }

    private static SmtpRelayRecipient Recipient(QueuedRecipientState recipient, Func<EmailAddress, NextHop> nextHopOf) => new()
    {
        Address = recipient.Address,
        Status = recipient.Status?.ToString() ?? "Pending",
        NextHopDomain = nextHopOf(EmailAddress.Parse(recipient.Address)).Name,
        LastError = recipient.LastReply,
        NextRetryTime = recipient.NextAttempt,
    };

    private static string StatusOf(bool claimed, DateTimeOffset? next, DateTimeOffset now) => claimed ? "Active" : next > now ? "Retry" : "Ready";

    private static DateTimeOffset? NextOf(IEnumerable<QueuedRecipientState> recipients) => recipients.Where(r => r.Status is null or DeliveryStatus.Deferred).Min(r => r.NextAttempt);

    private static QueuedRecipientState? LastOf(IEnumerable<QueuedRecipientState> recipients) =>
        recipients.Where(r => r.Status is DeliveryStatus.Deferred or DeliveryStatus.Failed && r.LastReply is not null).MaxBy(r => r.LastAttempt);
}
