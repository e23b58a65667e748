using System.Globalization;
using System.Text.RegularExpressions;

namespace MailOps.Reports;

/// <summary>Finds the reply code and the enhanced status code in the words of a diagnostic.</summary>
internal static class ReplyText
{
    /// <summary>How much of a diagnostic is looked at, in characters.</summary>
    private const int MaxLength = 8 * 1024;

    private const string Code = @"(?<![\w.@])(?<code>[245][0-5]\d)";
    private const string Enhanced = @"(?<status>[245]\.\d{1,3}\.\d{1,3})(?![.\d])";

    // "550 5.1.1", "550-5.1.1", "550 (#5.1.1", "554 554 5.7.0", "550-'5.7.1": a reply and the code that belongs to it.
    private static readonly Regex Pair = new(Code + @"[\s\-:]{1,3}['""(\[<#]{0,2}(?:[245][0-5]\d[\s\-]{1,2})?" + Enhanced, RegexOptions.CultureInvariant);
    private static readonly Regex AnyCode = new(Code + @"(?=[\s\-:,;'""]|$)", RegexOptions.CultureInvariant);
    // "554 <user@example.com>... 550 Host unknown": sendmail's own code, then the server's.
    private static readonly Regex Told = new(@"\.\.\.\s(?:Deferred:\s)?" + Code + @"\s", RegexOptions.CultureInvariant);
    private static readonly Regex AnyStatus = new(@"(?<![\w.])" + Enhanced, RegexOptions.CultureInvariant);
    private static readonly Regex Refusal = new(@"(?<![\w.@])[45][0-5]\d(?=[\s\-:,;]|$)", RegexOptions.CultureInvariant);

    /// <summary>The reply code (0 where there is none) and the enhanced code; of several the innermost, which is that of the server that said no.</summary>
    public static (int Code, string? Status) Find(string? text)
    {
        if (text is null || text.Length == 0) return (0, null);
        if (text.Length > MaxLength) text = text.Substring(0, MaxLength);
        var pairs = Pair.Matches(text);
        if (pairs.Count > 0) return (Number(pairs[pairs.Count - 1]), pairs[pairs.Count - 1].Groups["status"].Value);
        var statuses = AnyStatus.Matches(text);
        var code = Told.Match(text) is { Success: true } told ? told : AnyCode.Match(text);
        return (code.Success ? Number(code) : 0, statuses.Count > 0 ? statuses[statuses.Count - 1].Groups["status"].Value : null);
    }

    /// <summary>The words from the innermost reply on, where a client's own code and words stand before it: "5.1.0 - Unknown address error 550-…".</summary>
    public static string? Innermost(string? text)
    {
        if (text is null || text.Length > MaxLength || AnyStatus.Match(text) is not { Success: true, Index: 0 }) return null;
        var pairs = Pair.Matches(text);
        var at = pairs.Count > 0 ? pairs[pairs.Count - 1].Index : AnyCode.Match(text) is { Success: true } code ? code.Index : 0;
        return at > 0 ? text.Substring(at) : null;
    }

    /// <summary>Where a reply 4yz or 5yz begins in a text, or -1.</summary>
    public static int Start(string text)
    {
        var found = Refusal.Match(text.Length > MaxLength ? text.Substring(0, MaxLength) : text);
        return found.Success ? found.Index : -1;
    }

    /// <summary>The enhanced code a Status field begins with, or null.</summary>
    public static string? Status(string? field) => field is not null && AnyStatus.Match(TextDecoder.Cut(field)) is { Success: true } found ? found.Groups["status"].Value : null;

    private static int Number(Match match) => int.Parse(match.Groups["code"].Value, CultureInfo.InvariantCulture);
}
