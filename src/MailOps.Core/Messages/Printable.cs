using System.Globalization;
using System.Text;

namespace MailOps.Messages;

/// <summary>Makes text of strangers fit to be shown: what would move a terminal's cursor, break a line or turn its direction is written out.</summary>
public static class Printable
{
    /// <summary>The text, with control and formatting characters as <c>\u001B</c>.</summary>
    public static string Escape(string text)
    {
        StringBuilder? shown = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (IsUnfit(text, i)) (shown ??= new StringBuilder(text, 0, i, text.Length + 16)).Append("\\u").Append(((int)text[i]).ToString("X4", CultureInfo.InvariantCulture));
            else shown?.Append(text[i]);
        }
        return shown?.ToString() ?? text;
    }

    /// <summary>The text, and of one that is longer than can be read the start and an ellipsis; no character is cut in half.</summary>
    /// <param name="text">The text.</param>
    /// <param name="max">How many characters stay. Default: 64, enough for a word of a record within a sentence.</param>
    public static string Shorten(string text, int max = 64) => text.Length <= max ? text : text.Substring(0, char.IsHighSurrogate(text[max - 1]) ? max - 1 : max) + "…";

    /// <summary>Whether the character there, or the one that it is half of, controls or formats what stands around it; half a character alone does no good either.</summary>
    public static bool IsUnfit(string text, int index)
    {
        var c = text[index];
        if (c <= '\x7f') return c is < ' ' or '\x7f';
        if (char.IsLowSurrogate(c) && index > 0 && char.IsHighSurrogate(text[index - 1])) index--;
        return CharUnicodeInfo.GetUnicodeCategory(text, index) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate;
    }
}
