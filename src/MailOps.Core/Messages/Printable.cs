using System.Globalization;
using System.Text;

namespace MailOps.Messages;

/// <summary>Makes text of strangers fit to be shown: what would move a terminal's cursor, break a line or turn its direction is written out.</summary>
public static class Printable
{
    /// <summary>The text, with control and formatting characters as <c>\u001B</c>.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(IsUnfit)) return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsUnfit(c)) shown.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else shown.Append(c);
        }
        return shown.ToString();
    }

    private static bool IsUnfit(char c) =>
        c is < ' ' or '\x7f'
        || (c > '\x7f' && CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
