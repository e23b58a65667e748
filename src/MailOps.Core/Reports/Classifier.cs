using System.Text.RegularExpressions;

namespace MailOps.Reports;

/// <summary>Judges what a report means: by codes that have one meaning, by the words, then by codes that have several.</summary>
internal static class Classifier
{
    private const int MaxLength = 6 * 1024;

    private static readonly Regex Address = new(AddressText.Pattern, RegexOptions.CultureInvariant);
    private static readonly Regex Continuation = new(@"(?<![\w.])[245]\d\d[- ][245]\.\d{1,3}\.\d{1,3}\s", RegexOptions.CultureInvariant);
    // Of a link its host and its query: the path is a name and no statement.
    private static readonly Regex Link = new(@"https?://([^/\s?#]{1,200})[^\s?#]*(\?[^\s#]*)?(?:#\S*)?", RegexOptions.CultureInvariant);
    private static readonly Regex HostIsNot = new(@"(?<![\w@])(?:[a-z0-9\-]{1,63}\.){1,8}[a-z]{2,24}>? does not exist", RegexOptions.CultureInvariant);

    public static DeliveryReportClass Classify(RecipientFinding finding, DeliveryReportAction action, string? status, int code, string subject)
    {
        if (action is DeliveryReportAction.Delivered or DeliveryReportAction.Relayed or DeliveryReportAction.Expanded) return DeliveryReportClass.Delivered;
        var comment = finding.StatusField is { } field && field.Contains("(") ? field : null;
        var diagnostic = finding.Diagnostic;
        return StatusMeaning.Certain(status)
            ?? Words(ReplyText.Innermost(diagnostic), status)
            ?? Words(diagnostic, status)
            ?? (diagnostic is null ? Words(comment, status) ?? Words(finding.Context, status) : null)
            ?? StatusMeaning.Likely(status)
            ?? Words(comment, status)
            ?? Words(finding.Context, status)
            ?? Words(subject, status)
            ?? StatusMeaning.Vague(status, code)
            ?? DeliveryReportClass.Unknown;
    }

    private static DeliveryReportClass? Words(string? text, string? status)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var words = Simple(text!);
        // What Microsoft 365 says of an address that it does not have.
        if (status == "5.4.1" && words.Contains(": recipient address rejected: access denied")) return DeliveryReportClass.NoSuchUser;
        foreach (var (kind, phrases) in Phrases.All)
        {
            if (Array.Exists(phrases, phrase => Has(words, phrase))) return kind;
        }
        return HostIsNot.IsMatch(words) ? DeliveryReportClass.DomainUnknown : null;
    }

    /// <summary>In small letters on one line, without addresses, which may be named like anything.</summary>
    private static string Simple(string text)
    {
        var words = Lines.Join(text.Length > MaxLength ? text.Substring(0, MaxLength) : text).ToLowerInvariant().Replace('’', '\'');
        words = Link.Replace(words, "$1$2");
        words = Address.Replace(words, "@");
        return Continuation.Replace(words, "");
    }

    // A star stands for anything between.
    private static bool Has(string words, string phrase)
    {
        var from = 0;
        foreach (var piece in phrase.Split('*'))
        {
            var at = words.IndexOf(piece, from, StringComparison.Ordinal);
            if (at < 0) return false;
            from = at + piece.Length;
        }
        return true;
    }
}
