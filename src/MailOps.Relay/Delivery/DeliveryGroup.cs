using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>What became of one recipient in one attempt.</summary>
/// <param name="Recipient">The recipient.</param>
/// <param name="Hop">Its next hop.</param>
/// <param name="Outcome">Delivered, deferred or failed; null where the attempt was stopped before there was one.</param>
/// <param name="TookDsn">Whether the next hop took over the sender's wishes for reports.</param>
/// <param name="TookDeliverBy">Whether it took over the time that the sender has set.</param>
internal sealed record RecipientOutcome(QueuedRecipient Recipient, NextHop Hop, DeliveryOutcome? Outcome, bool TookDsn = false, bool TookDeliverBy = false)
{
    /// <summary>Whether nothing was tried for it now: it waited too long, or has the outcome of an attempt that was made before.</summary>
    public bool IsUntried { get; init; }

    /// <summary>When that attempt was; null where there was none.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>When the last attempt for it was (RFC 3464 section 2.3.7): its own, or one whose outcome it has; null where there was none.</summary>
    /// <param name="now">The time of the one that gave the outcome, where it was tried.</param>
    public DateTimeOffset? LastAttempt(DateTimeOffset now) => !IsUntried ? now : Recipient.LastAttempt > Before ? Recipient.LastAttempt : Before ?? Recipient.LastAttempt;
}

/// <summary>The due recipients of one message that have one next hop: what one transaction carries.</summary>
internal sealed class DeliveryGroup(MessageInDelivery message, NextHop hop, IReadOnlyList<QueuedRecipient> recipients)
{
    public MessageInDelivery Message => message;
    public NextHop Hop => hop;
    public IReadOnlyList<QueuedRecipient> Recipients => recipients;

    /// <summary>By what the queue knows its recipients.</summary>
    public IReadOnlyCollection<int> Indexes => [.. recipients.Select(recipient => recipient.Index)];

    /// <summary>Where, and when, its recipients were counted for the day; null where they are not.</summary>
    public (Site Site, DateTimeOffset Entered)? Counted { get; set; }

    /// <summary>Its recipients were not sent, and do not count.</summary>
    public void GiveBack()
    {
        if (Counted is { } counted) counted.Site.GiveBack(counted.Entered, recipients.Count);
        Counted = null;
    }

    /// <summary>All have an outcome.</summary>
    public Task CompleteAsync(IReadOnlyList<RecipientOutcome> outcomes) => message.CompleteAsync(outcomes);

    /// <summary>All have the same outcome.</summary>
    public Task CompleteAsync(DeliveryOutcome outcome) => CompleteAsync([.. recipients.Select(r => new RecipientOutcome(r, hop, outcome))]);

    /// <summary>All have the same outcome, and nothing was tried now.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="before">When the attempt was that it comes of; null where there was none.</param>
    public Task CompleteUntriedAsync(DeliveryOutcome outcome, DateTimeOffset? before = null) =>
        CompleteAsync([.. recipients.Select(r => new RecipientOutcome(r, hop, outcome) { IsUntried = true, Before = before })]);

    /// <summary>The first of its recipients, and the others.</summary>
    public (DeliveryGroup First, DeliveryGroup Others) Cut(int count) =>
        (new DeliveryGroup(message, hop, [.. recipients.Take(count)]), new DeliveryGroup(message, hop, [.. recipients.Skip(count)]));

    /// <summary>Nothing was attempted.</summary>
    public Task AbandonAsync() => CompleteAsync([.. recipients.Select(r => new RecipientOutcome(r, hop, null))]);
}
