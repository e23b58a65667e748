using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// Attempt: carries one group into its next hop's target. Recipients that the server found too many go in a further transaction at once
/// (RFC 5321 section 4.5.3.1.10), as long as each one takes some of them.
/// </summary>
internal static class DeliveryAttempt
{
    /// <summary>What everybody outside hears of a fault in here.</summary>
    public static readonly DeliveryOutcome Fault = new(DeliveryStatus.Deferred, new SmtpReply(451, "4.3.0", "The delivery met an internal fault"));

    // What the sender reads in the end, where it stays so; the fault says what the disk said.
    private static readonly DeliveryOutcome NoContent = new(DeliveryStatus.Deferred, new SmtpReply(451, "4.3.0", "The queue cannot read the content of the message"));

    /// <summary>Carries the group; gives back what refused the whole next hop, or null where the group has its outcomes and they are settled.</summary>
    /// <param name="target">Where.</param>
    /// <param name="group">What.</param>
    /// <param name="heard">Told of each outcome before anybody else is.</param>
    /// <param name="overlap">How it overlaps with the attempts before and after it.</param>
    /// <param name="trace">Told of faults.</param>
    /// <param name="cancellationToken">Cuts it off; what has no outcome then stays due.</param>
    public static async ValueTask<DeliveryOutcome?> RunAsync(IMailTarget target, DeliveryGroup group, Action<DeliveryOutcome> heard, Overlap overlap, IMailTrace trace, CancellationToken cancellationToken)
    {
        var outcomes = new RecipientOutcome[group.Recipients.Count];
        var fault = NoContent;
        try
        {
            using var content = await group.Message.Queued.OpenContentAsync(cancellationToken).ConfigureAwait(false);
            fault = Fault;
            var left = Enumerable.Range(0, outcomes.Length).ToList();
            while (left.Count > 0)
            {
                var begun = overlap.Before is { } before && left.Count == outcomes.Length && target is IOverlappingTarget overlapped
                    ? await overlapped.FollowAsync(before, group.Message.Queued.Sender, cancellationToken).ConfigureAwait(false)
                    : await target.BeginAsync(group.Message.Queued.Sender, cancellationToken).ConfigureAwait(false);
                if (begun.Transaction is not { } transaction)
                {
                    var outcome = DeliveryOutcome.From(begun.Reply) with { IsOwn = begun.IsOwn };
                    if (left.Count == outcomes.Length)
                    {
                        heard(outcome);
                        return outcome;
                    }
                    foreach (var i in left) outcomes[i] = new RecipientOutcome(group.Recipients[i], group.Hop, outcome);
                    break;
                }
                if (transaction is IOverlappingTransaction overlapping) overlapping.Overlap = overlap;
                await using (transaction.ConfigureAwait(false)) await CarryAsync(transaction, group, left, outcomes, content, cancellationToken).ConfigureAwait(false);
                var further = left.FindAll(i => outcomes[i].Outcome is { Status: DeliveryStatus.Deferred, Reply: var reply } && FailurePolicy.IsTooManyRecipients(reply));
                left = further.Count < left.Count ? further : [];
            }
        }
        catch (OperationCanceledException e) when (e is DeliveryStoppedException || cancellationToken.IsCancellationRequested)
        {
            // Stopped: those without an outcome stay due.
        }
        catch (Exception e)
        {
            trace.Fault($"delivery of {group.Message.Queued.Id} to {group.Hop}", e);
            for (var i = 0; i < outcomes.Length; i++) outcomes[i] ??= new RecipientOutcome(group.Recipients[i], group.Hop, fault);
        }
        for (var i = 0; i < outcomes.Length; i++) outcomes[i] ??= new RecipientOutcome(group.Recipients[i], group.Hop, null);
        foreach (var said in outcomes.Select(o => o.Outcome).OfType<DeliveryOutcome>().Distinct()) heard(said);
        await group.CompleteAsync(outcomes).ConfigureAwait(false);
        return null;
    }

    private static async ValueTask CarryAsync(
        IMailTransaction transaction, DeliveryGroup group, List<int> left, RecipientOutcome[] outcomes, MailContent content, CancellationToken cancellationToken)
    {
        var added = new List<int>(left.Count);
        foreach (var i in left)
        {
            var reply = await transaction.AddRecipientAsync(group.Recipients[i].Recipient, cancellationToken).ConfigureAwait(false);
            if (reply.IsPositive) added.Add(i);
            else outcomes[i] = new RecipientOutcome(group.Recipients[i], group.Hop, DeliveryOutcome.From(reply));
        }
        if (added.Count == 0) return;
        var committed = await transaction.CommitAsync(content, cancellationToken).ConfigureAwait(false);
        var relay = transaction as IDsnRelay;
        var (tookDsn, tookDeliverBy) = (relay is { TakesDsn: true }, relay is { TakesDeliverBy: true });
        for (var i = 0; i < added.Count; i++)
            outcomes[added[i]] = new RecipientOutcome(group.Recipients[added[i]], group.Hop, committed[i], tookDsn, tookDeliverBy);
    }
}
