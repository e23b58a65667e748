using System.Net;
using System.Text;

namespace MailOps.Reports;

/// <summary>The words of an HTML page, without its marks: enough to find addresses and replies in it.</summary>
internal static class HtmlText
{
    public static string Strip(string html)
    {
        var text = new StringBuilder(html.Length);
        var position = 0;
        while (position < html.Length)
        {
            var open = html.IndexOf('<', position);
            if (open < 0) open = html.Length;
            text.Append(html, position, open - position);
            var close = open < html.Length ? html.IndexOf('>', open) : -1;
            if (close < 0) break;
            position = Skip(html, open, close, text);
        }
        return WebUtility.HtmlDecode(text.ToString());
    }

    // A block ends a line; what is in style and script is not said to people.
    private static int Skip(string html, int open, int close, StringBuilder text)
    {
        if (IsTag(html, open, "style") || IsTag(html, open, "script"))
        {
            var end = html.IndexOf("</", close, StringComparison.Ordinal);
            return end < 0 ? html.Length : end;
        }
        if (IsTag(html, open, "br") || IsTag(html, open, "p") || IsTag(html, open, "/p") || IsTag(html, open, "div") || IsTag(html, open, "tr") || IsTag(html, open, "li")) text.Append('\n');
        else text.Append(' ');
        return close + 1;
    }

    private static bool IsTag(string html, int open, string name) =>
        string.Compare(html, open + 1, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0
        && (open + 1 + name.Length >= html.Length || !char.IsLetterOrDigit(html[open + 1 + name.Length]));
}
