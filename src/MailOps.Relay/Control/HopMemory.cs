using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>
/// The next hops of messages. Their addresses are on disk, so what was found is kept with each message: the first count after a start reads the envelopes, the next ones do not.
/// Next hops that are the same share one object, and most messages share one list, for there may be a million.
/// </summary>
internal sealed class HopMemory(Func<EmailAddress, string?, MailSender?, NextHop> nextHopOf)
{
    private readonly Dictionary<NextHop, NextHop[]> _alone = [];

    /// <summary>The recipients of a message that wait, by next hop; none where it is gone or cannot be read.</summary>
    public IEnumerable<(NextHop Hop, IReadOnlyList<QueuedRecipientState> Recipients)> Waiting(QueuedSketch message)
    {
        if (Of(message) is not { } hops) yield break;
        if (hops.Length == 1 && message.Recipients == 1)   // nearly all, and without a dictionary for each
        {
            if (IsWaiting(message[0])) yield return (hops[0], [message[0]]);
            yield break;
        }
        for (var i = 0; i < hops.Length; i++)
        {
            if (Array.IndexOf(hops, hops[i]) < i) continue;
            var recipients = Enumerable.Range(i, hops.Length - i).Where(j => hops[j] == hops[i]).Select(j => message[j]).Where(IsWaiting).ToList();
            if (recipients.Count > 0) yield return (hops[i], recipients);
        }
    }

    private static bool IsWaiting(QueuedRecipientState recipient) => recipient.Status is null or DeliveryStatus.Deferred;

    // By recipient.
    private NextHop[]? Of(QueuedSketch message)
    {
        if (message.Remembered is NextHop[] known) return known;
        if (message.ReadAddresses() is not { } addresses) return null;
        var redirect = message.Redirect;
        NextHop[] hops = [.. addresses.Recipients.Select(address => Shared(nextHopOf(address, redirect, addresses.Sender))[0])];
        if (hops.Length == 1) hops = Shared(hops[0]);
        if (redirect == message.Redirect) message.Remembered = hops;
        return hops;
    }

    private NextHop[] Shared(NextHop hop)
    {
        if (!_alone.TryGetValue(hop, out var list)) _alone.Add(hop, list = [hop]);
        return list;
    }
}
