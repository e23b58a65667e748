using System.Text.RegularExpressions;
using MailKit.Net.Smtp;

namespace MailOps.Submission;

/// <summary>Replies as MailKit gives them, read into ours.</summary>
internal static class Replies
{
    // RFC 3463 section 2: class "." subject "." detail, each without leading zeros, at the start of each line (RFC 2034 section 3).
    private static readonly Regex Enhanced = new(@"^([245]\.\d{1,3}\.\d{1,3})(?:[ \t]+|$)", RegexOptions.Multiline | RegexOptions.CultureInvariant);

    public static SmtpReply Read(SmtpResponse response, Redaction redaction) => Read((int)response.StatusCode, response.Response, redaction);

    public static SmtpReply Read(int code, string text, Redaction redaction)
    {
        text = redaction.Clean(text.Replace("\r", ""));
        if (text.Length < 5 || text[1] != '.') return new SmtpReply(code, null, text.Trim());
        var enhanced = Enhanced.Match(text);
        // The class must be that of the reply (RFC 2034 section 4); otherwise the text merely looks like a code, an address say.
        return enhanced is { Success: true, Index: 0 } && enhanced.Value[0] - '0' == code / 100
            ? new SmtpReply(code, enhanced.Groups[1].Value, Enhanced.Replace(text, "").Trim())
            : new SmtpReply(code, null, text.Trim());
    }
}
