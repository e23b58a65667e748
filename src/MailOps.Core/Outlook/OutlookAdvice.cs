namespace MailOps.Outlook;

/// <summary>What an administrator should know about settings before users call.</summary>
internal static class OutlookAdvice
{
    /// <summary>On an account with settings.</summary>
    public static IEnumerable<string> On(OutlookAccount account, OutlookSettings settings, bool usesNewOutlook)
    {
        var encryption = settings.Encryption ?? (settings.Port is null ? null : OutlookProfiles.SmtpEncryption(account));
        var port = settings.Port ?? (settings.Encryption is null || OutlookProfiles.SmtpEncryption(account) != settings.Encryption ? null : account.Number(ValueNames.SmtpPort));
        if (Pair(encryption, port) is { } unusual) yield return unusual;
        if (settings.Spa is not null && account.Value(ValueNames.SmtpUseSpa) is null && settings.Spa == true)
            yield return "SPA for the outgoing server is not set, since the account has no such value and its name is not published: set it in Outlook.";
        if (settings.IncomingServer is not null && account.Type == OutlookAccountType.Imap) yield return "With another IMAP server Outlook may fetch the whole mailbox anew.";
        if (usesNewOutlook) yield return OutlookProfiles.NewOutlookNote;
    }

    /// <summary>What is unusual about a port and an encryption; null where nothing is.</summary>
    public static string? Pair(OutlookEncryption? encryption, int? port) => (encryption, port) switch
    {
        (OutlookEncryption.StartTls, 465) => "Port 465 is for implicit TLS; servers do not offer STARTTLS there.",
        (OutlookEncryption.ImplicitTls, 587) => "Port 587 is for STARTTLS; servers do not begin with TLS there.",
        (OutlookEncryption.ImplicitTls, 25) => "Port 25 is for servers; hardly any begins with TLS there.",
        (OutlookEncryption.None, 465 or 587) => "Without encryption the password goes over the network as it is, and most servers refuse it.",
        _ => null,
    };
}
