using System.Globalization;
using System.Text;

namespace MailOps.Messages;

/// <summary>xtext: printable ASCII, where <c>+</c> and two hexadecimal digits stand for any octet (RFC 3461 section 4).</summary>
public static class Xtext
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Encodes: <c>+</c>, <c>=</c> and each octet of UTF-8 that is not printable ASCII as <c>+</c> and two hexadecimal digits.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is > (byte)' ' and < 127 and not (byte)'+' and not (byte)'=') encoded.Append((char)b);
            else encoded.Append('+').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }

    /// <summary>Decodes; false where it is not xtext or stands for something other than printable ASCII, which RFC 3461 section 4.2 and 4.4 forbid.</summary>
    public static bool TryDecode(string? text, out string decoded) => TryDecodeUtf8(text, out decoded) && decoded.All(c => c < 0x80);

    /// <summary>Decodes; false where it is not xtext or stands for something other than printable UTF-8.</summary>
    public static bool TryDecodeUtf8(string? text, out string decoded)
    {
        decoded = "";
        if (text is null) return false;
        var octets = new byte[text.Length];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is < '!' or > '~' or '=') return false;
            if (c == '+')
            {
                if (i + 2 >= text.Length || !IsUpperHex(text[i + 1]) || !IsUpperHex(text[i + 2])) return false;
                c = (char)int.Parse(text.Substring(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 2;
            }
            octets[count++] = (byte)c;
        }
        try
        {
            var result = Strict.GetString(octets, 0, count);
            if (result.Any(char.IsControl)) return false;
            decoded = result;
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool IsUpperHex(char c) => c is >= '0' and <= '9' or >= 'A' and <= 'F';
}
