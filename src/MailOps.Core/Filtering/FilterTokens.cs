using System.Globalization;
using System.Text;

namespace MailOps.Filtering;

/// <summary>Cuts a filter into its pieces. A quote inside quotes is written twice, as in PowerShell.</summary>
internal static class FilterTokens
{
    public static IReadOnlyList<FilterToken> Of(string filter)
    {
        var tokens = new List<FilterToken>();
        var at = 0;
        while (true)
        {
            while (at < filter.Length && char.IsWhiteSpace(filter[at])) at++;
            if (at == filter.Length) break;
            var start = at;
            var (kind, text) = filter[at] switch
            {
                '(' => (FilterTokenKind.Open, Single(filter, ref at)),
                ')' => (FilterTokenKind.Close, Single(filter, ref at)),
                '\'' or '"' => (FilterTokenKind.Text, Quoted(filter, ref at)),
                '-' when at + 1 < filter.Length && char.IsLetter(filter[at + 1]) => (FilterTokenKind.Operator, Word(filter, ref at)),
                _ => (FilterTokenKind.Word, Word(filter, ref at)),
            };
            tokens.Add(new FilterToken(kind, text, start + 1));
        }
        tokens.Add(new FilterToken(FilterTokenKind.End, "", filter.Length + 1));
        return tokens;
    }

    private static string Single(string filter, ref int at) => filter[at++].ToString(CultureInfo.InvariantCulture);

    private static string Word(string filter, ref int at)
    {
        var start = at;
        while (at < filter.Length && !char.IsWhiteSpace(filter[at]) && filter[at] is not ('(' or ')' or '\'' or '"')) at++;
        return filter.Substring(start, at - start);
    }

    private static string Quoted(string filter, ref int at)
    {
        var (start, quote, text) = (at, filter[at++], new StringBuilder());
        for (; at < filter.Length; at++)
        {
            if (filter[at] != quote) text.Append(filter[at]);
            else if (at + 1 < filter.Length && filter[at + 1] == quote) text.Append(filter[++at]);
            else
            {
                at++;
                return text.ToString();
            }
        }
        throw FilterFault.At(start + 1, $"the text that begins there has no closing {quote}");
    }
}
