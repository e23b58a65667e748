namespace MailOps;

/// <summary>How fast, and how much at a time: what can be said of a route, of a profile, and of all next hops. Null where nothing is said; for rates, 0 lifts the limit that would hold otherwise.</summary>
public record PaceLimitOptions
{
    /// <summary>Connections at a time. Default: null, <see cref="DeliveryOptions.MaxConnectionsPerDestination"/>.</summary>
    public int? MaxConnections { get; init; }
    /// <summary>Messages over one connection before it is closed. Default: null, <see cref="DeliveryOptions.MaxMessagesPerConnection"/>.</summary>
    public int? MaxMessagesPerConnection { get; init; }
    /// <summary>Recipients of one transaction; what has more goes in several. Default: null, 100 (RFC 5321 section 4.5.3.1.8: every server takes them).</summary>
    public int? MaxRecipientsPerMessage { get; init; }
    /// <summary>Messages a minute, evenly spaced. Default: null, any number.</summary>
    public int? MessagesPerMinute { get; init; }
    /// <summary>Recipients in any 24 hours, as providers count them. Default: null, any number.</summary>
    public int? RecipientsPerDay { get; init; }
    /// <summary>New connections a minute. Default: null, any number.</summary>
    public int? ConnectionsPerMinute { get; init; }
    /// <summary>How long a connection is kept for the next message. Default: null, <see cref="DeliveryOptions.ConnectionIdle"/>.</summary>
    public TimeSpan? ConnectionIdle { get; init; }
    /// <summary>Whether mail goes over TLS only, whatever the certificate; <see cref="RouteOptions.Tls"/> can ask for more. Default: null, no.</summary>
    public bool? RequireTls { get; init; }
    /// <summary>After how many failures in a row, to whichever of a provider's domains, the whole provider is left alone for a while. Default: null, never: each domain is judged alone.</summary>
    public int? FailuresBeforeDelay { get; init; }
}

/// <summary>The pace of a route, or of all next hops: a profile, own numbers, or both; own numbers prevail.</summary>
public sealed record PaceOptions : PaceLimitOptions
{
    /// <summary>The name of a profile, shipped or of <see cref="DeliveryOptions.Profiles"/>. Default: the one that the servers' names belong to, if any.</summary>
    public string? Profile { get; init; }
}

/// <summary>What a provider of mailboxes or a smart host wants, for all servers that belong to it together.</summary>
public sealed record PaceProfileOptions : PaceLimitOptions
{
    /// <summary>Its name; one that is shipped is replaced.</summary>
    public required string Name { get; init; }
    /// <summary>Names of its servers, mail exchangers or smart hosts: a name, or <c>*.name</c> for those below. Default: none.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
    /// <summary>Recipient domains that belong to it whatever their mail exchangers are: a name, or <c>*.name</c>. Default: none.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];
    /// <summary>Whether its limits hold for all its servers together; otherwise for each set of mail exchangers. Default: true.</summary>
    public bool Joined { get; init; } = true;
    /// <summary>What its replies change. Default: nothing beyond the general rules.</summary>
    public IReadOnlyList<PaceReplyOptions> Replies { get; init; } = [];
}

/// <summary>A reply that changes limits for a while. It counts for failures only, whose reply the pattern finds.</summary>
public sealed record PaceReplyOptions
{
    /// <summary>A regular expression, in which case does not matter, for code, enhanced code and text of the reply on one line. Neither back-references nor look-around.</summary>
    public required string Pattern { get; init; }
    /// <summary>How many such replies within an hour it takes. Default: 1.</summary>
    public int After { get; init; } = 1;
    /// <summary>How long the change lasts from the last such reply. Default: 30 minutes; 1 second at least, and 30 days at most.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(30);
    /// <summary>Whether nothing is sent there meanwhile. Default: false.</summary>
    public bool Suspend { get; init; }
    /// <summary>Messages a minute meanwhile. Default: null, no change.</summary>
    public int? MessagesPerMinute { get; init; }
    /// <summary>Connections at a time meanwhile. Default: null, no change.</summary>
    public int? MaxConnections { get; init; }
    /// <summary>Messages over one connection meanwhile. Default: null, no change.</summary>
    public int? MaxMessagesPerConnection { get; init; }
    /// <summary>A profile whose limits hold meanwhile where they are tighter. Default: null, none.</summary>
    public string? Profile { get; init; }
}
