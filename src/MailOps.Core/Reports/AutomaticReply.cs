namespace MailOps.Reports;

/// <summary>Automatic answers, such as notices of absence (RFC 3834 section 2): no reports of delivery, but they come to the same place.</summary>
internal static class AutomaticReply
{
    private static readonly string[] Subjects =
        ["auto:", "auto reply", "auto-reply", "autoreply", "automatic reply", "automatische antwort", "out of office", "out of the office", "away until", "away from", "vacation", "abwesenheit", "réponse automatique", "respuesta automática", "risposta automatica"];

    public static RecipientFinding? Read(ReportContent report)
    {
        if (report.IsReport || !IsAutomatic(report)) return null;
        return new RecipientFinding
        {
            Recipient = AddressText.First(report.Header["From"]),
            Action = DeliveryReportAction.None,
            Class = DeliveryReportClass.AutoReply,
            Diagnostic = report.Texts.Count == 0 ? null : Lines.Join(report.Texts[0]),
        };
    }

    private static bool IsAutomatic(ReportContent report)
    {
        if (Wording.IsFailure(report)) return false;
        if (Array.Exists(Subjects, phrase => report.Subject.StartsWith(phrase, StringComparison.OrdinalIgnoreCase))) return true;
        return report.Header["Auto-Submitted"]?.StartsWith("auto-replied", StringComparison.OrdinalIgnoreCase) == true
            || report.Header["X-Autoreply"] is not null || report.Header["X-Autorespond"] is not null
            || string.Equals(report.Header["Precedence"], "auto_reply", StringComparison.OrdinalIgnoreCase);
    }
}
