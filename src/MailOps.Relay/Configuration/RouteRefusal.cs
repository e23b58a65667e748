using System.Globalization;
using System.Text.RegularExpressions;

namespace MailOps.Relay.Configuration;

/// <summary>What a route of kind Refuse says.</summary>
internal static partial class RouteRefusal
{
    // RFC 3463 section 3.8: X.7.1, delivery not authorized, message refused.
    private static readonly SmtpReply Usual = new(550, "5.7.1", "No mail is taken for this recipient");

    /// <summary>The reply of a route.</summary>
    public static SmtpReply Of(RouteOptions route) => TryParse(route.Text, out var reply) ? reply : Usual;

    /// <summary>Reads a text that may begin with a code and an enhanced code; false where it cannot be said in a reply.</summary>
    public static bool TryParse(string? text, out SmtpReply reply)
    {
        reply = Usual;
        if (text is null) return true;
        if (text.Length is 0 or > 400 || text.Any(c => c is < ' ' or > '~') || Form().Match(text) is not { Success: true } parts) return false;
        var code = parts.Groups["code"] is { Success: true } given ? int.Parse(given.Value, CultureInfo.InvariantCulture) : Usual.Code;
        var enhanced = parts.Groups["enhanced"] is { Success: true } status ? status.Value : code >= 500 ? "5.7.1" : "4.7.1";
        // RFC 2034 section 4: both codes are of one class.
        if (enhanced[0] - '0' != code / 100) return false;
        reply = new SmtpReply(code, enhanced, parts.Groups["text"].Value);
        return true;
    }

    /// <summary>What stands in the place of a code and is none that refuses (RFC 5321 section 4.2.1); null where nothing does.</summary>
    public static string? WrongCode(string? text) => text is not null && Code().Match(text) is { Success: true } code && !Refusal().IsMatch(code.Value) ? code.Value : null;

    [GeneratedRegex(@"^(?:\d{3}(?= |$|-)-?|\d\.\d{1,3}\.\d{1,3}(?= |$))")]
    private static partial Regex Code();

    [GeneratedRegex(@"^[45](?:[0-5]\d|\.\d{1,3}\.\d{1,3})$")]
    private static partial Regex Refusal();

    [GeneratedRegex(@"^(?:(?<code>[45]\d\d)(?: +|$))?(?:(?<enhanced>[45]\.\d{1,3}\.\d{1,3})(?: +|$))?(?<text>.+)$")]
    private static partial Regex Form();
}
