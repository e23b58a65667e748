using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Reports;

/// <summary>Tells senders what became of their messages, by reports that go through the queue like any mail.</summary>
internal sealed class Postmaster(IMailTarget queue, string hostName, IMailTrace trace, TimeProvider clock)
{
    /// <summary>Puts a report into the queue; false where the queue does not take it now. One that nobody will ever take is dropped: of a report there is no report.</summary>
    public async ValueTask<bool> ReportAsync(QueuedMessage message, EmailAddress sender, IReadOnlyList<ReportedRecipient> recipients, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var report = new DeliveryReport(message, recipients, hostName, now);
        var returned = await ReadAsync(message, report.Action == ReportAction.Failed, cancellationToken).ConfigureAwait(false);
        var (from, content) = report.Compose(returned);
        using var _ = content;
        var begun = await queue.BeginAsync(from, cancellationToken).ConfigureAwait(false);
        if (begun.Transaction is not { } transaction) return false;
        await using var __ = transaction.ConfigureAwait(false);
        // RFC 3464 section 2: a report is sent with NOTIFY=NEVER.
        var taken = await transaction.AddRecipientAsync(new MailRecipient(sender) { Notify = DsnNotify.Never }, cancellationToken).ConfigureAwait(false);
        if (taken.IsPermanent) Record("DROP", message, sender, [taken.ToString()], transaction.Id);
        if (!taken.IsPositive) return taken.IsPermanent;
        var outcomes = await transaction.CommitAsync(content, cancellationToken).ConfigureAwait(false);
        if (outcomes is not [{ Status: DeliveryStatus.Delivered }]) return false;
        Record("DSN", message, sender, [string.Join("; ", recipients.Select(r => $"{r.Recipient.ForwardPath}: {r.Reply}"))], transaction.Id);
        return true;
    }

    // A message whose content is lost or damaged can never leave, and its sender above all must hear of it: the report then returns nothing
    // (RFC 3464 section 2: that part may be missing).
    private async ValueTask<ReturnedContent> ReadAsync(QueuedMessage message, bool isFailure, CancellationToken cancellationToken)
    {
        try
        {
            return await ReturnedContent.ReadAsync(message, isFailure, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            trace.Fault($"content of {message.Id} for the report on it", e);
            return default;
        }
    }

    private void Record(string eventId, QueuedMessage message, EmailAddress sender, IReadOnlyList<string> status, string id)
    {
        var now = clock.GetUtcNow();
        trace.Record(new SmtpRelayTrackingEvent
        {
            Timestamp = now,
            EventId = eventId,
            Source = "DSN",
            InternalMessageId = id,
            Sender = "<>",
            Recipients = [sender.ToString()],
            RecipientStatus = status,
            TotalBytes = message.Size,
            MessageLatency = now - message.Received,
            Reference = message.Id,
        });
    }
}
