using System.Globalization;
using System.Text;
using MailOps.Messages;

namespace MailOps.Relay.Mail;

/// <summary>
/// ORCPT= of RCPT (RFC 3461 section 4.2): an address type, a semicolon, and an address in xtext; or, of type utf-8 (RFC 6533 section 3), a mailbox whose characters
/// stand there as they are or by their number, <c>\x{E4}</c>, and of which those that xtext would encode never stand as they are.
/// </summary>
internal static class OriginalRecipient
{
    /// <summary>RFC 3461 section 4.2: 500 octets at most, with the type.</summary>
    private const int MaxLength = 500;

    private const string Utf8 = "utf-8";

    private static readonly System.Buffers.SearchValues<char> TypeLetters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>Whether a text is such a value.</summary>
    public static bool IsValid(string text) => Encoding.UTF8.GetByteCount(text) <= MaxLength && TryRead(text, out _, out _);

    /// <summary>The value that names an address under which the sender knows a recipient; null for one beyond ASCII, which not every server takes.</summary>
    public static string? Of(EmailAddress address) => address.NeedsUtf8 ? null : "rfc822;" + Xtext.Encode(address.ToString());

    /// <summary>The value for the next server; null where it cannot be said there.</summary>
    /// <param name="text">The value as it came.</param>
    /// <param name="smtpUtf8">Whether SMTPUTF8 is said to that server.</param>
    public static string? ForServer(string text, bool smtpUtf8)
    {
        if (!TryRead(text, out var type, out var address)) return null;
        var value = type == Utf8 ? type + ";" + Encode(address, smtpUtf8) : text;
        return Encoding.UTF8.GetByteCount(value) <= MaxLength ? value : null;
    }

    /// <summary>The value for a report, in which it is not xtext; null where it cannot be read.</summary>
    /// <param name="text">The value as it came.</param>
    /// <param name="smtpUtf8">Whether the report may hold characters beyond ASCII (RFC 6533 section 4).</param>
    public static string? ForReport(string text, bool smtpUtf8)
    {
        if (!TryRead(text, out var type, out var address)) return null;
        return type + ";" + (type == Utf8 && !smtpUtf8 ? Encode(address, false) : address);
    }

    private static bool TryRead(string text, out string type, out string address)
    {
        (type, address) = ("", "");
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 1 || semicolon == text.Length - 1 || text.AsSpan(0, semicolon).IndexOfAnyExcept(TypeLetters) >= 0) return false;
        type = text[..semicolon];
        var value = text[(semicolon + 1)..];
        var isUtf8 = type.Equals(Utf8, StringComparison.OrdinalIgnoreCase);
        if (!isUtf8 && Xtext.TryDecode(value, out address)) return true;
        // Clients that know xtext and not RFC 6533 (MailKit, for one) write the octets of a mailbox beyond ASCII as xtext of type rfc822: it is clear what they mean.
        if (isUtf8 ? !TryDecode(value, out address) : !type.Equals("rfc822", StringComparison.OrdinalIgnoreCase) || !Xtext.TryDecodeUtf8(value, out address)) return false;
        type = Utf8;
        return EmailAddress.TryParse(address, out _);
    }

    private static bool TryDecode(ReadOnlySpan<char> text, out string decoded)
    {
        decoded = "";
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                var end = text[i..].IndexOf('}');
                if (end < 0 || !text[i..].StartsWith(@"\x{", StringComparison.Ordinal) || !TryNumber(text[(i + 3)..(i + end)], out var character)) return false;
                result.Append(character.ToString());
                i += end;
            }
            else if (text[i] is <= ' ' or '+' or '=' or '\x7f') return false;
            else result.Append(text[i]);
        }
        decoded = result.ToString();
        return true;
    }

    // HEXPOINT of RFC 6533 section 3: without leading zeros but for two digits, and of ASCII only what cannot stand as it is.
    private static bool TryNumber(ReadOnlySpan<char> digits, out Rune character)
    {
        character = default;
        if (digits.Length is < 2 or > 6 || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) || !Rune.TryCreate(number, out character)) return false;
        return digits.Length > 2 ? digits[0] != '0' : number is >= 0x80 or (>= 0x01 and <= 0x09) or (>= 0x10 and <= 0x19) or ' ' or '+' or '=' or '\\' or 0x7f;
    }

    private static string Encode(string address, bool smtpUtf8)
    {
        var encoded = new StringBuilder(address.Length);
        foreach (var character in address.EnumerateRunes())
        {
            if (character.IsAscii ? character.Value is > ' ' and < 0x7f and not ('+' or '=' or '\\') : smtpUtf8) encoded.Append(character);
            else encoded.Append(CultureInfo.InvariantCulture, $"\\x{{{character.Value:X2}}}");
        }
        return encoded.ToString();
    }
}
