using System.Net;
using MailOps.Authentication;

namespace MailOps.Submission;

/// <summary>Where messages are submitted, and how.</summary>
public sealed record SubmissionOptions
{
    /// <summary>The server's name or address.</summary>
    public required string Server { get; init; }
    /// <summary>The port. Default: 0, which is 465 with <see cref="TlsMode.Implicit"/> and otherwise 25, as Send-MailMessage has it.</summary>
    public int Port { get; init; }
    /// <summary>How the connection gets its TLS. Default: <see cref="TlsMode.Auto"/>.</summary>
    /// <remarks>
    /// <para>StartTls and Implicit, and Auto with a credential: TLS or an error, and the certificate must be valid.</para>
    /// <para>Auto without a credential: TLS where the server has it, whatever its certificate, and otherwise none (opportunistic, RFC 7435): whoever
    /// could forge the certificate could as well remove STARTTLS, so refusing would protect nothing and stop mail. Port 465 is implicit TLS.</para>
    /// <para>None: plain text. A credential is then refused, unless the server is loopback.</para>
    /// </remarks>
    public TlsMode Tls { get; init; } = TlsMode.Auto;
    /// <summary>Accept any certificate although TLS is required. Default: false.</summary>
    public bool SkipCertificateValidation { get; init; }
    /// <summary>Whom to authenticate as; null for nobody.</summary>
    public NetworkCredential? Credential { get; init; }
    /// <summary>How the credential is shown, and whether it is a password or an access token. Default: the password, by the best mechanism offered.</summary>
    public LoginMethod Login { get; init; } = LoginMethod.Default;
    /// <summary>The name in EHLO. Default: this machine's.</summary>
    public string? LocalDomain { get; init; }
    /// <summary>How long each step may take: the connection, and each answer of the server; the verdict on a content five times that. Default: 2 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
    /// <summary>The proxy through which the server is reached, as in <c>socks5://host:1080</c> or <c>http://host:3128</c>; null, the default, for none.</summary>
    public Uri? Proxy { get; init; }
    /// <summary>The proxy as it is shown; null for none.</summary>
    public string? ProxyName => Proxy is null ? null : ProxyServer.Shown(Proxy);
    /// <summary>Whom the proxy gets to know; null for nobody.</summary>
    public NetworkCredential? ProxyCredential { get; init; }
    /// <summary>How many messages go over one connection before another is opened; 0, the default, for as many as the server takes.</summary>
    public int MessagesPerConnection { get; init; }

    internal int EffectivePort => Port > 0 ? Port : Tls == TlsMode.Implicit ? 465 : 25;

    /// <summary>Whether TLS comes before the first byte of SMTP.</summary>
    public bool IsImplicit => Tls == TlsMode.Implicit || (Tls == TlsMode.Auto && EffectivePort == 465);

    /// <summary>Whether an attacker who removes TLS, or forges the certificate, must not succeed.</summary>
    public bool RequiresTls => Tls is TlsMode.StartTls or TlsMode.Implicit || (Tls == TlsMode.Auto && Credential is not null);

    /// <summary>Server and port, as results name them.</summary>
    public string Endpoint => ServerName.Endpoint(Server, EffectivePort);

    // Behind a proxy the name means the proxy's machine, and the way there is not this one.
    internal bool IsLoopback => Proxy is null && ServerName.IsLoopback(Server);
}

/// <summary>Who is told what a submission does; each is called on any thread, in order.</summary>
/// <param name="Step">Steps, for people.</param>
/// <param name="Line">Lines of the conversation without their secrets, <c>C: </c> or <c>S: </c> first.</param>
/// <param name="Warning">What the user should know.</param>
public sealed record SubmissionLog(Action<string>? Step = null, Action<string>? Line = null, Action<string>? Warning = null);
