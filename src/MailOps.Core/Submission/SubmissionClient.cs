using MailKit;
using MailKit.Net.Smtp;
using MailOps.Messages;
using MimeKit;

namespace MailOps.Submission;

/// <summary>MailKit's client, which notes what the server says of each recipient instead of stopping at the first refusal.</summary>
internal sealed class SubmissionClient(IProtocolLogger logger, Redaction redaction) : SmtpClient(logger)
{
    private readonly List<SmtpReply> _recipients = [];
    private ReportRequest _reports = ReportRequest.None;

    /// <summary>Whether the server has accepted MAIL of the current message.</summary>
    public bool SenderAccepted { get; private set; }

    /// <summary>What the server said of each recipient of the current message, in the order of the envelope, as far as it came.</summary>
    public IReadOnlyList<SmtpReply> Recipients => _recipients;

    /// <summary>Whether this connection still can carry an address beyond ASCII; MailKit cannot turn a capability on again.</summary>
    public bool HasUtf8 => Capabilities.HasFlag(SmtpCapabilities.UTF8);

    /// <summary>Whether the server sends reports as they are asked for (RFC 3461).</summary>
    public bool HasReports => Capabilities.HasFlag(SmtpCapabilities.Dsn);

    /// <summary>Whether the server can, but this connection was told otherwise for the sake of an earlier message.</summary>
    public bool GaveUpUtf8 { get; private set; }

    /// <summary>Sends one message.</summary>
    /// <returns>The text of the reply to the content.</returns>
    public async Task<string> SubmitAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        _recipients.Clear();
        _reports = message.Reports;
        DeliveryStatusNotificationType = _reports.Return switch
        {
            DeliveryReportContent.Full => MailKit.Net.Smtp.DeliveryStatusNotificationType.Full,
            DeliveryReportContent.Headers => MailKit.Net.Smtp.DeliveryStatusNotificationType.HeadersOnly,
            _ => MailKit.Net.Smtp.DeliveryStatusNotificationType.Unspecified,
        };
        SenderAccepted = false;
        // Content goes with DATA: with BDAT MailKit could choose binary parts, which the next hop may not take.
        Capabilities &= ~(SmtpCapabilities.Chunking | SmtpCapabilities.BinaryMime);

        // RFC 6531 section 3.2: SMTPUTF8 only where it is needed. MailKit would use it for a domain too, which A-labels can carry through any server.
        var format = MessageComposer.Format(message.FirstUtf8Address is not null);
        if (!format.International && HasUtf8)
        {
            Capabilities &= ~SmtpCapabilities.UTF8;
            GaveUpUtf8 = true;
        }
        if (message.IsRaw) RawContent.HideOwnHeaders(format);
        return await SendAsync(format, message.Content, Mailbox.ToMime(message.Sender), message.Recipients.Select(Mailbox.ToMime), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void OnSenderAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => SenderAccepted = true;

    /// <inheritdoc/>
    protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) =>
        _recipients.Add(Replies.Read(response, redaction));

    /// <inheritdoc/>
    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) =>
        _recipients.Add(Replies.Read(response, redaction));

    /// <inheritdoc/>
    protected override string GetEnvelopeId(MimeMessage message) => _reports.EnvelopeId ?? "";

    /// <inheritdoc/>
    protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) =>
        _reports.Notify is not { } notices ? null
        : (notices.HasFlag(DeliveryNotices.Success) ? DeliveryStatusNotification.Success : 0)
            | (notices.HasFlag(DeliveryNotices.Failure) ? DeliveryStatusNotification.Failure : 0)
            | (notices.HasFlag(DeliveryNotices.Delay) ? DeliveryStatusNotification.Delay : 0);

    /// <inheritdoc/>
    protected override void Prepare(FormatOptions options, MimeMessage message, EncodingConstraint constraint, int maxLineLength)
    {
        if (message.Body is not RawContent) base.Prepare(options, message, constraint, maxLineLength);
    }
}
