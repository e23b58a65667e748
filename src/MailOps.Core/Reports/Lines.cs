using System.Globalization;
using System.Text;

namespace MailOps.Reports;

/// <summary>Small work on lines of text.</summary>
internal static class Lines
{
    private const int MaxJoined = 4 * 1024;

    /// <summary>The text on one line, white space between words being one space, and without what turns its direction.</summary>
    public static string Join(string text)
    {
        var joined = new StringBuilder(Math.Min(text.Length, MaxJoined));
        foreach (var letter in text)
        {
            if (joined.Length >= MaxJoined) break;
            if (letter is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069')) continue;
            if (!char.IsWhiteSpace(letter) && !char.IsControl(letter)) joined.Append(letter);
            else if (joined.Length > 0 && joined[joined.Length - 1] != ' ') joined.Append(' ');
        }
        return joined.ToString().TrimEnd();
    }

    /// <summary>Whether a text has a piece, in large or small letters.</summary>
    public static bool Has(this string text, string piece) => CultureInfo.InvariantCulture.CompareInfo.IndexOf(text, piece, CompareOptions.OrdinalIgnoreCase) >= 0;

    /// <summary>A line without the marks of lists and quotes around it.</summary>
    public static string Bare(string line) => line.Trim().TrimStart('*', '-', '>', '•', '·', ' ').TrimEnd('-', '*', '=', ' ');
}
