using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Reports;

/// <summary>Tells senders what became of their messages, by reports that go through the queue like any mail.</summary>
internal sealed class Postmaster(IMailQueue queue, string hostName, TimeSpan lifetime, IMailTrace trace, TimeProvider clock)
{
    /// <summary>
    /// Puts a report into the queue; false where the queue does not take it now. A message without a sender is itself a report, and nobody is told
    /// of it (RFC 5321 section 4.5.5).
    /// </summary>
    public async ValueTask<bool> ReportAsync(QueuedMessage message, IReadOnlyList<ReportedRecipient> recipients, CancellationToken cancellationToken)
    {
        if (recipients.Count == 0) return true;
        if (message.Sender.ReversePath is not { } sender)
        {
            if (recipients[0].Action == ReportAction.Failed) Record("DROP", "QUEUE", message, recipients, message.Id, null);
            return true;
        }
        var now = clock.GetUtcNow();
        var report = new DeliveryReport(message, recipients, hostName, now, message.Received + lifetime);
        var returned = await ReturnedContent.ReadAsync(message, report.Action == ReportAction.Failed, cancellationToken).ConfigureAwait(false);
        var (from, content) = report.Compose(returned);
        using var _ = content;
        var begun = await queue.BeginAsync(from, cancellationToken).ConfigureAwait(false);
        if (begun.Transaction is not { } transaction) return false;
        await using var __ = transaction.ConfigureAwait(false);
        // RFC 3464 section 2: a report is sent with NOTIFY=NEVER.
        var taken = await transaction.AddRecipientAsync(new MailRecipient(sender) { Notify = DsnNotify.Never }, cancellationToken).ConfigureAwait(false);
        if (!taken.IsPositive) return false;
        var outcomes = await transaction.CommitAsync(content, cancellationToken).ConfigureAwait(false);
        if (outcomes is not [{ Status: DeliveryStatus.Delivered }]) return false;
        Record("DSN", "DSN", message, recipients, transaction.Id, message.Id);
        return true;
    }

    private void Record(string eventId, string source, QueuedMessage message, IReadOnlyList<ReportedRecipient> recipients, string id, string? reference)
    {
        var now = clock.GetUtcNow();
        trace.Record(new SmtpRelayTrackingEvent
        {
            Timestamp = now,
            EventId = eventId,
            Source = source,
            InternalMessageId = id,
            Sender = eventId == "DSN" ? "<>" : message.Sender.ReversePath?.ToString() ?? "<>",
            Recipients = eventId == "DSN" ? [message.Sender.ReversePath!.ToString()] : [.. recipients.Select(r => r.Recipient.ForwardPath.ToString())],
            RecipientStatus = eventId == "DSN" ? [string.Join("; ", recipients.Select(r => $"{r.Recipient.ForwardPath}: {r.Reply}"))] : [.. recipients.Select(r => r.Reply.ToString())],
            TotalBytes = message.Size,
            MessageLatency = now - message.Received,
            Reference = reference,
        });
    }
}
