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
        var schedule = new RetrySchedule(retry);
        var turns = m.Recipients.Select(r => TurnOf(r, m, schedule, now)).ToList();
        SmtpRelayRecipient[] recipients = [.. turns.Select(Recipient)];
        var next = m.Hold == MessageHold.Suspended ? null : turns.Where(turn => turn.IsWaiting).Min(turn => turn.Next);
        var waits = turns.Find(turn => turn.Reason is not null);
        return new SmtpRelayMessage
        {
            Identity = Identity(m.Id),
            QueueId = m.Id,
            FromAddress = m.ReversePath ?? "<>",
            Status = StatusOf(m, turns, now),
            Size = m.Size,
            DateReceived = m.Received,
            ExpirationTime = ExpiryOf(m, schedule),
            SourceIP = m.ClientAddress,
            LastError = waits?.Reason ?? LastOf(m.Recipients)?.LastReply,
            RetryCount = m.Recipients.Max(r => r.Attempts),
            NextRetryTime = next,
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
        var filled = tallies.Values.Select(tally => tally.Queue(Identity(tally.Hop.QueueName), all || suspended.Contains(tally.Hop.QueueName, StringComparer.OrdinalIgnoreCase), paceOf(tally.Hop), now));
        var known = tallies.Keys.Select(hop => hop.QueueName).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var empty = suspended.Where(name => name != IQueueControl.WholeQueue && !known.Contains(name)).Select(Empty);
        return [.. filled.Concat(empty).OrderByDescending(q => q.MessageCount).ThenBy(q => q.Identity, StringComparer.Ordinal)];
    }

    private string Identity(string thing) => $"{relay}\\{thing}";

    private SmtpRelayQueue Empty(string nextHop) => new() { Identity = Identity(nextHop), DeliveryType = "Undefined", NextHopDomain = nextHop, Status = "Suspended" };

    private static SmtpRelayRecipient Recipient(Turn turn) => new()
    {
        Address = turn.Recipient.Address,
        Status = turn.Recipient.Status?.ToString() ?? "Pending",
        NextHopDomain = turn.Hop.QueueName,
        LastError = turn.Reason ?? turn.Recipient.LastReply,
        NextRetryTime = turn.Next,
    };

    // When a recipient is tried, where its next hop is left alone or has limits: not before that ends. At the end of its time only where it is tried then.
    private Turn TurnOf(QueuedRecipientState recipient, QueuedMessageState message, RetrySchedule schedule, DateTimeOffset now)
    {
        var hop = HopOf(recipient, message);
        if (recipient.Status is not (null or DeliveryStatus.Deferred) || recipient.IsHeld) return new Turn(recipient, hop, recipient.IsHeld ? null : recipient.NextAttempt, null);
        var pace = paceOf(hop);
        var due = recipient.NextAttempt;
        if (pace?.RestsUntil is { } rest && rest > due) due = rest;
        var next = pace?.WaitsUntil is { } turn && turn > due ? turn : due;
        var reason = recipient.NextAttempt <= now && pace is { WaitsUntil: { } until, WaitReason: { } why } ? WaitingWords.Of(hop.Name, why, until) : null;
        var expiry = schedule.For(hop).Expiry(ReleasedOf(message), message.Sender?.DeliverBy);
        if (next > expiry || (message.Sender?.DeliverBy is { Return: true } by && next >= by.Deadline)) next = null;
        return new Turn(recipient, hop, next, reason) { Due = due, InHand = !(pace is { Active: 0 } && (due > now || pace.WaitsUntil is not null)) };
    }

    /// <summary>A recipient and when it is tried.</summary>
    /// <param name="Recipient">The recipient.</param>
    /// <param name="Hop">Its next hop.</param>
    /// <param name="Next">When; null where it is not tried any more, or not before an administrator says so.</param>
    /// <param name="Reason">Why it is not tried now although it is due; null where there is nothing to say.</param>
    private sealed record Turn(QueuedRecipientState Recipient, NextHop Hop, DateTimeOffset? Next, string? Reason)
    {
        public bool IsWaiting => Recipient.Status is null or DeliveryStatus.Deferred && !Recipient.IsHeld;

        /// <summary>When it would be, but for limits.</summary>
        public DateTimeOffset? Due { get; init; }

        /// <summary>Whether an attempt may be under way where delivery has the message.</summary>
        public bool InHand { get; init; } = true;
    }

    private NextHop HopOf(QueuedRecipientState recipient, QueuedMessageState message) => nextHopOf(EmailAddress.Parse(recipient.Address), message.Redirect, message.Sender);

    // When the last of its recipients is given up.
    private DateTimeOffset ExpiryOf(QueuedMessageState message, RetrySchedule schedule)
    {
        var released = ReleasedOf(message);
        return message.Recipients.Where(r => r.Status is null or DeliveryStatus.Deferred).Select(r => schedule.For(HopOf(r, message)).Expiry(released, message.Sender?.DeliverBy)).DefaultIfEmpty(schedule.Expiry(released)).Max();
    }

    private static DateTimeOffset ReleasedOf(QueuedMessageState message) => message.HoldUntil > message.Received ? message.HoldUntil.Value : message.Received;

    private static string StatusOf(QueuedMessageState message, IReadOnlyList<Turn> turns, DateTimeOffset now) => (message.Hold, message.Claimed) switch
    {
        (MessageHold.Remove or MessageHold.RemoveWithReport, _) => "PendingRemove",
        (MessageHold.Suspended, true) => "PendingSuspend",
        (MessageHold.Suspended, false) => "Suspended",
        (_, true) when turns.Any(turn => turn is { IsWaiting: true, InHand: true }) => "Active",
        _ when !turns.Any(turn => turn.IsWaiting) => "Suspended",   // without a next attempt it waits for an administrator
        _ => turns.Where(turn => turn.IsWaiting).Min(turn => turn.Due) > now ? "Retry" : "Ready",
    };

    private static QueuedRecipientState? LastOf(IEnumerable<QueuedRecipientState> recipients) =>
        recipients.Where(r => r.Status is DeliveryStatus.Deferred or DeliveryStatus.Failed && r.LastReply is not null).MaxBy(r => r.LastAttempt);
}
