namespace MailOps;

/// <summary>An account in a profile of classic Outlook, as the registry of its user has it, or as a PRF file that was staged is to make it. What the registry leaves out stands here as what Outlook takes for it.</summary>
public sealed class OutlookSmtpProfile
{
    /// <summary>The version of Outlook whose profile it is: 16.0 (2016 and later), 15.0 (2013), or 14.0 (2002 to 2010, which share one place).</summary>
    public required string OutlookVersion { get; init; }
    /// <summary>The profile.</summary>
    public required string ProfileName { get; init; }
    /// <summary>Whether it is the profile with which this version starts.</summary>
    public bool IsDefaultProfile { get; init; }
    /// <summary>The account's key in the profile, eight hexadecimal digits; empty where Outlook has not made it yet.</summary>
    public required string AccountKey { get; init; }
    /// <summary>What kind of account it is.</summary>
    public OutlookAccountType AccountType { get; init; }
    /// <summary>Whether Set-OutlookSmtpProfile can change it: POP3 and IMAP accounts only.</summary>
    public bool IsApplicable { get; init; }
    /// <summary>Its address; empty for accounts of Exchange, whose address is not kept here.</summary>
    public string EmailAddress { get; init; } = "";
    /// <summary>Its label in the account settings.</summary>
    public string AccountName { get; init; } = "";
    /// <summary>The sender's name.</summary>
    public string DisplayName { get; init; } = "";
    /// <summary>Where replies go; empty for the address itself.</summary>
    public string ReplyTo { get; init; } = "";
    /// <summary>The organization in the header.</summary>
    public string Organization { get; init; } = "";
    /// <summary>The outgoing server.</summary>
    public string SmtpServer { get; init; } = "";
    /// <summary>Its port; null where none can be read.</summary>
    public int? Port { get; init; }
    /// <summary>Its encryption; null where what is stored has no known meaning.</summary>
    public OutlookEncryption? Encryption { get; init; }
    /// <summary>How Outlook logs in there; null where what is stored has no known meaning.</summary>
    public OutlookAuthentication? Authentication { get; init; }
    /// <summary>The user name there, where it is one of its own.</summary>
    public string UserName { get; init; } = "";
    /// <summary>Whether SPA (NTLM) is demanded there; null where nothing is stored, since the value's name is not published.</summary>
    public bool? Spa { get; init; }
    /// <summary>The incoming server.</summary>
    public string IncomingServer { get; init; } = "";
    /// <summary>Its port; null where none can be read.</summary>
    public int? IncomingPort { get; init; }
    /// <summary>Its encryption; null where what is stored has no known meaning.</summary>
    public OutlookEncryption? IncomingEncryption { get; init; }
    /// <summary>The user name there.</summary>
    public string IncomingUserName { get; init; } = "";
    /// <summary>Whether SPA (NTLM) is demanded there.</summary>
    public bool IncomingSpa { get; init; }
    /// <summary>Whether messages stay on the server when they have been fetched by POP3; null for IMAP, and where nothing is stored, since what Outlook then does is not published.</summary>
    public bool? LeaveOnServer { get; init; }
    /// <summary>After how many days messages are removed that stayed there; null where they are not.</summary>
    public int? DaysOnServer { get; init; }
    /// <summary>How far it is with the PRF file that makes the account; None where no such file is known.</summary>
    public OutlookProfileState State { get; init; }
    /// <summary>The PRF file; null where none is known.</summary>
    public string? PrfPath { get; init; }
    /// <summary>Whether the user has switched to the new Outlook, for which none of this counts.</summary>
    public bool UseNewOutlook { get; init; }
    /// <summary>Whose hive it is in.</summary>
    public required string UserSid { get; init; }
    /// <summary>The account's key in the registry; that of Outlook's setup where Outlook has not made it yet.</summary>
    public required string RegistryPath { get; init; }
    /// <summary>What an administrator should know: why it cannot be changed, what contradicts itself.</summary>
    public string[] Notes { get; init; } = [];

    /// <summary>Address and profile.</summary>
    public override string ToString() => $"{(EmailAddress.Length > 0 ? EmailAddress : AccountName)} ({ProfileName}, {OutlookVersion})";
}
