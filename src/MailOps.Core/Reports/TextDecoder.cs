using System.Text;

namespace MailOps.Reports;

/// <summary>Turns the bytes of a report into text: by the character set it names, or by what the bytes look like.</summary>
internal static class TextDecoder
{
    private const int MaxValue = 16 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

#if NET
    // Windows PowerShell has the code pages, .NET hands them out only when asked.
    static TextDecoder() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
#endif

    /// <summary>The text; line ends are bare LF.</summary>
    public static string Decode(byte[] bytes, string? charset)
    {
        var text = Named(charset)?.GetString(bytes) ?? Guess(bytes);
        return text.Replace("\r\n", "\n").Replace('\r', '\n').Replace("\0", "");
    }

    /// <summary>A value of a bearable length.</summary>
    public static string Cut(string? value) => value is null ? "" : value.Length > MaxValue ? value.Substring(0, MaxValue) : value;

    private static Encoding? Named(string? charset)
    {
        // UTF-7 is refused by .NET for its dangers; ASCII is what those write who do not know what they send.
        if (charset is null || charset.Length == 0 || charset.Has("ascii") || charset.Has("utf-7"))
            return null;
        try
        {
            return Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            return null;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static string Guess(byte[] bytes)
    {
        // ESC $ B and ESC $ @ begin Japanese in ISO-2022-JP, which many a report has without saying so.
        for (var i = 0; i + 2 < bytes.Length; i++)
        {
            if (bytes[i] == 0x1B && bytes[i + 1] == '$' && bytes[i + 2] is (byte)'B' or (byte)'@') return Encoding.GetEncoding("iso-2022-jp").GetString(bytes);
        }
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.GetEncoding("iso-8859-1").GetString(bytes);
        }
    }
}
