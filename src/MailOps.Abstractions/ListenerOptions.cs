namespace MailOps;

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
    /// <summary>Files of days longer ago are deleted. Default: 30 days (Exchange); a day at least.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);
    /// <summary>Bytes of all files together, beyond which the oldest are deleted; at least 20 MiB. Default: 250 MiB (Exchange).</summary>
    public long MaxDirectorySize { get; init; } = 250 << 20;
}
