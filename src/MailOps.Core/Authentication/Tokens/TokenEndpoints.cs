using System.Net;

namespace MailOps.Authentication.Tokens;

/// <summary>The token servers that everybody uses, and what they are asked for.</summary>
public static class TokenEndpoints
{
    private const string EntraId = "https://login.microsoftonline.com/";

    /// <summary>What an app asks Exchange Online for: all that it was granted.</summary>
    public const string MicrosoftApp = "https://outlook.office365.com/.default";

    /// <summary>What somebody who sends asks Exchange Online for.</summary>
    public const string MicrosoftSmtp = "https://outlook.office.com/SMTP.Send offline_access";

    /// <summary>What somebody who reads by IMAP asks Exchange Online for.</summary>
    public const string MicrosoftImap = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access";

    /// <summary>What somebody who reads by POP3 asks Exchange Online for.</summary>
    public const string MicrosoftPop3 = "https://outlook.office.com/POP.AccessAsUser.All offline_access";

    /// <summary>What somebody who signs in asks Exchange Online for: all three protocols, so that once is enough.</summary>
    public const string MicrosoftMail = "https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/POP.AccessAsUser.All offline_access";

    /// <summary>What Google calls SMTP, IMAP and POP3.</summary>
    public const string GoogleMail = "https://mail.google.com/";

    /// <summary>Google's token server.</summary>
    public static Uri Google { get; } = new("https://oauth2.googleapis.com/token");

    /// <summary>Whether secrets may be sent to an address: an https URL, or http to a loopback address; in clear, whoever sits between would have the secret.</summary>
    public static bool IsSafe(string url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length == 0 && parsed.Fragment.Length == 0
        && (parsed.Scheme == Uri.UriSchemeHttps || (parsed.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));

    /// <summary>Whether a text can be a tenant of Microsoft Entra ID: its id, or one of its domains.</summary>
    public static bool IsTenant(string text) => text.Length > 0 && text.All(c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '.');

    /// <summary>Whether a text can be a scope (RFC 6749 section 3.3).</summary>
    public static bool IsScope(string text) => text.Length > 0 && text.All(c => c is >= ' ' and <= '~');

    /// <summary>Where a tenant of Microsoft Entra ID gives out codes for devices.</summary>
    public static Uri MicrosoftDevice(string tenant) => new($"{EntraId}{tenant}/oauth2/v2.0/devicecode");

    /// <summary>The token server of a tenant of Microsoft Entra ID.</summary>
    public static Uri Microsoft(string tenant) => new($"{EntraId}{tenant}/oauth2/v2.0/token");
}
