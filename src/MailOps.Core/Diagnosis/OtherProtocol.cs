using System.Text;
using System.Text.RegularExpressions;

namespace MailOps.Diagnosis;

/// <summary>Who speaks, by the first bytes.</summary>
internal static class OtherProtocol
{
    private static readonly Regex Ftp = new("^220(?=.*FTP)(?!.*SMTP)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant);

    /// <summary>The start of a TLS record: a handshake or an alert, of any version (RFC 8446 section 5.1).</summary>
    public static bool IsTls(IReadOnlyList<byte> bytes) => bytes.Count > 0 && bytes[0] is 0x15 or 0x16 && (bytes.Count == 1 || bytes[1] == 3);

    /// <summary>Whether it is a greeting of SMTP: that of FTP has the same form, and says so mostly.</summary>
    public static bool IsSmtp(IReadOnlyList<byte> bytes) => Text(bytes) is var text && text.Length > 3 && text.StartsWith("220", StringComparison.Ordinal) && Name(bytes) is null;

    /// <summary>The protocol's name; null where it is not known.</summary>
    public static string? Name(IReadOnlyList<byte> bytes)
    {
        var text = Text(bytes);
        return text switch
        {
            _ when IsTls(bytes) => "TLS",
            _ when Starts("* OK", "* PREAUTH", "* BYE") => "IMAP",
            _ when Starts("+OK", "-ERR") => "POP3",
            _ when Starts("SSH-") => "SSH",
            _ when Starts("HTTP/", "<!DOCTYPE", "<html") => "HTTP",
            _ when Starts("\"IMPLEMENTATION\"", "OK \"", "NO \"") => "ManageSieve",
            _ when Starts("200 ", "201 ") => "NNTP",
            _ when IsFtp(text) => "FTP",
            _ when Starts("RFB ") => "VNC",
            _ => null,
        };

        bool Starts(params string[] starts) => starts.Any(start => text.StartsWith(start, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a greeting is that of FTP, which has the code of SMTP's.</summary>
    public static bool IsFtp(string? greeting) => greeting is not null && Ftp.IsMatch(greeting);

    private static string Text(IReadOnlyList<byte> bytes) => Encoding.UTF8.GetString([.. bytes.Take(200)]).TrimStart('\r', '\n');
}
