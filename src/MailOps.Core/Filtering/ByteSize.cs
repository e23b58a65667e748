using System.Globalization;

namespace MailOps.Filtering;

/// <summary>Numbers as PowerShell writes sizes: 4096, 25MB, 1.5GB.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static bool TryParse(string text, out decimal number)
    {
        number = 0;
        var digits = text.TrimEnd('B', 'K', 'M', 'G', 'T', 'b', 'k', 'm', 'g', 't', ' ');
        var unit = text.Substring(digits.Length).Trim().ToUpperInvariant();
        var power = unit == "" ? 0 : Array.IndexOf(Units, unit);
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        if (power < 0 || digits.Length > 20 || !decimal.TryParse(digits, style, CultureInfo.InvariantCulture, out number)) return false;
        for (; power > 0; power--) number *= 1024;
        return true;
    }
}
