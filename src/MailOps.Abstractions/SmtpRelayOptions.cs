using System.Security.Cryptography.X509Certificates;

namespace MailOps;

/// <summary>Everything a relay is told: made from cmdlet parameters or read from the JSON document, validated once, then never changed.</summary>
public sealed record SmtpRelayOptions
{
    /// <summary>The relay's name among those in this session. Default: <c>default</c>.</summary>
    public string Name { get; init; } = "default";
    /// <summary>The name in the greeting, in EHLO towards others and in trace headers. Default: this machine's full name.</summary>
    public string? HostName { get; init; }
    /// <summary>The folder of the durable queue and the tracking log; made if absent. One relay per folder.</summary>
    public required string QueuePath { get; init; }
    /// <summary>Where the relay listens. Default: loopback, port 2525: nothing from outside until asked for.</summary>
    public IReadOnlyList<ListenerOptions> Listeners { get; init; } = [new ListenerOptions()];
    /// <summary>Networks (CIDR) whose clients may relay without AUTH. Default: loopback only, so the relay is not an open one.</summary>
    public IReadOnlyList<string> RelayNetworks { get; init; } = ["127.0.0.0/8", "::1/128"];
    /// <summary>The domains that are ours: anyone may write to them.</summary>
    public IReadOnlyList<LocalDomainOptions> LocalDomains { get; init; } = [];
    /// <summary>Who may authenticate; an authenticated client may relay.</summary>
    public IReadOnlyList<RelayUserOptions> Users { get; init; } = [];
    /// <summary>The file of users that New-SmtpRelayUser makes; read again whenever it changes. A name that is in <see cref="Users"/> too is taken from there. Default: none.</summary>
    public string? UsersFile { get; init; }
    /// <summary>How clients prove who they are, and what becomes of those who guess.</summary>
    public AuthenticationOptions Authentication { get; init; } = new();
    /// <summary>Where mail for other domains goes, first match first. Default: none, hence by MX.</summary>
    public IReadOnlyList<RouteOptions> Routes { get; init; } = [];
    /// <summary>What a client may ask of the relay.</summary>
    public LimitOptions Limits { get; init; } = new();
    /// <summary>When to try again and when to give up.</summary>
    public RetryOptions Retry { get; init; } = new();
    /// <summary>How the relay delivers.</summary>
    public DeliveryOptions Delivery { get; init; } = new();
    /// <summary>How much is kept of what is said in sessions, where that is written down.</summary>
    public ProtocolLogOptions ProtocolLog { get; init; } = new();
}

/// <summary>One address and port the relay listens on.</summary>
public sealed record ListenerOptions
{
    /// <summary>Address and port: <c>127.0.0.1:2525</c>, <c>[::1]:25</c>; port 0 takes a free one. 0.0.0.0 is all of IPv4, [::] all of IPv6.</summary>
    public string Endpoint { get; init; } = "127.0.0.1:2525";
    /// <summary>None, StartTls (offered, required before AUTH) or Implicit. Auto is Implicit on port 465 and StartTls elsewhere, and the default.</summary>
    public TlsMode Tls { get; init; } = TlsMode.Auto;
    /// <summary>Refuse MAIL before STARTTLS. Default: false, as servers on port 25 must (RFC 3207 section 4).</summary>
    public bool RequireTls { get; init; }
    /// <summary>Refuse MAIL before AUTH. Default: false.</summary>
    public bool RequireAuthentication { get; init; }
    /// <summary>Offer AUTH without TLS. Default: false, because passwords would cross the network readable (RFC 4954 section 4).</summary>
    public bool AllowPlainTextAuthentication { get; init; }
    /// <summary>The certificate and its key. Default: null, hence one the relay makes for its own name and signs itself at each start.</summary>
    public CertificateOptions? Certificate { get; init; }
    /// <summary>Certificates for clients that ask for one of their names (SNI), wildcards included; all others are shown <see cref="Certificate"/>. Default: none.</summary>
    public IReadOnlyList<CertificateOptions> SniCertificates { get; init; } = [];
    /// <summary>The oldest TLS version: Tls10, Tls11, Tls12 or Tls13. Default: Tls12 (RFC 8996 section 2); an older one is for devices that know no better, and warns.</summary>
    public TlsVersion MinTlsVersion { get; init; } = TlsVersion.Tls12;
    /// <summary>Networks (CIDR) whose clients may relay without AUTH through this listener; none where empty. Default: null, hence the relay's.</summary>
    public IReadOnlyList<string>? RelayNetworks { get; init; }
    /// <summary>Networks (CIDR) of proxies that must begin with a PROXY header (HAProxy, version 1 or 2), which says whose connection it is. Default: none.</summary>
    public IReadOnlyList<string> ProxyNetworks { get; init; } = [];
    /// <summary>Networks (CIDR) of proxies that may say by XCLIENT (Postfix) for whom they speak, and as which user. Default: none, and it is not offered.</summary>
    public IReadOnlyList<string> XclientNetworks { get; init; } = [];
    /// <summary>Limits of this listener; what is not given here is as the relay's <see cref="SmtpRelayOptions.Limits"/> say.</summary>
    public ListenerLimitOptions? Limits { get; init; }
    /// <summary>The AUTH mechanisms this listener may offer, as PLAIN or SCRAM-SHA-256. Default: null, hence all that the relay can verify.</summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }
    /// <summary>Asks clients for a certificate, with which they may authenticate (EXTERNAL). Default: null, hence no client is asked.</summary>
    public ClientCertificateOptions? ClientCertificates { get; init; }
    /// <summary>Writes down what is said in the sessions of this listener, without secrets and content, in the folder protocol beside the queue. Default: false.</summary>
    public bool ProtocolLog { get; init; }
}

/// <summary>How much of the protocol log is kept. Its files are in the folder <c>protocol</c> of <see cref="SmtpRelayOptions.QueuePath"/>, a new one each day and after 10 MiB.</summary>
public sealed record ProtocolLogOptions
{
    /// <summary>Files of days longer ago are deleted. Default: 30 days (Exchange).</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);
    /// <summary>Bytes of all files together, beyond which the oldest are deleted; at least 20 MiB. Default: 250 MiB (Exchange).</summary>
    public long MaxDirectorySize { get; init; } = 250 << 20;
}

/// <summary>A certificate: an object, or the files it is in.</summary>
public sealed record CertificateOptions
{
    /// <summary>The certificate with its private key; not part of the JSON document.</summary>
    public X509Certificate2? Value { get; init; }
    /// <summary>The certificates between <see cref="Value"/> and a root, sent along so that clients can build the chain; not part of the JSON document.</summary>
    public X509Certificate2Collection? Intermediates { get; init; }
    /// <summary>A PEM file (certificate, then intermediates) or a PKCS #12 file.</summary>
    public string? Path { get; init; }
    /// <summary>The PEM file of the private key, where it is not in <see cref="Path"/>.</summary>
    public string? KeyPath { get; init; }
    /// <summary>The password of the PKCS #12 file or of the key.</summary>
    public SecretReference? Password { get; init; }
}

/// <summary>A secret that is never written in the configuration: a reference to where it is, or the value a cmdlet was given.</summary>
public sealed class SecretReference
{
    /// <summary>The environment variable that holds it.</summary>
    public string? EnvironmentVariable { get; init; }
    /// <summary>The file whose first line is it.</summary>
    public string? File { get; init; }
    /// <summary>The value as a cmdlet was given it; not part of the JSON document.</summary>
    public System.Security.SecureString? Value { get; init; }

    /// <summary>Says where the secret is, never what it is.</summary>
    public override string ToString() =>
        EnvironmentVariable is { } name ? $"environment variable {name}" : File is { } path ? $"file {path}" : "(secret)";
}

/// <summary>A domain that is ours and where its mail goes.</summary>
public sealed record LocalDomainOptions
{
    /// <summary>The domain's name; an IDN may be given in either form.</summary>
    public required string Name { get; init; }
    /// <summary>The folder under which each mailbox is a Maildir, <c>folder/domain/localpart</c> in lower case. Exactly one of this and <see cref="Lmtp"/>.</summary>
    public string? MailboxPath { get; init; }
    /// <summary>An LMTP server (RFC 2033): <c>host:port</c> or <c>unix:/path</c>. Exactly one of this and <see cref="MailboxPath"/>.</summary>
    public string? Lmtp { get; init; }
    /// <summary>The local parts that exist; others are refused with 550 5.1.1. Default: null, hence any, and a Maildir is made at the first delivery.</summary>
    public IReadOnlyList<string>? Mailboxes { get; init; }
}

/// <summary>Who may authenticate.</summary>
public sealed record RelayUserOptions
{
    /// <summary>The user's name; compared exactly.</summary>
    public required string Name { get; init; }
    /// <summary>The password. In memory it is kept only as a salted, slow hash.</summary>
    public required SecretReference Password { get; init; }
    /// <summary>The sender addresses, or domains as in @example.test, that this user may put in MAIL; * is any. Default: none, hence any unless requireSenderOwnership says otherwise.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];
}

/// <summary>Says whether a user name and a password belong together, in the place of the relay's own users.</summary>
/// <param name="userName">The name, as the client gave it.</param>
/// <param name="password">The password, as the client gave it.</param>
/// <param name="clientAddress">The client's address.</param>
/// <param name="cancellationToken">Cancelled when the client is gone or the answer takes too long.</param>
/// <returns>Whether they do. An exception is a temporary refusal (454), never a yes.</returns>
public delegate Task<bool> PasswordCheck(string userName, string password, System.Net.IPAddress clientAddress, CancellationToken cancellationToken);

/// <summary>How clients prove who they are, and what becomes of those who guess.</summary>
public sealed record AuthenticationOptions
{
    /// <summary>Decides in the place of <see cref="SmtpRelayOptions.Users"/> and <see cref="SmtpRelayOptions.UsersFile"/>, by PLAIN and LOGIN only; not part of the JSON document.</summary>
    public PasswordCheck? Check { get; init; }
    /// <summary>How long <see cref="Check"/> may take before the client is told to try again later (454). Default: 10 seconds: clients wait at least a minute.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Who issues the access tokens that clients show by XOAUTH2 and OAUTHBEARER. Default: none, hence neither is offered.</summary>
    public IReadOnlyList<TokenIssuerOptions> Issuers { get; init; } = [];
    /// <summary>Refuse a MAIL whose sender the authenticated user does not own: its senders, or without such a list the address that is its name. Default: false, so only users with a list are held to it.</summary>
    public bool RequireSenderOwnership { get; init; }
    /// <summary>Failed authentications of one address within <see cref="FailureWindow"/> before it is blocked; IPv6 counts by /64. Default: 10; 0 blocks nobody.</summary>
    public int MaxFailures { get; init; } = 10;
    /// <summary>How far back failures count. Default: 10 minutes.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>How long an address is blocked. Default: 15 minutes, long enough that guessing is hopeless and short enough that nobody has to be called.</summary>
    public TimeSpan BlockTime { get; init; } = TimeSpan.FromMinutes(15);
    /// <summary>Networks (CIDR) that are never blocked: a gateway behind which many users are, a monitor. Default: none; loopback never is.</summary>
    public IReadOnlyList<string> NeverBlock { get; init; } = [];
}

/// <summary>An issuer of access tokens (JSON Web Tokens, RFC 7519) and what one must say to be let in.</summary>
public sealed record TokenIssuerOptions
{
    /// <summary>The issuer as its tokens name it (<c>iss</c>); compared exactly.</summary>
    public required string Issuer { get; init; }
    /// <summary>The audiences (<c>aud</c>) of which a token must name one: what this relay is registered as.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }
    /// <summary>The issuer's key set (JWKS, RFC 7517): an https URL, or a file. Fetched when first needed, and again when a token names a key that is not in it.</summary>
    public required string Keys { get; init; }
    /// <summary>The claim that names the user. Default: email; Microsoft Entra ID has upn or preferred_username.</summary>
    public string UserClaim { get; init; } = "email";
}

/// <summary>Which client certificates prove a user (EXTERNAL, RFC 4422). One that proves nothing is let in like none: it only cannot authenticate.</summary>
public sealed record ClientCertificateOptions
{
    /// <summary>A PEM file of the authorities, roots and intermediates, whose certificates are believed. One of this and <see cref="Thumbprints"/>, or both.</summary>
    public string? AuthorityPath { get; init; }
    /// <summary>The SHA-256 thumbprints, in hexadecimal, of certificates that are believed whoever signed them.</summary>
    public IReadOnlyList<string> Thumbprints { get; init; } = [];
    /// <summary>What names the user: CommonName of the subject, or Email among the alternative names. Default: CommonName.</summary>
    public CertificateUserName UserName { get; init; } = CertificateUserName.CommonName;
}

/// <summary>Where a client certificate names its user.</summary>
public enum CertificateUserName
{
    /// <summary>The common name (CN) of the subject.</summary>
    CommonName,
    /// <summary>The one e-mail address among the alternative names of the subject.</summary>
    Email,
}

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

/// <summary>What a client may ask of the relay; defaults as Postfix and Exchange have them.</summary>
public sealed record LimitOptions
{
    /// <summary>The largest message in bytes, told in SIZE (RFC 1870). Default: 37,748,736 (36 MiB, as Exchange).</summary>
    public long MaxMessageSize { get; init; } = 36 * 1024 * 1024;
    /// <summary>Recipients a message. Default: 1000 (Postfix); RFC 5321 section 4.5.3.1.8 asks for at least 100.</summary>
    public int MaxRecipients { get; init; } = 1000;
    /// <summary>Different domains among the recipients of one session, told in LIMITS (RFC 9422). Default: 0, no limit.</summary>
    public int MaxRecipientDomains { get; init; }
    /// <summary>Messages a session, told in LIMITS (RFC 9422). Default: 0, no limit, as Postfix: a client that connects again costs more than one that goes on.</summary>
    public int MaxMessagesPerSession { get; init; }
    /// <summary>How far ahead a client that may relay can put off delivery by HOLDFOR and HOLDUNTIL (RFC 4865). Default: 7 days; zero, and it is not offered.</summary>
    public TimeSpan MaxHold { get; init; } = TimeSpan.FromDays(7);
    /// <summary>The shortest time in whole seconds that BY= with mode R may ask for, told in DELIVERBY (RFC 2852). Default: zero, any.</summary>
    public TimeSpan MinDeliverBy { get; init; }
    /// <summary>Sessions in all. Default: 2000.</summary>
    public int MaxSessions { get; init; } = 2000;
    /// <summary>Sessions from one address. Default: 50 (Postfix); loopback is not counted.</summary>
    public int MaxSessionsPerClient { get; init; } = 50;
    /// <summary>Received headers before a message is a loop (RFC 5321 section 6.3). Default: 50 (Postfix).</summary>
    public int MaxHops { get; init; } = 50;
    /// <summary>The header of a message in bytes; a longer one is refused. Default: 262,144 (256 KiB, as Exchange; Postfix keeps 102,400 and takes the rest for body).</summary>
    public int MaxHeaderSize { get; init; } = 256 * 1024;
    /// <summary>A line of a message in bytes, without its CR LF; 0 for any. Default: 0: RFC 5322 section 2.1.1 allows 998, devices send more, and a long line costs no memory here.</summary>
    public int MaxLineLength { get; init; }
    /// <summary>New sessions of one client a minute; loopback is not counted. 0 for any. Default: 0 (Postfix).</summary>
    public int MaxSessionRate { get; init; }
    /// <summary>Messages of one client a minute, counted by MAIL; loopback is not counted. 0 for any. Default: 0 (Postfix).</summary>
    public int MaxMessageRate { get; init; }
    /// <summary>Recipients of one client a minute, counted by RCPT; loopback is not counted. 0 for any. Default: 0 (Postfix).</summary>
    public int MaxRecipientRate { get; init; }
    /// <summary>Refused commands without an accepted message after which every reply waits <see cref="ErrorDelay"/>. Default: 10 (Postfix).</summary>
    public int SlowErrors { get; init; } = 10;
    /// <summary>How long replies wait after <see cref="SlowErrors"/>. Default: 1 second (Postfix); zero for not at all.</summary>
    public TimeSpan ErrorDelay { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>Refused commands without an accepted message before the session is ended with 421. Default: 20 (Postfix).</summary>
    public int MaxErrors { get; init; } = 20;
    /// <summary>EHLO, HELO, NOOP, RSET, VRFY, EXPN and HELP without an accepted message before each counts as a refused command. Default: 100 (Postfix).</summary>
    public int MaxJunkCommands { get; init; } = 100;
    /// <summary>How long the relay waits for the client. Default: 5 minutes (RFC 5321 section 4.5.3.2.7).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>How long a session may take in all; zero for any time. Default: 1 hour: Exchange's 10 minutes cut off a large message over a slow line.</summary>
    public TimeSpan MaxSessionTime { get; init; } = TimeSpan.FromHours(1);
    /// <summary>Free space in bytes on the queue's disk under which new mail gets 452 4.3.1. Default: 104,857,600 (100 MiB).</summary>
    public long MinFreeSpace { get; init; } = 100 * 1024 * 1024;
}

/// <summary>Limits of one listener: only what is given takes the place of the relay's own (<see cref="LimitOptions"/>, where each is explained).</summary>
public sealed record ListenerLimitOptions
{
    /// <summary>The largest message in bytes.</summary>
    public long? MaxMessageSize { get; init; }
    /// <summary>Recipients a message.</summary>
    public int? MaxRecipients { get; init; }
    /// <summary>Sessions from one address, counted over all listeners; compared with it where a session comes to this one.</summary>
    public int? MaxSessionsPerClient { get; init; }
    /// <summary>Received headers before a message is a loop.</summary>
    public int? MaxHops { get; init; }
    /// <summary>The header of a message in bytes.</summary>
    public int? MaxHeaderSize { get; init; }
    /// <summary>A line of a message in bytes; 0 for any.</summary>
    public int? MaxLineLength { get; init; }
    /// <summary>Messages a session; 0 for any.</summary>
    public int? MaxMessagesPerSession { get; init; }
    /// <summary>New sessions of one client a minute; 0 for any.</summary>
    public int? MaxSessionRate { get; init; }
    /// <summary>Messages of one client a minute; 0 for any.</summary>
    public int? MaxMessageRate { get; init; }
    /// <summary>Recipients of one client a minute; 0 for any.</summary>
    public int? MaxRecipientRate { get; init; }
    /// <summary>Refused commands after which every reply waits.</summary>
    public int? SlowErrors { get; init; }
    /// <summary>How long replies wait then.</summary>
    public TimeSpan? ErrorDelay { get; init; }
    /// <summary>Refused commands before the session is ended.</summary>
    public int? MaxErrors { get; init; }
    /// <summary>Commands beside mail before each counts as a refused one.</summary>
    public int? MaxJunkCommands { get; init; }
    /// <summary>How long the relay waits for the client.</summary>
    public TimeSpan? IdleTimeout { get; init; }
    /// <summary>How long a session may take in all; zero for any time.</summary>
    public TimeSpan? MaxSessionTime { get; init; }
    /// <summary>Different domains among the recipients of one session; 0 for any.</summary>
    public int? MaxRecipientDomains { get; init; }
    /// <summary>How far ahead delivery can be put off; zero, and it is not offered.</summary>
    public TimeSpan? MaxHold { get; init; }
    /// <summary>The shortest time that BY= with mode R may ask for.</summary>
    public TimeSpan? MinDeliverBy { get; init; }

    /// <summary>The relay's limits with these in their place.</summary>
    public LimitOptions Over(LimitOptions relay) => relay with
    {
        MaxMessageSize = MaxMessageSize ?? relay.MaxMessageSize,
        MaxRecipients = MaxRecipients ?? relay.MaxRecipients,
        MaxSessionsPerClient = MaxSessionsPerClient ?? relay.MaxSessionsPerClient,
        MaxHops = MaxHops ?? relay.MaxHops,
        MaxHeaderSize = MaxHeaderSize ?? relay.MaxHeaderSize,
        MaxLineLength = MaxLineLength ?? relay.MaxLineLength,
        MaxMessagesPerSession = MaxMessagesPerSession ?? relay.MaxMessagesPerSession,
        MaxSessionRate = MaxSessionRate ?? relay.MaxSessionRate,
        MaxMessageRate = MaxMessageRate ?? relay.MaxMessageRate,
        MaxRecipientRate = MaxRecipientRate ?? relay.MaxRecipientRate,
        SlowErrors = SlowErrors ?? relay.SlowErrors,
        ErrorDelay = ErrorDelay ?? relay.ErrorDelay,
        MaxErrors = MaxErrors ?? relay.MaxErrors,
        MaxJunkCommands = MaxJunkCommands ?? relay.MaxJunkCommands,
        IdleTimeout = IdleTimeout ?? relay.IdleTimeout,
        MaxSessionTime = MaxSessionTime ?? relay.MaxSessionTime,
        MaxRecipientDomains = MaxRecipientDomains ?? relay.MaxRecipientDomains,
        MaxHold = MaxHold ?? relay.MaxHold,
        MinDeliverBy = MinDeliverBy ?? relay.MinDeliverBy,
    };
}

/// <summary>When to try again and when to give up (RFC 5321 section 4.5.4.1).</summary>
public sealed record RetryOptions
{
    /// <summary>The wait after the first failed attempt; it doubles each time. Default: 5 minutes (Postfix).</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>The longest wait. Default: 67 minutes (4000 s, Postfix).</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(67);
    /// <summary>How long a message is tried before it bounces. Default: 5 days (RFC 5321 section 4.5.4.1 asks for at least 4 to 5).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(5);
    /// <summary>When the sender is told that a message is delayed, where it did not say otherwise (RFC 3461 section 4.1). Default: 4 hours; zero for never.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);
}

/// <summary>How the relay delivers.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Connections in use at a time, to all next hops together. Default: 1000 (Exchange).</summary>
    public int MaxConnections { get; init; } = 1000;
    /// <summary>Connections to one next hop at a time. Default: 20 (Postfix).</summary>
    public int MaxConnectionsPerDestination { get; init; } = 20;
    /// <summary>Messages over one connection before it is closed. Default: 100 (KumoMTA).</summary>
    public int MaxMessagesPerConnection { get; init; } = 100;
    /// <summary>How long a connection is kept for the next message. Default: 2 seconds (Postfix).</summary>
    public TimeSpan ConnectionIdle { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>How long to wait for a TCP connection. Default: 30 seconds (Postfix): a dead host must not hold a slot for minutes.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>DNS servers as <c>address</c> or <c>address:port</c>. Default: the system's.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];
    /// <summary>The TCP port of mail exchangers. Default: 25; another only in labs and tests.</summary>
    public int MxPort { get; init; } = 25;
}
