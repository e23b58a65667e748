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
/// <param name="RemoteHost">The server that was talked to; null where there was none.</param>
/// <param name="IsOwn">Whether the reply is this relay's own rather than that server's.</param>
internal sealed record ReportedRecipient(MailRecipient Recipient, ReportAction Action, SmtpReply Reply, string? RemoteHost, bool IsOwn)
{
    /// <summary>Until when it is tried, for a delay.</summary>
    public DateTimeOffset Expiry { get; init; }

    /// <summary>When it was last tried (RFC 3464 section 2.3.7); null where it never was.</summary>
    public DateTimeOffset? LastAttempt { get; init; }

    /// <summary>The server that said so (RFC 3464 section 2.3.5); null where none did.</summary>
    public string? Reporter => IsOwn ? null : RemoteHost;

    /// <summary>
    /// The Status field (RFC 3464 section 2.3.4). Its class follows from what became of the recipient, whichever class the reply was of: a delay is of class 4, a failure of class
    /// 5, or of class 4 where what was temporary was given up (RFC 3463 section 2).
    /// </summary>
    public string Status
    {
        get
        {
            var kind = Action switch
            {
                ReportAction.Delayed => '4',
                ReportAction.Failed => Reply.IsTemporary ? '4' : '5',
                _ => '2',
            };
            return kind + (Reply.EnhancedCode is [_, .. var detail] ? detail : ".0.0");
        }
    }

    /// <summary>
    /// What the sender is told of an outcome, or null where he asked not to be or need not be: NOTIFY of RFC 3461 section 4.1, which without a word
    /// means failures, and delays at the relay's choice. Nothing is said of a success whose reports the next hop took over (RFC 3461 section 5.2.1).
    /// </summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="settled">What it was settled as.</param>
    /// <param name="isLate">Whether a delay is worth a word by now.</param>
    /// <param name="expiry">When it is given up.</param>
    /// <param name="deliverBy">The time that the sender has set. He is told where it is passed on to a server that does not know of it, and by mode T of each relay.</param>
    public static ReportedRecipient? Of(RecipientOutcome outcome, DeliveryOutcome settled, bool isLate, DateTimeOffset expiry, DeliverBy? deliverBy = null)
    {
        var notify = outcome.Recipient.Recipient.Notify;
        var isRelay = outcome.Hop.Kind is not (RouteKind.Lmtp or RouteKind.Maildir);
        var traces = isRelay && deliverBy is { } by && (by.Trace || !outcome.TookDeliverBy) && !notify.HasFlag(DsnNotify.Never);   // RFC 2852 section 4
        ReportAction? action = settled.Status switch
        {
            DeliveryStatus.Failed when notify == DsnNotify.Unspecified || notify.HasFlag(DsnNotify.Failure) => ReportAction.Failed,
            DeliveryStatus.Deferred when isLate && !outcome.Recipient.DelayNotified && (notify == DsnNotify.Unspecified || notify.HasFlag(DsnNotify.Delay)) => ReportAction.Delayed,
            DeliveryStatus.Delivered when notify.HasFlag(DsnNotify.Success) && !outcome.TookDsn =>
                isRelay ? ReportAction.Relayed : ReportAction.Delivered,   // RFC 3461 section 5.2.2
            DeliveryStatus.Delivered when traces => ReportAction.Relayed,
            _ => null,
        };
        // Where our own disk is concerns nobody outside.
        return action is { } said ? new(outcome.Recipient.Recipient, said, settled.Reply, outcome.Hop.IsLocal ? null : settled.RemoteHost, settled.IsOwn) { Expiry = expiry } : null;
    }
}
