namespace MailOps.Authentication.Tokens;

/// <summary>The token servers that everybody uses, and what they are asked for.</summary>
public static class TokenEndpoints
{
    private const string EntraId = "https://login.microsoftonline.com/";

    /// <summary>What an app asks Exchange Online for: all that it was granted.</summary>
    public const string MicrosoftApp = "https://outlook.office365.com/.default";

    /// <summary>What somebody who sends asks Exchange Online for.</summary>
    public const string MicrosoftSmtp = "https://outlook.office.com/SMTP.Send offline_access";

    /// <summary>What Google calls SMTP, IMAP and POP3.</summary>
    public const string GoogleMail = "https://mail.google.com/";

    /// <summary>Google's token server.</summary>
    public static Uri Google { get; } = new("https://oauth2.googleapis.com/token");

    /// <summary>The token server of a tenant of Microsoft Entra ID.</summary>
    public static Uri Microsoft(string tenant) => new($"{EntraId}{tenant}/oauth2/v2.0/token");
}
