using System.Security.Cryptography.X509Certificates;

namespace MailOps.Outlook.Exports;

/// <summary>What some forms of profile need beyond the settings.</summary>
public sealed record MailClientExportOptions
{
    /// <summary>IMAP or POP3, for forms that hold one account. Default: IMAP where there is a server for it.</summary>
    public MailProtocol? AccountType { get; init; }

    /// <summary>Signs configuration profiles of Apple. Default: they are not signed.</summary>
    public X509Certificate2? SigningCertificate { get; init; }
}
