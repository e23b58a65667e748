namespace MailOps.Relay.Delivery;

/// <summary>Plan: the due recipients of a message by next hop, a hundred a transaction at most, which every server takes (RFC 5321 section 4.5.3.1.8).</summary>
internal static class DeliveryPlan
{
    private const int MaxRecipients = 100;

    public static IReadOnlyList<DeliveryGroup> Of(MessageInDelivery message, RouteTable routes)
    {
        var due = message.Queued.Due;
        if (due.Count == 1) return [new DeliveryGroup(message, Hop(due[0]), due)];
        return
        [
            .. due.GroupBy(Hop)
                .SelectMany(hop => hop.Chunk(hop.Key.Kind == RouteKind.Drop ? due.Count : MaxRecipients)   // one file, and nobody counts
                    .Select(recipients => new DeliveryGroup(message, hop.Key, recipients))),
        ];
        NextHop Hop(Mail.QueuedRecipient recipient) => routes.Of(recipient.Recipient.ForwardPath, message.Queued.Redirect, message.Queued.Sender).For(message.Queued.Sender);
    }
}
