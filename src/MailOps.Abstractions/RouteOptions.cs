namespace MailOps;

/// <summary>How mail leaves: the kinds of next hop.</summary>
public enum RouteKind
{
    /// <summary>The recipient domain's mail exchangers (RFC 5321 section 5.1).</summary>
    Mx,
    /// <summary>One named server that takes everything.</summary>
    SmartHost,
    /// <summary>An LMTP server (RFC 2033).</summary>
    Lmtp,
    /// <summary>Maildir folders.</summary>
    Maildir,
}

/// <summary>Where mail for some recipient domains goes.</summary>
public sealed record RouteOptions
{
    /// <summary>A name by which messages are redirected to it. Default: none.</summary>
    public string? Name { get; init; }
    /// <summary>The recipient domains: a name, <c>*.name</c> for its subdomains, or <c>*</c> for all. Default: all.</summary>
    public string Domain { get; init; } = "*";
    /// <summary>Mx, SmartHost, Lmtp or Maildir. Default: Mx.</summary>
    public RouteKind Kind { get; init; } = RouteKind.Mx;
    /// <summary>The server for SmartHost and Lmtp: <c>host</c>, <c>host:port</c>, <c>[address]:port</c>, for Lmtp also <c>unix:/path</c>.</summary>
    public string? Host { get; init; }
    /// <summary>The port where <see cref="Host"/> names none. Default: 25 for Mx and SmartHost, 24 for Lmtp.</summary>
    public int? Port { get; init; }
    /// <summary>TLS towards the next hop. Default: Auto, STARTTLS where offered; StartTls and Implicit verify the certificate too.</summary>
    public TlsMode Tls { get; init; } = TlsMode.Auto;
    /// <summary>Accept any certificate although TLS is required. Default: false.</summary>
    public bool SkipCertificateValidation { get; init; }
    /// <summary>The user to authenticate as; sent over TLS only, or with <see cref="Tls"/> None to a loopback address or Unix socket.</summary>
    public string? UserName { get; init; }
    /// <summary>That user's password.</summary>
    public SecretReference? Password { get; init; }
    /// <summary>The folder for Maildir.</summary>
    public string? MailboxPath { get; init; }
}
