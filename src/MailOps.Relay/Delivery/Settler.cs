using System.Globalization;
using MailOps.Messages;
using MailOps.Relay.Delivery.Reports;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// Settle: decides what an attempt means for each recipient (done, again at a time, given up), queues the reports that the sender is owed, and only
/// then records it all. A crash between the two tells the sender twice; the other way round it would tell him nothing.
/// </summary>
internal sealed partial class Settler(IMailQueue queue, RetrySchedule schedule, Postmaster postmaster, IMailTrace trace, TimeProvider clock)
{
    /// <summary>What became of recipients since the start.</summary>
    public DeliveryCounts Counts { get; } = new();

    private sealed record Decision(RecipientOutcome Of, DeliveryOutcome Outcome, DateTimeOffset? Next, ReportedRecipient? Report);

    /// <summary>Settles what became of recipients; with the last of them the message's claim ends. The token ends only the wait for a disk that does not answer.</summary>
    public async Task SettleAsync(QueuedMessage message, SettledPart part, CancellationToken cancellationToken)
    {
        // Those that were not tried, as the relay stops or an administrator holds them, stay as they are.
        var tried = part.Outcomes.Where(o => o.Outcome is not null).ToList();
        if (tried.Count == 0)
        {
            queue.Release(message);
            return;
        }
        var decisions = await DecideAsync(message, tried).ConfigureAwait(false);
        if (message.Withdrawn) decisions = Array.ConvertAll(decisions, d => d.Next is null ? d : d with { Next = clock.GetUtcNow() });   // an administrator has other plans for it
        Record(message, decisions);   // before it leaves the queue: who waits for an empty queue reads the history next
        var settlements = Array.ConvertAll(decisions, ToSettlement);
        if (part.IsLast) await queue.SettleAsync(message, settlements, cancellationToken).ConfigureAwait(false);
        else await queue.SettleSomeAsync(message, settlements, cancellationToken).ConfigureAwait(false);
    }

    // Whatever goes wrong here, the claim must end, and nobody gets twice what was delivered.
    private async ValueTask<Decision[]> DecideAsync(QueuedMessage message, IReadOnlyList<RecipientOutcome> outcomes)
    {
        try
        {
            return await ReportAsync(message, [.. outcomes.Select(o => Decide(message, o))]).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            trace.Fault($"deciding on {message.Id}", e);
            return [.. outcomes.Select(Undecided)];
        }
    }

    private Decision Undecided(RecipientOutcome of) => of.Outcome is { Status: DeliveryStatus.Delivered } delivered
        ? new Decision(of, delivered, null, null)
        : new Decision(of, of.Outcome! with { Status = DeliveryStatus.Deferred }, clock.GetUtcNow() + schedule.For(of.Hop).Options.FirstDelay, null);

    private Decision Decide(QueuedMessage message, RecipientOutcome of)
    {
        var now = clock.GetUtcNow();
        var outcome = of.Outcome!;
        var times = schedule.For(of.Hop);
        DateTimeOffset? next = null;
        var tried = !of.IsUntried || of.Before is not null;
        if (outcome.Status == DeliveryStatus.Deferred)
        {
            // RFC 5321 section 4.5.4.1 speaks of trying, and nobody tries: what a route holds is not given up.
            if (of.Hop.Kind == RouteKind.Hold) return new Decision(of, outcome, HeldTarget.Forever, null);
            next = times.Next(message.Released, of.Recipient.Attempts + 1, now, message.Sender.DeliverBy);
            if (next is null) outcome = DeliveryDeadline.IsOver(message.Sender, now) ? DeliveryDeadline.Failed(outcome, tried) : Expired(outcome, tried, times.Options.Lifetime);
        }
        var isLate = times.IsLate(message.Released, now, message.Sender.DeliverBy);
        var told = outcome.Status == DeliveryStatus.Deferred && DeliveryDeadline.NoticeAt(message.Sender.DeliverBy, message.Released) is not null ? DeliveryDeadline.Late(outcome, tried) : outcome;
        var report = ReportedRecipient.Of(of, told, isLate, times.Expiry(message.Released, message.Sender.DeliverBy), message.Sender.DeliverBy);
        return new Decision(of, outcome, next, report is null ? null : report with { LastAttempt = of.LastAttempt(now) is { } last && last >= message.Received ? last : null });   // one whose outcome it has may have been before it came
    }

    // RFC 3463 section 3.5: X.4.7, delivery time expired; of class 4, for it was temporary each time.
    private static DeliveryOutcome Expired(DeliveryOutcome last, bool tried, TimeSpan lifetime)
    {
        var days = lifetime.TotalDays;
        var period = days >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{days:0.#} days") : lifetime.ToString("c", CultureInfo.InvariantCulture);
        return DeliveryDeadline.After(last, DeliveryStatus.Failed, tried, new SmtpReply(451, "4.4.7", $"Not delivered within {period}"));
    }

    // One report for what failed, one for what is late, one for what was delivered. A failure whose report finds no place in the queue is not
    // settled as one yet: nobody would ever be told.
    private async ValueTask<Decision[]> ReportAsync(QueuedMessage message, Decision[] decisions)
    {
        // RFC 5321 section 4.5.5: a message without a sender is itself a report, and nobody is told of it.
        if (message.Sender.ReversePath is not { } sender) return [.. decisions.Select(d => d with { Report = null })];
        foreach (var kind in decisions.Where(d => d.Report is not null).GroupBy(d => d.Outcome.Status).ToArray())
        {
            if (await TryReportAsync(message, sender, [.. kind.Select(d => d.Report!)]).ConfigureAwait(false)) continue;
            decisions = [.. decisions.Select(d => d.Report is null || d.Outcome.Status != kind.Key ? d : Unreported(d))];
        }
        return decisions;
    }

    private async ValueTask<bool> TryReportAsync(QueuedMessage message, EmailAddress sender, IReadOnlyList<ReportedRecipient> recipients)
    {
        try
        {
            return await postmaster.ReportAsync(message, sender, recipients, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            trace.Fault($"report on {message.Id}", e);
            return false;
        }
    }

    private Decision Unreported(Decision decision) => decision.Outcome.Status switch
    {
        DeliveryStatus.Failed => decision with
        {
            Outcome = decision.Outcome with { Status = DeliveryStatus.Deferred },
            Next = clock.GetUtcNow() + schedule.For(decision.Of.Hop).Options.FirstDelay,
            Report = null,
        },
        _ => decision with { Report = null },
    };

    private static Settlement ToSettlement(Decision d) =>
        new(d.Of.Recipient.Index, d.Outcome, d.Next, d.Of.Recipient.DelayNotified || d.Report is { Action: ReportAction.Delayed }) { IsUntried = d.Of.IsUntried, Before = d.Of.Before };

    private void Record(QueuedMessage message, Decision[] decisions)
    {
        foreach (var d in decisions) Counts.Add(d.Outcome.Status);
        foreach (var same in decisions.GroupBy(d => (d.Outcome.Status, d.Of.Hop.Kind, d.Outcome.RemoteHost)))
        {
            var source = same.Key.Kind switch
            {
                RouteKind.Maildir => "MAILDIR",
                RouteKind.Lmtp => "LMTP",
                RouteKind.Drop => "DROPFOLDER",
                RouteKind.Refuse or RouteKind.Hold => "ROUTE",
                _ => "SMTP",
            };
            Record(EventId(same.Key.Status, same.Key.Kind), source, message, [.. same], same.Key.RemoteHost);
        }
        if (message.Sender.ReversePath is null && Array.FindAll(decisions, d => d.Outcome.Status == DeliveryStatus.Failed) is { Length: > 0 } lost)
            Record("DROP", "QUEUE", message, lost, null);
    }

    private void Record(string eventId, string source, QueuedMessage message, IReadOnlyList<Decision> decisions, string? remoteHost, string? by = null)
    {
        var now = clock.GetUtcNow();
        trace.Record(new SmtpRelayTrackingEvent
        {
            Timestamp = now,
            EventId = eventId,
            Source = source,
            InternalMessageId = message.Id,
            Sender = message.Sender.ReversePath?.ToString() ?? "<>",
            Recipients = [.. decisions.Select(d => d.Of.Recipient.Recipient.ForwardPath.ToString())],
            RecipientStatus = [.. decisions.Select(d => d.Outcome.Reply.ToString())],
            ServerHostname = remoteHost,
            SourceContext = by,
            TotalBytes = message.Size,
            MessageLatency = now - message.Received,
        });
    }

    private static string EventId(DeliveryStatus status, RouteKind kind) => status switch
    {
        DeliveryStatus.Failed => "FAIL",
        DeliveryStatus.Deferred => kind == RouteKind.Hold ? "HOLD" : "DEFER",
        _ => kind is RouteKind.Lmtp or RouteKind.Maildir or RouteKind.Drop ? "DELIVER" : "SEND",
    };
}
