namespace MailOps.Filtering;

/// <summary>Texts with <c>*</c> for anything and <c>?</c> for one character; capitals and small letters are alike. Brackets mean themselves: address literals have them.</summary>
internal static class Wildcard
{
    // On a mismatch the last star takes one character more: linear for one star, at worst the product of the lengths.
    public static bool Matches(string pattern, string text)
    {
        var (p, t, star, taken) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, taken) = (p++, t);
            else if (p < pattern.Length && (pattern[p] == '?' || char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(text[t]))) (p, t) = (p + 1, t + 1);
            else if (star >= 0) (p, t) = (star + 1, ++taken);
            else return false;
        }
        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
