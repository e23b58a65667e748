using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MailOps.Reports;

/// <summary>Reports as JSON, as Amazon SES sends them by its notification service: bounce, complaint, delivery.</summary>
internal static class JsonNotification
{
    private static readonly XmlDictionaryReaderQuotas Limits = new() { MaxDepth = 24, MaxStringContentLength = 64 * 1024, MaxArrayLength = 16 * 1024, MaxBytesPerRead = 64 * 1024, MaxNameTableCharCount = 64 * 1024 };

    public static IReadOnlyList<RecipientFinding> Read(ReportContent report)
    {
        foreach (var text in report.Texts)
        {
            var start = text.IndexOf('{');
            var end = text.LastIndexOf('}');
            if (start is < 0 or > 256 || end <= start || !text.Contains("otificationType\"") && !text.Contains("eventType\"")) continue;
            if (Parse(text.Substring(start, end - start + 1)) is { } root) return [.. Findings(root)];
        }
        return [];
    }

    private static XElement? Parse(string json)
    {
        try
        {
            using var reader = JsonReaderWriterFactory.CreateJsonReader(Encoding.UTF8.GetBytes(json), Limits);
            return XElement.Load(reader);
        }
        catch (Exception e) when (e is XmlException or FormatException or ArgumentException)
        {
            return null;   // not JSON after all, or beyond the limits
        }
    }

    private static IEnumerable<RecipientFinding> Findings(XElement root)
    {
        // The notification may stand inside another as a string.
        if (root.Element("Message")?.Value is { } inner && inner.StartsWith("{", StringComparison.Ordinal) && Parse(inner) is { } unwrapped) root = unwrapped;
        var message = new ReportFields(Pairs(root));
        var bounce = root.Element("bounce");
        foreach (var item in Items(bounce, "bouncedRecipients"))
        {
            yield return new RecipientFinding
            {
                Recipient = item.Element("emailAddress")?.Value,
                Action = DeliveryReportAction.Failed,
                StatusField = item.Element("status")?.Value,
                Diagnostic = item.Element("diagnosticCode")?.Value is { } code ? ReportFields.WithoutType(code) : null,
                Context = $"{bounce!.Element("bounceType")?.Value} {bounce.Element("bounceSubType")?.Value}",
                MessageFields = message,
            };
        }
        foreach (var item in Items(root.Element("complaint"), "complainedRecipients"))
        {
            yield return new RecipientFinding
            {
                Recipient = item.Element("emailAddress")?.Value,
                Action = DeliveryReportAction.None,
                Class = DeliveryReportClass.Feedback,
                FeedbackType = root.Element("complaint")!.Element("complaintFeedbackType")?.Value ?? "abuse",
                MessageFields = message,
            };
        }
        foreach (var item in Items(root.Element("delivery"), "recipients"))
        {
            yield return new RecipientFinding { Recipient = item.Value, Action = DeliveryReportAction.Delivered, Diagnostic = root.Element("delivery")!.Element("smtpResponse")?.Value, MessageFields = message };
        }
    }

    private static IEnumerable<XElement> Items(XElement? parent, string name) => parent?.Element(name)?.Elements() ?? [];

    private static IEnumerable<KeyValuePair<string, string>> Pairs(XElement root)
    {
        var host = (root.Element("bounce") ?? root.Element("delivery"))?.Element("reportingMTA")?.Value;
        if (host is not null) yield return new KeyValuePair<string, string>("Reporting-MTA", host);
        if (root.Element("mail")?.Element("timestamp")?.Value is { } time) yield return new KeyValuePair<string, string>("Arrival-Date", time);
    }
}
