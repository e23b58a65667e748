using MailOps.Relay.Delivery.Reports;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <content>What an administrator removes.</content>
internal sealed partial class Settler
{
    // RFC 3463 section 3.4: X.3.0, other mail system status; of class 5, for the message will not come this way again.
    private static readonly DeliveryOutcome Removed = new(DeliveryStatus.Failed, new SmtpReply(550, "5.3.0", "Removed from the queue by an administrator"));
    private static readonly DeliveryOutcome Postponed = new(DeliveryStatus.Deferred, new SmtpReply(451, "4.3.0", "To be removed, but the queue does not take the report to its sender now"));

    /// <summary>
    /// Takes a claimed message out of the queue with all its due recipients undelivered. Its sender is told where that is wanted, he has a name, and did not ask to hear nothing;
    /// false where he is to be told and the queue takes no report: then nothing has happened.
    /// </summary>
    public async Task<bool> RemoveAsync(QueuedMessage message, bool withReport, string? by, CancellationToken cancellationToken)
    {
        Decision[] decisions = [.. message.Due.Select(recipient => Decided(recipient, Removed, null))];
        if (withReport && message.Sender.ReversePath is { } sender)
        {
            var told = decisions.Select(d => d.Report).OfType<ReportedRecipient>().ToList();
            if (told.Count > 0 && !await TryReportAsync(message, sender, told).ConfigureAwait(false)) return false;
        }
        foreach (var d in decisions) Counts.Add(d.Outcome.Status);
        if (decisions.Length > 0) Record("FAIL", "ADMIN", message, decisions, null, by);
        await queue.SettleAsync(message, [.. decisions.Select(ToSettlement)], cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Has a message to be removed, whose report found no place in the queue, come again after the first delay.</summary>
    public async Task PostponeRemovalAsync(QueuedMessage message, CancellationToken cancellationToken)
    {
        var next = clock.GetUtcNow() + schedule.Options.FirstDelay;
        Decision[] decisions = [.. message.Due.Select(recipient => Decided(recipient, Postponed, next))];
        await queue.SettleAsync(message, [.. decisions.Select(ToSettlement)], cancellationToken).ConfigureAwait(false);
    }

    private static Decision Decided(QueuedRecipient recipient, DeliveryOutcome outcome, DateTimeOffset? next)
    {
        var of = new RecipientOutcome(recipient, new NextHop(RouteKind.Mx, recipient.Recipient.ForwardPath.Domain), outcome) { IsUntried = true };
        var report = ReportedRecipient.Of(of, outcome, isLate: false, expiry: default);
        return new Decision(of, outcome, next, report is null ? null : report with { LastAttempt = recipient.LastAttempt });
    }
}
