namespace MailOps.Relay.Delivery;

/// <summary>Plan: the due recipients of a message by next hop, a hundred a transaction at most, which every server takes (RFC 5321 section 4.5.3.1.8).</summary>
internal static class DeliveryPlan
{
    private const int MaxRecipients = 100;

    public static IReadOnlyList<DeliveryGroup> Of(MessageInDelivery message, RouteTable routes)
    {
        var due = message.Queued.Due;
        if (due.Count == 1) return [new DeliveryGroup(message, routes.Of(due[0].Recipient.ForwardPath, message.Queued.Redirect), due)];
        return
        [
            .. due.GroupBy(r => routes.Of(r.Recipient.ForwardPath, message.Queued.Redirect))
                .SelectMany(hop => hop.Chunk(MaxRecipients).Select(recipients => new DeliveryGroup(message, hop.Key, recipients))),
        ];
    }
}
