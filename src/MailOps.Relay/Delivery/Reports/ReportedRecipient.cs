using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Reports;

/// <summary>What a report says of its recipients: the Action field (RFC 3464 section 2.3.3).</summary>
internal enum ReportAction
{
    Failed,
    Delayed,
    Delivered,
    /// <summary>Passed on to a server that makes no reports.</summary>
    Relayed,
}

/// <summary>One recipient in a report.</summary>
/// <param name="Recipient">The recipient.</param>
/// <param name="Action">What became of it.</param>
/// <param name="Reply">What was said of it.</param>
/// <param name="RemoteHost">Who said so; null where no server did.</param>
internal sealed record ReportedRecipient(MailRecipient Recipient, ReportAction Action, SmtpReply Reply, string? RemoteHost)
{
    /// <summary>
    /// What the sender is told of an outcome, or null where he asked not to be or need not be: NOTIFY of RFC 3461 section 4.1, which without a word
    /// means failures, and delays at the relay's choice. Nothing is said of a success whose reports the next hop took over (RFC 3461 section 5.2.1).
    /// </summary>
    public static ReportedRecipient? Of(RecipientOutcome outcome, DeliveryOutcome settled, bool isLate)
    {
        var notify = outcome.Recipient.Recipient.Notify;
        ReportAction? action = settled.Status switch
        {
            DeliveryStatus.Failed when notify == DsnNotify.Unspecified || notify.HasFlag(DsnNotify.Failure) => ReportAction.Failed,
            DeliveryStatus.Deferred when isLate && !outcome.Recipient.DelayNotified && (notify == DsnNotify.Unspecified || notify.HasFlag(DsnNotify.Delay)) => ReportAction.Delayed,
            DeliveryStatus.Delivered when notify.HasFlag(DsnNotify.Success) && !outcome.TookDsn =>
                outcome.Hop.Kind is RouteKind.Lmtp or RouteKind.Maildir ? ReportAction.Delivered : ReportAction.Relayed,   // RFC 3461 section 5.2.2
            _ => null,
        };
        // Where our own disk is concerns nobody outside.
        return action is { } said ? new(outcome.Recipient.Recipient, said, settled.Reply, outcome.Hop.Kind == RouteKind.Maildir ? null : settled.RemoteHost) : null;
    }
}
