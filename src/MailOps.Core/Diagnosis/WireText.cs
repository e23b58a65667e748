using System.Globalization;
using System.Text;

namespace MailOps.Diagnosis;

/// <summary>What came over the network, as it may be shown on a terminal: control characters as escapes, and not without end.</summary>
internal static class WireText
{
    private const int MaxShown = 400;

    /// <summary>Bytes as text.</summary>
    public static string Show(byte[] bytes, int start, int count) => Show(Encoding.UTF8.GetString(bytes, start, count));

    /// <summary>Text as it may be shown. Direction marks and the like are escaped too: they make a line look like another.</summary>
    public static string Show(string text, int max = MaxShown)
    {
        var shown = new StringBuilder(Math.Min(text.Length, max) + 1);
        foreach (var c in text.Length > max ? text.Substring(0, max) : text)
        {
            if (char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                shown.Append(c <= '\xff' ? "\\x" + ((int)c).ToString("X2", CultureInfo.InvariantCulture) : "\\u" + ((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else shown.Append(c);
        }
        return text.Length > max ? shown.Append('…').ToString() : shown.ToString();
    }
}
