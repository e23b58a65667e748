using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>The queue as administrators look at it: messages with their recipients, and one queue per next hop.</summary>
/// <param name="relay">The relay's name, the first part of every identity.</param>
/// <param name="nextHopOf">Where a recipient goes, by the redirect of its message if there is one, and by its sender.</param>
/// <param name="paceOf">The pace of a next hop, where there is one.</param>
internal sealed class QueueViews(string relay, Func<EmailAddress, string?, MailSender?, NextHop> nextHopOf, Func<NextHop, PaceState?> paceOf)
{
    /// <summary>A message, each recipient with its next hop.</summary>
    public SmtpRelayMessage Message(QueuedMessageState m, RetryOptions retry, DateTimeOffset now)
    {
        SmtpRelayRecipient[] recipients = [.. m.Recipients.Select(r => Recipient(r, m))];
        return new SmtpRelayMessage
        {
            Identity = Identity(m.Id),
            QueueId = m.Id,
            FromAddress = m.ReversePath ?? "<>",
            Status = StatusOf(m, NextOf(m.Recipients), now),
            Size = m.Size,
            DateReceived = m.Received,
            ExpirationTime = ExpiryOf(m, new RetrySchedule(retry)),
            SourceIP = m.ClientAddress,
            LastError = LastOf(m.Recipients)?.LastReply,
            RetryCount = m.Recipients.Max(r => r.Attempts),
            NextRetryTime = m.Hold == MessageHold.Suspended ? null : NextOf(m.Recipients),
            Queue = [.. recipients.Where(r => r.Status is "Pending" or "Deferred").Select(r => Identity(r.NextHopDomain!)).Distinct(StringComparer.Ordinal)],
            Recipients = recipients,
        };
    }

    /// <summary>The queues, the one with most messages first; the suspended ones also where they are empty.</summary>
    public IReadOnlyList<SmtpRelayQueue> Queues(IEnumerable<QueuedSketch> messages, IReadOnlyCollection<string> suspended, DateTimeOffset now)
    {
        var tallies = new Dictionary<NextHop, QueueTally>();
        var hops = new HopMemory(nextHopOf);
        foreach (var message in messages)
        {
            foreach (var (hop, recipients) in hops.Waiting(message))
            {
                if (!tallies.TryGetValue(hop, out var tally)) tallies.Add(hop, tally = new QueueTally(hop));
                tally.Add(message, recipients);
            }
        }
        var all = suspended.Contains(IQueueControl.WholeQueue);
        var filled = tallies.Values.Select(tally => tally.Queue(Identity(tally.Hop.Name), all || suspended.Contains(tally.Hop.Name, StringComparer.OrdinalIgnoreCase), paceOf(tally.Hop), now));
        var known = tallies.Keys.Select(hop => hop.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var empty = suspended.Where(name => name != IQueueControl.WholeQueue && !known.Contains(name)).Select(Empty);
        return [.. filled.Concat(empty).OrderByDescending(q => q.MessageCount).ThenBy(q => q.Identity, StringComparer.Ordinal)];
    }

    private string Identity(string thing) => $"{relay}\\{thing}";

    private SmtpRelayQueue Empty(string nextHop) => new() { Identity = Identity(nextHop), DeliveryType = "Undefined", NextHopDomain = nextHop, Status = "Suspended" };

    private SmtpRelayRecipient Recipient(QueuedRecipientState recipient, QueuedMessageState message) => new()
    {
        Address = recipient.Address,
        Status = recipient.Status?.ToString() ?? "Pending",
        NextHopDomain = HopOf(recipient, message).Name,
        LastError = recipient.LastReply,
        NextRetryTime = recipient.IsHeld ? null : recipient.NextAttempt,
    };

    private NextHop HopOf(QueuedRecipientState recipient, QueuedMessageState message) => nextHopOf(EmailAddress.Parse(recipient.Address), message.Redirect, message.Sender);

    // When the last of its recipients is given up.
    private DateTimeOffset ExpiryOf(QueuedMessageState message, RetrySchedule schedule)
    {
        var released = message.HoldUntil > message.Received ? message.HoldUntil.Value : message.Received;
        return message.Recipients.Where(r => r.Status is null or DeliveryStatus.Deferred).Select(r => schedule.For(HopOf(r, message)).Expiry(released, message.Sender?.DeliverBy)).DefaultIfEmpty(schedule.Expiry(released)).Max();
    }

    private static string StatusOf(QueuedMessageState message, DateTimeOffset? next, DateTimeOffset now) => (message.Hold, message.Claimed) switch
    {
        (MessageHold.Remove or MessageHold.RemoveWithReport, _) => "PendingRemove",
        (MessageHold.Suspended, true) => "PendingSuspend",
        (MessageHold.Suspended, false) => "Suspended",
        (_, true) => "Active",
        _ => next > now ? "Retry" : next is null ? "Suspended" : "Ready",   // without a next attempt it waits for an administrator
    };

    private static DateTimeOffset? NextOf(IEnumerable<QueuedRecipientState> recipients) => recipients.Where(r => r.Status is null or DeliveryStatus.Deferred && !r.IsHeld).Min(r => r.NextAttempt);

    private static QueuedRecipientState? LastOf(IEnumerable<QueuedRecipientState> recipients) =>
        recipients.Where(r => r.Status is DeliveryStatus.Deferred or DeliveryStatus.Failed && r.LastReply is not null).MaxBy(r => r.LastAttempt);
}
