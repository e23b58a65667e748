using System.Net;
using MailOps.Authentication;
using MailOps.Submission;

namespace MailOps.Mailboxes;

/// <summary>Where a mailbox is, and how it is opened.</summary>
public sealed record MailboxOptions
{
    /// <summary>The server's name or address.</summary>
    public required string Server { get; init; }
    /// <summary>What is spoken to it: Imap or Pop3. Default: Imap.</summary>
    public MailProtocol Protocol { get; init; } = MailProtocol.Imap;
    /// <summary>The port. Default: 0, which is 993 (IMAP) or 995 (POP3), and with StartTls and None 143 or 110.</summary>
    public int Port { get; init; }
    /// <summary>How the connection gets its TLS. Default: <see cref="TlsMode.Auto"/>.</summary>
    /// <remarks>
    /// <para>Auto: from the first byte on ports 993 and 995, STARTTLS on all others. There is a credential, so TLS is required and the certificate must be valid (RFC 8314 section 3).</para>
    /// <para>None: plain text, to loopback only.</para>
    /// </remarks>
    public TlsMode Tls { get; init; } = TlsMode.Auto;
    /// <summary>Accept any certificate. Default: false.</summary>
    public bool SkipCertificateValidation { get; init; }
    /// <summary>Whom to authenticate as.</summary>
    public required NetworkCredential Credential { get; init; }
    /// <summary>How the credential is shown, and whether it is a password or an access token. Default: the password, by the best mechanism offered.</summary>
    public LoginMethod Login { get; init; } = LoginMethod.Default;
    /// <summary>How long the server may take for each answer; what it sends slower than 8 KiB a second does not count. Default: 2 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    internal bool IsPop3 => Protocol == MailProtocol.Pop3;

    internal int EffectivePort => Port > 0 ? Port : Tls is TlsMode.Auto or TlsMode.Implicit ? (IsPop3 ? 995 : 993) : IsPop3 ? 110 : 143;

    internal bool IsImplicit => Tls == TlsMode.Implicit || (Tls == TlsMode.Auto && EffectivePort is 993 or 995);

    internal string Endpoint => ServerName.Endpoint(Server, EffectivePort);

    /// <summary>The options with the server's name as the DNS has it.</summary>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/> where the server's name is not one; <see cref="ErrorCode.TlsRequired"/> where the credential would go out in plain text;
    /// <see cref="ErrorCode.MailboxUnsupported"/> where the protocol is not one that reads mailboxes.
    /// </exception>
    internal MailboxOptions Checked()
    {
        var named = this with { Server = ServerName.Read(Server) };
        if (Protocol is not (MailProtocol.Imap or MailProtocol.Pop3))
            throw new MailOpsException(ErrorCode.MailboxUnsupported, $"Mailboxes are not read by {Protocol}.", "Use -Protocol Imap or Pop3; Find-MailSettings finds the server.");
        if (Tls == TlsMode.None && !ServerName.IsLoopback(named.Server))
            throw new MailOpsException(ErrorCode.TlsRequired, $"A credential is not sent to {named.Endpoint} in plain text.", "Use -Tls StartTls or -Tls Implicit.");
        return named;
    }
}
