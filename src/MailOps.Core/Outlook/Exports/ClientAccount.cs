using MailOps.Providers;

namespace MailOps.Outlook.Exports;

/// <summary>One account of one user: a server for reading, one for sending, and the user's names there.</summary>
/// <param name="Incoming">The server for reading.</param>
/// <param name="Outgoing">The server for sending.</param>
/// <param name="IncomingUser">The user's name at the server for reading.</param>
/// <param name="OutgoingUser">The user's name at the server for sending.</param>
internal sealed record ClientAccount(MailServer Incoming, MailServer Outgoing, string IncomingUser, string OutgoingUser)
{
    /// <summary>Whether the client logs in for sending.</summary>
    public bool LogsInToSend => Proofs.NeedLogin(Outgoing);

    /// <summary>Whether sending takes the name, and so the password, of reading.</summary>
    public bool HasSameLogin => LogsInToSend && Proofs.NeedLogin(Incoming) && IncomingUser == OutgoingUser;

    /// <summary>Whether sending takes a name of its own.</summary>
    public bool HasOwnLogin => LogsInToSend && !HasSameLogin;

    /// <summary>The account.</summary>
    /// <param name="definition">The organisation's settings.</param>
    /// <param name="user">The user.</param>
    /// <param name="wanted">IMAP or POP3. Default: IMAP where there is a server for it.</param>
    /// <param name="implicitToSend">Whether TLS from the first byte is preferred for sending too, as it is for reading.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.MailClientFormatUnfit"/> where there is no server for what is wanted.</exception>
    public static ClientAccount Of(MailClientDefinition definition, MailClientUser user, MailProtocol? wanted, bool implicitToSend)
    {
        var protocol = wanted ?? (definition.Of(MailProtocol.Imap).Any() ? MailProtocol.Imap : MailProtocol.Pop3);
        var readers = definition.Of(protocol).ToArray();
        if (readers.Length == 0)
            throw new MailOpsException(ErrorCode.MailClientFormatUnfit, $"The mail settings have no server for {protocol}.", "Name one, or leave -AccountType out.");
        var incoming = Implicit(readers) ?? readers[0];
        var senders = definition.Of(MailProtocol.Smtp).ToArray();
        var outgoing = (implicitToSend ? Implicit(senders) : null) ?? senders[0];
        return new ClientAccount(incoming, outgoing, Login(incoming, user), Login(outgoing, user));
    }

    /// <summary>The user's name at a server.</summary>
    public static string Login(MailServer server, MailClientUser user) => user.UserName ?? UserNameForm.Fill(server.UserName, user.Address);

    /// <summary>TLS as it comes about, where it was left open.</summary>
    public static TlsMode TlsOf(MailServer server) => server.Tls == TlsMode.Auto ? (UsualTls.At(server.Port) ?? TlsMode.StartTls) : server.Tls;

    private static MailServer? Implicit(MailServer[] servers) => Array.Find(servers, server => TlsOf(server) == TlsMode.Implicit);
}
