using System.Text.RegularExpressions;

namespace MailOps.Reports;

/// <summary>Finds addresses in text.</summary>
internal static class AddressText
{
    /// <summary>An address in running text; bounded, so that no text makes it slow.</summary>
    public const string Pattern = @"(?:""[^""\s<>]{1,64}""|(?<![^\s<>()\[\]:;,""@'|=`])[^\s<>()\[\]:;,""@'|=`]{1,128})@(?:[\p{L}\p{N}_][\p{L}\p{N}_.\-]{0,252})?[\p{L}\p{N}]";

    private static readonly Regex Any = new(Pattern, RegexOptions.CultureInvariant);

    public static IEnumerable<string> All(string? text) =>
        text is null ? [] : Any.Matches(TextDecoder.Cut(text)).Cast<Match>().Select(match => match.Value);

    public static string? First(string? text) => All(text).FirstOrDefault();

    public static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
