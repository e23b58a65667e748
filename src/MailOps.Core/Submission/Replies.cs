using System.Globalization;
using System.Text.RegularExpressions;
using MailKit.Net.Smtp;

namespace MailOps.Submission;

/// <summary>Replies as MailKit gives them, read into ours.</summary>
internal static class Replies
{
    // RFC 3463 section 2: class "." subject "." detail, each without leading zeros, at the start of each line (RFC 2034 section 3).
    private static readonly Regex Enhanced = new(@"^([245]\.\d{1,3}\.\d{1,3})(?:[ \t]+|$)", RegexOptions.Multiline | RegexOptions.CultureInvariant);

    public static SmtpReply Read(SmtpResponse response, Redaction redaction) => Read((int)response.StatusCode, response.Response, redaction);

    // MailKit writes the reply into the message of what it throws: code, colon, text.
    private static readonly Regex Told = new(@"^(\d{3}): (.*)$", RegexOptions.Singleline | RegexOptions.CultureInvariant);

    /// <summary>The reply by which a server has refused to authenticate; null where it was something else.</summary>
    public static SmtpReply? Within(Exception exception, Redaction redaction)
    {
        if (exception.InnerException is SmtpCommandException refused) return Read((int)refused.StatusCode, refused.Message, redaction);
        return Told.Match(exception.Message) is { Success: true } told ? Read(int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture), told.Groups[2].Value, redaction) : null;
    }

    public static SmtpReply Read(int code, string text, Redaction redaction)
    {
        text = redaction.Clean(text.Replace("\r", ""));
        if (text.Length < 5 || text[1] != '.' || text[0] - '0' != code / 100) return new SmtpReply(code, null, text.Trim());
        var enhanced = Enhanced.Match(text);
        // The class must be that of the reply (RFC 2034 section 4); otherwise the text merely looks like a code, an address say.
        return enhanced is { Success: true, Index: 0 } && enhanced.Value[0] - '0' == code / 100
            ? new SmtpReply(code, enhanced.Groups[1].Value, Enhanced.Replace(text, "").Trim())
            : new SmtpReply(code, null, text.Trim());
    }
}
