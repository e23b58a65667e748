namespace MailOps;

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
    /// <summary>How long to wait for a TCP connection. Default: 30 seconds (Postfix): a dead host must not hold a slot for minutes. From 1 second, when the first lost packet is sent again, to a day.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>DNS servers as <c>address</c> or <c>address:port</c>. Default: the system's.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];
    /// <summary>
    /// Whether to believe the DNS servers that they have validated an answer (DNSSEC, the AD bit), which DANE stands on. Default: only those on this machine (RFC 7672 section 2.1.3),
    /// because anyone on the way to another could say it; true where the way is safe, false for a resolver on this machine that only passes the bit on.
    /// </summary>
    public bool? TrustDnssec { get; init; }
    /// <summary>
    /// Whether servers that say so in a signed zone must prove themselves by it (DANE, RFC 7672). Default: true; it has no effect before a DNS server validates
    /// (<see cref="TrustDnssec"/>). A route's <see cref="RouteOptions.Dane"/> may require it all the same.
    /// </summary>
    public bool Dane { get; init; } = true;
    /// <summary>
    /// How long to send in plain text at once to a server with which TLS, an opportunity there and no requirement, has failed. Default: 3 days (KumoMTA); zero to try it each time.
    /// </summary>
    public TimeSpan BrokenTlsMemory { get; init; } = TimeSpan.FromDays(3);
    /// <summary>The TCP port of mail exchangers. Default: 25; another only in labs and tests.</summary>
    public int MxPort { get; init; } = 25;
    /// <summary>The daily reports on TLS to domains that ask for them.</summary>
    public TlsReportOptions TlsReports { get; init; } = new();
    /// <summary>The pace of every next hop that neither its route nor a profile says otherwise of. Default: none.</summary>
    public PaceOptions? Pace { get; init; }
    /// <summary>Whether the shipped profiles of large providers count. Default: true: a relay that ignores their limits is slowed down or refused.</summary>
    public bool UseProviderProfiles { get; init; } = true;
    /// <summary>Profiles of one's own, before the shipped ones. Default: none.</summary>
    public IReadOnlyList<PaceProfileOptions> Profiles { get; init; } = [];
    /// <summary>Replies that change limits wherever they come from, before the shipped ones; the first that matches counts. Default: none.</summary>
    public IReadOnlyList<PaceReplyOptions> Replies { get; init; } = [];
}
