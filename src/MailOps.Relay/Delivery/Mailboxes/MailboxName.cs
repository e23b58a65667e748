using System.Globalization;
using System.Text;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>
/// The folder name of a local part or domain. Letters and digits of any script and <c>! # $ &amp; ' + - = ^ _ ` { } ~ @ .</c> stay as they are, in
/// lower case: who writes to Alice@ means alice@, and on Windows and macOS the two would be one folder anyway; every other character becomes <c>%XX</c> of its UTF-8 octets, as do a leading or final dot and the first letter of a name that
/// Windows reserves (CON, NUL, COM1…). But for case the mapping is one to one, and the result is never a path: no separator, no <c>..</c>. The quotes of a
/// quoted local part are not part of the name (RFC 5321 section 4.1.2).
/// </summary>
internal static class MailboxName
{
    private const string Plain = "!#$&'+-=^_`{}~@.";
    private static readonly HashSet<string> Reserved = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(i => new[] { $"COM{i}", $"LPT{i}" })], StringComparer.OrdinalIgnoreCase);

    public static string Of(string name)
    {
        // By way of upper case, as names are compared without case: ς and σ are one letter there.
        var bare = Unquote(name).ToUpperInvariant().ToLowerInvariant();
        var reserved = Reserved.Contains(bare.Split('.')[0]);
        var result = new StringBuilder(bare.Length);
        var position = 0;
        foreach (var rune in bare.EnumerateRunes())
        {
            var atEdge = rune.Value == '.' && (position == 0 || position + 1 == bare.Length);
            if (IsPlain(rune) && !atEdge && !(reserved && position == 0)) result.Append(rune);
            else Encode(rune, result);
            position += rune.Utf16SequenceLength;
        }
        return result.Length > 0 ? result.ToString() : "%";   // the empty local part "" of a quoted string
    }

    private static bool IsPlain(Rune rune) =>
        rune.IsAscii ? Rune.IsLetterOrDigit(rune) || Plain.Contains((char)rune.Value) : Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;

    private static void Encode(Rune rune, StringBuilder result)
    {
        Span<byte> octets = stackalloc byte[4];
        var count = rune.EncodeToUtf8(octets);
        foreach (var octet in octets[..count]) result.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
    }

    private static string Unquote(string name)
    {
        if (name is not ['"', .. var inner, '"']) return name;
        var result = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length) i++;
            result.Append(inner[i]);
        }
        return result.ToString();
    }
}
