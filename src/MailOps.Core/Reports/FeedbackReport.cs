namespace MailOps.Reports;

/// <summary>Feedback reports: complaints of recipients and their like (RFC 5965 section 3), and Hotmail's older form.</summary>
internal static class FeedbackReport
{
    public static IReadOnlyList<RecipientFinding> Read(ReportContent report)
    {
        if (report.Feedbacks.Count == 0) return IsHotmail(report) ? [Complaint("abuse", report.Original["X-HmXmrOriginalRecipient"] ?? AddressText.First(report.Original["To"]), ReportFields.None)] : [];
        var fields = report.Feedbacks.SelectMany(ReportFields.Parse).FirstOrDefault(group => group["Feedback-Type"] is not null) ?? ReportFields.None;
        var type = fields["Feedback-Type"]?.ToLowerInvariant();
        var recipients = fields.All("Original-Rcpt-To").Concat(fields.All("Removal-Recipient")).Select(value => AddressText.First(value) ?? value.Trim('<', '>')).ToList();
        if (recipients.Count == 0) recipients = [.. AddressText.All(report.Original["To"]).Take(1)];
        if (recipients.Count == 0) return [Complaint(type, null, fields)];
        return [.. recipients.Distinct(StringComparer.OrdinalIgnoreCase).Select(recipient => Complaint(type, recipient, fields))];
    }

    private static RecipientFinding Complaint(string? type, string? recipient, ReportFields fields) => new()
    {
        Recipient = recipient,
        Action = DeliveryReportAction.None,
        Class = DeliveryReportClass.Feedback,
        FeedbackType = type ?? "other",
        RemoteMta = fields.Untyped("Source-IP"),
        MessageFields = fields,
    };

    private static bool IsHotmail(ReportContent report) =>
        report.HasOriginal && report.Subject.StartsWith("complaint about message from", StringComparison.OrdinalIgnoreCase);
}
