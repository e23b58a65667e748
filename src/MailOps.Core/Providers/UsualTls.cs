namespace MailOps.Providers;

/// <summary>How the connection gets its TLS on the ports that have a use of their own (RFC 8314 section 3).</summary>
internal static class UsualTls
{
    /// <summary>The usual way; null on other ports.</summary>
    public static TlsMode? At(int port) => port switch
    {
        465 or 993 or 995 => TlsMode.Implicit,
        25 or 110 or 143 or 587 => TlsMode.StartTls,
        _ => null,
    };

    /// <summary>The usual way on a port that has another use than this one; null where nothing is unusual.</summary>
    public static TlsMode? Instead(int port, TlsMode tls) => tls is TlsMode.StartTls or TlsMode.Implicit && At(port) is { } usual && usual != tls ? usual : null;

    /// <summary>The usual port of a protocol.</summary>
    public static int PortOf(MailProtocol protocol, TlsMode tls) => (protocol, tls) switch
    {
        (MailProtocol.Smtp, TlsMode.Implicit) => 465,
        (MailProtocol.Smtp, TlsMode.StartTls) => 587,
        (MailProtocol.Smtp, _) => 25,
        (MailProtocol.Imap, TlsMode.Implicit) => 993,
        (MailProtocol.Imap, _) => 143,
        (_, TlsMode.Implicit) => 995,
        _ => 110,
    };
}
