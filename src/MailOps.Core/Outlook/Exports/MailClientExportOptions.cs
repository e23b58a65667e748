using System.Security.Cryptography.X509Certificates;

namespace MailOps.Outlook.Exports;

/// <summary>What some forms of profile need beyond the settings.</summary>
public sealed record MailClientExportOptions
{
    /// <summary>IMAP or POP3, for forms that hold one account. Default: IMAP where there is a server for it.</summary>
    public MailProtocol? AccountType { get; init; }

    /// <summary>Signs configuration profiles of Apple. Default: they are not signed.</summary>
    public X509Certificate2? SigningCertificate { get; init; }

    /// <summary>The profile of Outlook. Default: for a PRF file the organisation's name; a .reg file needs it.</summary>
    public string? ProfileName { get; init; }

    /// <summary>Whether a PRF file leaves the profile that Outlook starts with as it is. Default: Outlook starts with that of the file.</summary>
    public bool KeepsDefaultProfile { get; init; }

    /// <summary>Whether a POP3 account of a PRF file leaves messages on the server. Default: it does.</summary>
    public bool? LeavesOnServer { get; init; }

    /// <summary>After how many days it removes them there. Default: never.</summary>
    public int? DaysOnServer { get; init; }

    /// <summary>The key of the account in the profile, as in 00000002; a .reg file needs it.</summary>
    public string? AccountKey { get; init; }

    /// <summary>The version of Outlook, by which a .reg file has its keys and kinds of values: 16.0, 15.0, or 14.0 for all before. Default: 16.0.</summary>
    public string OutlookVersion { get; init; } = "16.0";
}
