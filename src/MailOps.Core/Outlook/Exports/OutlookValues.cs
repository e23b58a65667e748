namespace MailOps.Outlook.Exports;

/// <summary>What Outlook's settings of a server are in PRF files and in the registry.</summary>
internal static class OutlookValues
{
    /// <summary>SMTP Secure Connection.</summary>
    public static int SecureConnection(TlsMode tls) => OutlookEncryptions.Number(OutlookEncryptions.Of(tls));

    /// <summary>IMAP Use SSL and POP3 Use SSL, of which only these two are known.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/>: STARTTLS, of which nobody knows how it is stored.</exception>
    public static string UseSslToRead(MailServer incoming) => ClientAccount.TlsOf(incoming) switch
    {
        TlsMode.Implicit => "1",
        TlsMode.None => "0",
        _ => throw new MailOpsException(
            ErrorCode.MailClientFormatUnfit, $"{incoming.Server} is to be read from by STARTTLS, and how Outlook stores that is not known: a guess could send the password in plain text.",
            $"Use a server with TLS from the first byte ({(incoming.Protocol == MailProtocol.Imap ? "port 993" : "port 995")}), or set the account up by Autodiscover, which can say it."),
    };

    /// <summary>Leave on Server: bit 0 leaves messages there, bit 1 removes them after the days in the upper half.</summary>
    public static int LeaveOnServer(bool leaves, int? days) => (leaves, days) switch { (false, _) => 0, (_, null) => 1, (_, { } count) => (count << 16) | 3 };
}
