using System.Text;
using MimeKit.Utils;

namespace MailOps.Reports;

/// <summary>What was found of one recipient, before it is judged.</summary>
internal sealed class RecipientFinding
{
    public string? Recipient { get; init; }
    public string? OriginalRecipient { get; init; }
    public DeliveryReportAction? Action { get; init; }
    /// <summary>The Status field as it stands, with its comment.</summary>
    public string? StatusField { get; init; }
    public string? Diagnostic { get; init; }
    /// <summary>What the report says to people about this recipient.</summary>
    public string? Context { get; init; }
    public string? RemoteMta { get; init; }
    /// <summary>The fields of this recipient, and those about the whole message.</summary>
    public ReportFields Fields { get; init; } = ReportFields.None;
    public ReportFields MessageFields { get; init; } = ReportFields.None;
    /// <summary>What it is, where that is known from its form.</summary>
    public DeliveryReportClass? Class { get; init; }
    public string? FeedbackType { get; init; }

    public DeliveryReport ToReport(ReportContent report, string? path)
    {
        var (code, inReply) = ReplyText.Find(Diagnostic);
        var field = ReplyText.Status(StatusField);
        var status = Better(inReply, field);
        var action = Action ?? Infer(status, report);
        if (code == 0) code = CodeInContext(status, action);
        var kind = Class ?? Classifier.Classify(this, action, status, code, report.Subject);
        if (kind is not (DeliveryReportClass.Feedback or DeliveryReportClass.AutoReply)) status ??= DerivedStatus.For(kind, action, code, $"{Diagnostic}\n{Context}");
        return new DeliveryReport
        {
            Recipient = Recipient,
            OriginalRecipient = OriginalRecipient,
            Action = action,
            Class = kind,
            Status = status,
            SmtpStatusCode = code,
            Diagnostic = Diagnostic,
            IsAddressInvalid = action == DeliveryReportAction.Failed
                && kind is DeliveryReportClass.NoSuchUser or DeliveryReportClass.DomainUnknown or DeliveryReportClass.Moved or DeliveryReportClass.NotAccepting,
            RemoteMta = RemoteMta,
            ReportingMta = MessageFields.Untyped("Reporting-MTA"),
            ArrivalDate = MessageFields.Date("Arrival-Date") ?? MessageFields.Date("Received-Date"),
            LastAttemptDate = Fields.Date("Last-Attempt-Date"),
            WillRetryUntil = Fields.Date("Will-Retry-Until"),
            EnvelopeId = MessageFields["Original-Envelope-Id"],
            FeedbackType = FeedbackType,
            OriginalMessageId = report.Original["Message-ID"]?.Trim('<', '>', ' '),
            OriginalSubject = Decoded(report.Original["Subject"]),
            Subject = report.Header["Subject"],
            Path = path,
        };
    }

    // A header part is text, in which the encoded words are as they were.
    private static string? Decoded(string? subject) => subject is null ? null : Rfc2047.DecodeText(Encoding.UTF8.GetBytes(subject));

    // What the remote server said is nearer to the truth than what its client made of it, but x.0.0 says nothing. A diagnostic of another type than smtp is the reporter's
    // own, and a reply in it is a quotation: then its Status counts, unless that says nothing (RFC 3464 section 2.3.6).
    private string? Better(string? inReply, string? field)
    {
        if (inReply is null || field is null) return field ?? inReply;
        if (SaysNothing(field)) return SaysNothing(inReply) ? field : inReply;
        var isReply = Fields["Diagnostic-Code"] is not { } diagnostic || diagnostic.StartsWith("smtp", StringComparison.OrdinalIgnoreCase);
        return isReply && !(SaysNothing(inReply) && field[0] == inReply[0]) ? inReply : field;
    }

    private static bool SaysNothing(string status) => status.EndsWith(".0.0", StringComparison.Ordinal);

    private static DeliveryReportAction Infer(string? status, ReportContent report) =>
        status?[0] == '2' ? DeliveryReportAction.Delivered : Wording.IsDelay(report) ? DeliveryReportAction.Delayed : DeliveryReportAction.Failed;

    // A diagnostic without a code may be what a program said; the transcript beside it has the reply.
    private int CodeInContext(string? status, DeliveryReportAction action)
    {
        if (action is not (DeliveryReportAction.Failed or DeliveryReportAction.Delayed)) return 0;
        var start = Context is null ? -1 : ReplyText.Start(Context);
        if (start < 0) return 0;
        var code = ReplyText.Find(Context!.Substring(start)).Code;
        return status is null || code / 100 == status[0] - '0' ? code : 0;
    }
}
