using System.Text;

namespace MailOps.Outlook.Exports;

/// <summary>Text of code page 1252, in which PRF files are written, and nothing that it does not have.</summary>
internal static class AnsiText
{
    private static readonly Encoding Strict = Make();

    /// <summary>The bytes; null where a character is not in the code page.</summary>
    public static byte[]? Bytes(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The text. The five bytes that mean nothing become control characters.</summary>
    public static string Text(byte[] bytes) => Strict.GetString(bytes);

    private static Encoding Make()
    {
#if NET
        // Windows PowerShell has the code pages, .NET hands them out only when asked.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
#endif
        return Encoding.GetEncoding(1252, EncoderFallback.ExceptionFallback, DecoderFallback.ReplacementFallback);
    }
}
