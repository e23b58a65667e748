namespace MailOps.Outlook;

/// <summary>The values of an account's key: a closed list, since Outlook passes over a name that it does not know without a word.</summary>
internal static class ValueNames
{
    public const string ClassId = "clsid";
    public const string AccountName = "Account Name";
    public const string DisplayName = "Display Name";
    public const string Email = "Email";
    public const string Organization = "Organization";
    public const string ReplyTo = "Reply E-mail";
    public const string ServiceName = "Service Name";
    public const string MapiProvider = "MAPI Provider";
    public const string SmtpServer = "SMTP Server";
    public const string SmtpPort = "SMTP Port";
    public const string SmtpSecureConnection = "SMTP Secure Connection";
    public const string SmtpUseSsl = "SMTP Use SSL";
    public const string SmtpUseAuth = "SMTP Use Auth";
    public const string SmtpAuthMethod = "SMTP Auth Method";
    public const string SmtpUser = "SMTP User";
    public const string SmtpUseSpa = "SMTP Use SPA";

    /// <summary>Of POP3 alone. What Outlook takes for it where it is not there is not published.</summary>
    public const string LeaveOnServer = "Leave on Server";

    /// <summary>Never read, written or copied; removed only where it is asked for.</summary>
    public const string SmtpPassword = "SMTP Password";

    private static readonly string[] IncomingParts = ["Server", "User", "Port", "Use SSL", "Use SPA"];

    private static readonly string[] OwnTexts = [DisplayName, Organization, ReplyTo, SmtpServer, SmtpUser];
    private static readonly string[] OwnNumbers = [SmtpPort, SmtpSecureConnection, SmtpUseSsl, SmtpUseAuth, SmtpAuthMethod, SmtpUseSpa];

    /// <summary>A value of the incoming server: its protocol and what it is.</summary>
    public static string Incoming(OutlookAccountType type, string part) => (type == OutlookAccountType.Pop3 ? "POP3 " : "IMAP ") + part;

    /// <summary>What is read of an account; nothing else is.</summary>
    public static IEnumerable<string> Read(OutlookAccountType type) =>
        ((string[])[ClassId, AccountName, Email, ServiceName, MapiProvider]).Concat(OwnTexts).Concat(OwnNumbers).Concat(IncomingParts.Select(part => Incoming(type, part)))
            .Concat(type == OutlookAccountType.Pop3 ? [LeaveOnServer] : []);

    /// <summary>Whether a value of an account may be written, and holds a text.</summary>
    public static bool IsWritableText(OutlookAccountType type, string name) =>
        Contains(OwnTexts, name) || Contains([Incoming(type, "Server"), Incoming(type, "User")], name);

    /// <summary>Whether a value of an account may be written, and holds a number.</summary>
    public static bool IsWritableNumber(OutlookAccountType type, string name) =>
        Contains(OwnNumbers, name) || Contains([Incoming(type, "Port"), Incoming(type, "Use SSL"), Incoming(type, "Use SPA")], name) || (type == OutlookAccountType.Pop3 && name == LeaveOnServer);

    /// <summary>What Outlook takes for a number that is not there.</summary>
    public static int Default(string name) => name switch
    {
        SmtpPort => 25,
        "POP3 Port" => 110,
        "IMAP Port" => 143,
        _ => 0,
    };

    private static bool Contains(string[] names, string name) => Array.Exists(names, one => string.Equals(one, name, StringComparison.Ordinal));
}
