using System.Globalization;

namespace MailOps;

/// <summary>One SMTP reply (RFC 5321 section 4.2): code, enhanced status code (RFC 2034) and text.</summary>
/// <param name="Code">The three digits, 200 to 599.</param>
/// <param name="EnhancedCode">Class, subject and detail as in <c>5.1.1</c> (RFC 3463), or null where the server gave none.</param>
/// <param name="Text">What follows, lines joined by a line feed; without the enhanced code.</param>
public sealed record SmtpReply(int Code, string? EnhancedCode, string Text)
{
    /// <summary>2yz: done.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>3yz: go on (RFC 5321 section 4.2.1).</summary>
    public bool IsIntermediate => Code is >= 300 and < 400;

    /// <summary>4yz: not now; trying again later may help.</summary>
    public bool IsTemporary => Code is >= 400 and < 500;

    /// <summary>5yz: no; the same again will fail again.</summary>
    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>The reply on one line, as a person reads it: <c>550 5.1.1 No such mailbox</c>.</summary>
    public override string ToString()
    {
        var code = Code.ToString(CultureInfo.InvariantCulture);
        var text = Text.Replace("\n", " / ");
        return EnhancedCode is null ? $"{code} {text}" : $"{code} {EnhancedCode} {text}";
    }
}
