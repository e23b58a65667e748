using System.Globalization;
using System.Text;

namespace MailOps.Relay.Server.Authentication;

/// <summary>
/// SASLprep (RFC 4013): names and passwords as they are compared, however a keyboard composes them. Map, normalise, prohibit, check direction. What the platform
/// knows of Unicode today takes the place of the tables of Unicode 3.2, and so code points that were unassigned then are allowed (RFC 3454 section 7, as for queries).
/// </summary>
public static class SaslPrep
{
    /// <summary>The prepared text; null where it holds what neither a name nor a password may.</summary>
    public static string? Prepare(string text)
    {
        if (Ascii.IsValid(text)) return text.Any(char.IsControl) ? null : text;
        var mapped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            // RFC 4013 section 2.1: spaces other than ASCII's become one, what is commonly mapped to nothing goes.
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator) mapped.Append(' ');
            else if (!IsMappedToNothing(c)) mapped.Append(c);
        }
        try
        {
            var prepared = mapped.ToString().Normalize(NormalizationForm.FormKC);   // RFC 4013 section 2.2
            return prepared.EnumerateRunes().Any(IsProhibited) || !IsOneDirection(prepared) ? null : prepared;
        }
        catch (ArgumentException)
        {
            return null;   // half a surrogate pair
        }
    }

    // RFC 3454 appendix B.1
    private static bool IsMappedToNothing(char c) =>
        c is '\u00AD' or '\u034F' or '\u1806' or (>= '\u180B' and <= '\u180D') or (>= '\u200B' and <= '\u200D') or '\u2060' or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF';

    // RFC 4013 section 2.3: controls, private use, non-characters, and what changes how a text is shown.
    private static bool IsProhibited(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format => true,
        _ => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is (>= 0xFDD0 and <= 0xFDEF) or (>= 0xFFF9 and <= 0xFFFD) or (>= 0x2FF0 and <= 0x2FFB) or 0x0340 or 0x0341,
    };

    // RFC 4013 section 2.4: right-to-left text holds no left-to-right letters, and begins and ends with its own.
    private static bool IsOneDirection(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        if (!runes.Any(IsRightToLeft)) return true;
        return IsRightToLeft(runes[0]) && IsRightToLeft(runes[^1]) && !runes.Any(r => Rune.IsLetter(r) && !IsRightToLeft(r));
    }

    // The blocks of Hebrew, Arabic, Syriac and their like: the platform does not tell the direction of a character, and no letter of these goes the other way.
    private static bool IsRightToLeft(Rune rune) =>
        Rune.IsLetter(rune) && rune.Value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFC) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);
}
