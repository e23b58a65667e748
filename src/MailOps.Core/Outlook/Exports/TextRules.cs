using System.Globalization;
using MailOps.Messages;

namespace MailOps.Outlook.Exports;

/// <summary>What a text may hold that goes into files which others read line by line, as XML, or on a screen.</summary>
internal static class TextRules
{
    public const int MaxLength = 256;

    /// <summary>What is wrong with a text; null where nothing is.</summary>
    /// <param name="label">What it is, for the sentence.</param>
    /// <param name="text">The text.</param>
    public static string? Fault(string label, string text)
    {
        if (text.Trim().Length == 0) return $"{label} is empty";
        if (text.Length > MaxLength) return string.Format(CultureInfo.InvariantCulture, "{0} has {1} characters, more than {2}", label, text.Length, MaxLength);
        return IsPlain(text) ? null : $"{label} '{Printable.Escape(text)}' has a line break, a control character or half a character in it";
    }

    /// <summary>Whether a text has neither line breaks nor control characters, and is Unicode text that XML can hold.</summary>
    public static bool IsPlain(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]) || text[i] is '\uFFFE' or '\uFFFF'
                || CharUnicodeInfo.GetUnicodeCategory(text[i]) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return false;
        }
        return true;
    }
}
