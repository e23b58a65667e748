using System.Text.RegularExpressions;

namespace MailOps.Reports;

/// <summary>The standard form: fields for the message and for each recipient (RFC 3464 section 2, RFC 6533 section 3), in a part of their own or in the text.</summary>
internal static class StatusReport
{
    private static readonly string[] Once = ["Final-Recipient", "Original-Recipient", "Action", "Status", "Diagnostic-Code"];
    private static readonly Regex Quote = new(@"^[ \t]{0,3}(?:>[ \t]?){1,5}", RegexOptions.CultureInvariant | RegexOptions.Multiline);
    private static readonly Regex Field = new(@"^(?:Final|Original)-Recipient[ \t]*:", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Multiline);
    private static readonly Regex UnicodePoint = new(@"\\x\{([0-9A-Fa-f]{2,6})\}", RegexOptions.CultureInvariant);

    public static IReadOnlyList<RecipientFinding> Read(ReportContent report)
    {
        var found = new List<RecipientFinding>();
        foreach (var text in Sources(report)) Read(text, report, found);
        return found;
    }

    private static IEnumerable<string> Sources(ReportContent report) =>
        report.Statuses.Exists(text => Field.IsMatch(text)) ? report.Statuses : report.Texts.Select(Unquoted).Where(text => Field.IsMatch(text));

    // Somebody has passed the report on, with marks before each line.
    private static string Unquoted(string text) => Quote.IsMatch(text) ? Quote.Replace(text, "") : text;

    private static void Read(string text, ReportContent report, List<RecipientFinding> found)
    {
        var message = ReportFields.None;
        var groups = new List<ReportFields>();
        foreach (var group in ReportFields.Parse(text).SelectMany(group => group.Divide(Once)))
        {
            if (group["Reporting-MTA"] is not null && message.IsEmpty) message = group;
            if ((group["Final-Recipient"] ?? group["Original-Recipient"]) is null || groups.Count >= DeliveryReportReader.MaxRecipients) continue;
            groups.Add(group);
        }
        found.AddRange(groups.Select(group => Recipient(group, message, report, groups.Count == 1)));
    }

    private static RecipientFinding Recipient(ReportFields group, ReportFields message, ReportContent report, bool alone)
    {
        var final = Address(group["Final-Recipient"]);
        var original = Address(group["Original-Recipient"]);
        var section = TextReport.Section(report, alone, final, original, Address(group["X-Actual-Recipient"]));
        return new RecipientFinding
        {
            Recipient = final ?? original,
            OriginalRecipient = original,
            Action = Action(group["Action"]),
            StatusField = group["Status"],
            Diagnostic = Diagnostic(group) ?? TextReport.Reply(section, final ?? original) ?? Comment(group["Status"]) ?? TextReport.Sentence(section, final ?? original),
            Context = section,
            RemoteMta = group.Untyped("Remote-MTA"),
            Fields = group,
            MessageFields = message,
        };
    }

    // "X-Unix; 77" is a number that only its system knows.
    private static string? Diagnostic(ReportFields group)
    {
        if (group.Untyped("Diagnostic-Code") is not { } text) return null;
        return text.Any(char.IsLetter) || text.Length > 3 || group["Diagnostic-Code"]!.StartsWith("smtp", StringComparison.OrdinalIgnoreCase) ? Lines.Join(text) : null;
    }

    // "4.2.2 (Over quota)"
    private static string? Comment(string? status)
    {
        var open = status?.IndexOf('(') ?? -1;
        return open < 0 ? null : Lines.Join(status!.Substring(open + 1).TrimEnd(')', ' '));
    }

    private static DeliveryReportAction? Action(string? value)
    {
        if (value is null) return null;
        bool Is(string word) => value.StartsWith(word, StringComparison.OrdinalIgnoreCase);
        return Is("fail") || Is("expired") ? DeliveryReportAction.Failed
            : Is("delay") ? DeliveryReportAction.Delayed
            : Is("deliver") ? DeliveryReportAction.Delivered
            : Is("relay") ? DeliveryReportAction.Relayed
            : Is("expand") ? DeliveryReportAction.Expanded
            : null;
    }

    /// <summary>The address of a typed field; of type utf-8 with its letters (RFC 6533 section 3); a pipe or a file gives the address in it.</summary>
    private static string? Address(string? field)
    {
        if (field is null || ReportFields.WithoutType(field) is not { } value) return null;
        if (value.Contains(@"\x{")) value = UnicodePoint.Replace(value, Letter);
        value = value.Trim().Trim('<', '>').Trim();
        if (value.Length == 0) return null;
        var plain = value.IndexOfAny([' ', '|', '/', '<', '(']) < 0;
        return plain ? value : AddressText.First(value) ?? value;
    }

    private static string Letter(Match match)
    {
        var point = Convert.ToInt32(match.Groups[1].Value, 16);
        return point is 0 or > 0x10FFFF or (>= 0xD800 and <= 0xDFFF) ? match.Value : char.ConvertFromUtf32(point);
    }
}
