namespace MailOps;

/// <summary>Everything a relay is told: made from cmdlet parameters or read from the JSON document, validated once, then never changed.</summary>
public sealed record SmtpRelayOptions
{
    /// <summary>The relay's name among those in this session. Letters, digits, '-', '_' and '.', 64 at most; -Name of Start-SmtpRelay counts before it. Default: <c>default</c>.</summary>
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
    /// <summary>Addresses whose mail goes to others. Default: none.</summary>
    public IReadOnlyList<AliasOptions> Aliases { get; init; } = [];
    /// <summary>A file of further aliases in the form of /etc/aliases, read again when it changes; names without a domain count in each local domain. What is in <see cref="Aliases"/> too is taken from there. Default: none.</summary>
    public string? AliasesFile { get; init; }
    /// <summary>Envelope addresses that become others when a message comes in; the first rule that fits an address counts. Default: none.</summary>
    public IReadOnlyList<RewriteOptions> Rewrite { get; init; } = [];
    /// <summary>How senders are rewritten of what an alias passes on to another domain.</summary>
    public SrsOptions Srs { get; init; } = new();
    /// <summary>A folder whose files are sent. Default: none.</summary>
    public PickupOptions? Pickup { get; init; }
    /// <summary>What a client may ask of the relay.</summary>
    public LimitOptions Limits { get; init; } = new();
    /// <summary>When to try again and when to give up.</summary>
    public RetryOptions Retry { get; init; } = new();
    /// <summary>How the relay delivers.</summary>
    public DeliveryOptions Delivery { get; init; } = new();
    /// <summary>How much is kept of what is said in sessions, where that is written down.</summary>
    public ProtocolLogOptions ProtocolLog { get; init; } = new();
    /// <summary>What is written down of each message.</summary>
    public TrackingLogOptions TrackingLog { get; init; } = new();
}
