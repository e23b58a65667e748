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
    /// <summary>A folder that another program reads: a file a message, its envelope in X-Sender and X-Receiver fields, as the drop folder of IIS SMTP and Exchange has it.</summary>
    Drop,
    /// <summary>Nowhere: its recipients are refused at RCPT, and what is queued already is returned.</summary>
    Refuse,
    /// <summary>Nowhere yet: it waits in the queue until an administrator resumes or moves it.</summary>
    Hold,
}

/// <summary>Which of the two kinds of IP address of a next hop are used.</summary>
public enum NextHopAddresses
{
    /// <summary>Both, in the order in which the DNS gives them.</summary>
    Any,
    /// <summary>IPv4 only.</summary>
    IPv4,
    /// <summary>IPv6 only.</summary>
    IPv6,
    /// <summary>Both, IPv4 of each host first.</summary>
    PreferIPv4,
    /// <summary>Both, IPv6 of each host first.</summary>
    PreferIPv6,
}

/// <summary>Where some mail goes. A route is for what fits everything it names: domains, recipients, senders, listeners, users.</summary>
public sealed record RouteOptions
{
    /// <summary>A name by which messages are redirected to it. Default: none.</summary>
    public string? Name { get; init; }
    /// <summary>The recipient domains: a name, <c>*.name</c> for its subdomains, or <c>*</c> for all. Default: all.</summary>
    public string Domain { get; init; } = "*";
    /// <summary>Several of them, in the place of <see cref="Domain"/>. Default: none.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];
    /// <summary>The recipients: an address, <c>@domain</c> or <c>*.domain</c>; local parts are compared without case. Default: none, hence any.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];
    /// <summary>The envelope senders: an address, <c>@domain</c>, <c>*.domain</c>, <c>*</c> for any address, or <c>&lt;&gt;</c> for the null sender of reports. Default: none, hence any.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];
    /// <summary>The listeners the message came by, as their endpoints are written; with port 0, any port of that address. What the relay makes itself came by none. Default: none, hence any.</summary>
    public IReadOnlyList<string> Listeners { get; init; } = [];
    /// <summary>The users who brought it, or <c>*</c> for any who authenticated; compared exactly. Default: none, hence anybody.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];
    /// <summary>Mx, SmartHost, Lmtp, Maildir, Drop, Refuse or Hold. Default: Mx.</summary>
    public RouteKind Kind { get; init; } = RouteKind.Mx;
    /// <summary>The server for SmartHost and Lmtp: <c>host</c>, <c>host:port</c>, <c>[address]:port</c>, for Lmtp also <c>unix:/path</c>.</summary>
    public string? Host { get; init; }
    /// <summary>Several servers in the place of <see cref="Host"/>, the preferred one first, at most ten: where one cannot be reached, the next is tried at once. Default: none.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
    /// <summary>The port where <see cref="Host"/> names none. Default: 25 for Mx and SmartHost, 24 for Lmtp.</summary>
    public int? Port { get; init; }
    /// <summary>TLS towards the next hop. Default: Auto, STARTTLS where offered; StartTls and Implicit verify the certificate too.</summary>
    public TlsMode Tls { get; init; } = TlsMode.Auto;
    /// <summary>
    /// Accept the certificate of any authority, or of none, and for any name, although TLS is required: encryption to somebody. DANE and <see cref="CertificateThumbprints"/> count all the
    /// same. Default: false.
    /// </summary>
    public bool SkipCertificateValidation { get; init; }
    /// <summary>
    /// The SHA-256, in hexadecimal, of certificates or of public keys (SubjectPublicKeyInfo), one of which the server must have: TLS is required then, and neither authority, name nor dates
    /// count. Several for a change of keys. Default: none.
    /// </summary>
    public IReadOnlyList<string> CertificateThumbprints { get; init; } = [];
    /// <summary>
    /// Whether its servers prove themselves by TLSA records in a signed zone (DANE, RFC 7672): Auto where they have any, Required, Off. With Required that takes the place of the authority
    /// and the name that <see cref="Tls"/> StartTls and Implicit ask for. Default: Auto, where <see cref="DeliveryOptions.Dane"/> says so.
    /// </summary>
    public DaneMode Dane { get; init; }
    /// <summary>The user to authenticate as; sent over TLS only, or with <see cref="Tls"/> None to a loopback address or Unix socket.</summary>
    public string? UserName { get; init; }
    /// <summary>That user's password. This or <see cref="Oauth"/>.</summary>
    public SecretReference? Password { get; init; }
    /// <summary>An access token for that user's mailbox in the place of a password: Microsoft 365, Google and others. Default: none.</summary>
    public OAuthOptions? Oauth { get; init; }
    /// <summary>
    /// The mechanisms that may be used, of which the best that the server offers is. For a password: SCRAM-SHA-512, SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5, PLAIN, LOGIN, NTLM; for
    /// <see cref="Oauth"/>: OAUTHBEARER, XOAUTH2. Default: all of its kind, best first in this order; NTLM comes last, for servers offer it where it cannot succeed.
    /// </summary>
    public IReadOnlyList<string>? Mechanisms { get; init; }
    /// <summary>The folder for Maildir.</summary>
    public string? MailboxPath { get; init; }
    /// <summary>The folder for Drop; made at the first message, for the relay's user alone. The files can be read by whoever can read the folder.</summary>
    public string? DropPath { get; init; }
    /// <summary>What Refuse says: a text, which may begin with the code and the enhanced code, as in <c>450 4.7.1 Not today</c>. Default: 550 5.7.1 and that no mail is taken for the recipient.</summary>
    public string? Text { get; init; }
    /// <summary>
    /// The addresses of this machine to connect from, one IPv4 and one IPv6 at most. Default: none, hence the system chooses, as it does for the kind that is not given (Postfix's
    /// smtp_bind_address); see <see cref="AddressFamily"/> to use one kind only.
    /// </summary>
    public IReadOnlyList<string> SourceAddresses { get; init; } = [];
    /// <summary>Any, IPv4, IPv6, PreferIPv4 or PreferIPv6. Default: Any, as the DNS answers.</summary>
    public NextHopAddresses AddressFamily { get; init; } = NextHopAddresses.Any;
    /// <summary>How fast mail goes this way: a profile, or numbers. They hold for the server it leads to; by mail exchangers, for each provider or domain. Default: by profile and <see cref="DeliveryOptions.Pace"/>.</summary>
    public PaceOptions? Pace { get; init; }
    /// <summary>When mail of this route is tried again, given up, and its sender told of a delay: only what is given takes the place of the relay's own. Default: none of it.</summary>
    public RouteRetryOptions? Retry { get; init; }
}
