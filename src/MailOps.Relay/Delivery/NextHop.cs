using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery;

/// <summary>Where mail for a recipient goes next: what a delivery queue is named by, and what an attempt needs. Two are the same when all of it is.</summary>
/// <param name="Kind">What of it there is to reach.</param>
/// <param name="Name">For people: the domain in A-label form, the server as <c>host:port</c>, several with commas between them, <c>drop:/folder</c>, <c>refuse</c>, <c>hold</c> or <c>hold:route</c>.</param>
public sealed record NextHop(RouteKind Kind, string Name)
{
    /// <summary>What tells its queue from another one of that name, which another route reaches in another way; null as a rule.</summary>
    internal string? Tag { get; init; }

    /// <summary>What its queue is addressed by: the name, and behind a # the <see cref="Tag"/> where there is one.</summary>
    internal string QueueName => Tag is null ? Name : $"{Name}#{Tag}";

    /// <summary>The one server, for SmartHost, Lmtp and address literals; null where there are several, where the DNS names them, or where there is none.</summary>
    internal HostPort? Server { get; init; }

    /// <summary>The servers that are named, the preferred one first; none where the DNS names them.</summary>
    internal IReadOnlyList<HostPort> Servers => Server is { } only ? [only] : Kind is RouteKind.SmartHost or RouteKind.Lmtp ? Way!.Servers : [];

    /// <summary>The port of mail exchangers that the DNS names.</summary>
    internal int Port { get; init; }

    /// <summary>TLS towards it.</summary>
    internal TlsMode Tls => Way?.Options.Tls ?? TlsMode.Auto;

    /// <summary>Accept any certificate although TLS is required.</summary>
    internal bool SkipCertificateValidation => Way is { Options.SkipCertificateValidation: true };

    /// <summary>The SHA-256 sums, without colons, of the certificates or keys that it may have; empty for any.</summary>
    internal IReadOnlyList<string> Thumbprints => Way?.Thumbprints ?? [];

    /// <summary>Whether its servers prove themselves by the DNS.</summary>
    internal DaneMode Dane => Way?.Options.Dane ?? DaneMode.Auto;

    /// <summary>The way of messages with REQUIRETLS (RFC 8689 section 4.2.1): proven TLS to a server that offers it too, whatever else is said here.</summary>
    internal bool RequireTls { get; init; }

    /// <summary>The way of messages with <c>TLS-Required: No</c> (RFC 8689 section 4.2.2): what the recipients' domain says of TLS does not keep them; what a route says does.</summary>
    internal bool TlsOptional { get; init; }

    /// <summary>Whose credential it gets, null for nobody's: whoever answers for a domain in the DNS is no one to give a password to, that is for servers the administrator has named.</summary>
    internal RouteOptions? Credential => Kind != RouteKind.Mx && Way is { Options: { UserName: not null } route } ? route : null;

    /// <summary>What the route says about reaching it; null where no route leads there.</summary>
    internal RouteWay? Way { get; init; }

    /// <summary>What its route says of when it is tried again; null where it says nothing, or there is none.</summary>
    internal RouteRetryOptions? Retry => Way?.Options.Retry;

    /// <summary>The folder of the Maildirs.</summary>
    internal string? MailboxPath { get; init; }

    /// <summary>
    /// The way to it for a message. REQUIRETLS makes it another one, with connections of its own, unless delivery ends on this machine, and so does TLS-Required: No, of which nothing
    /// is left where a message has both (RFC 8689 section 4.1). A report has the plain
    /// one: RFC 8689 section 5 wants it delivered rather than lost, and REQUIRETLS is passed on with it where that can be.
    /// </summary>
    internal NextHop For(Mail.MailSender sender) => sender switch
    {
        { RequireTls: false, TlsOptional: false } => this,
        _ when EndsHere => this,
        { RequireTls: true } => sender.ReversePath is null ? this : this with { RequireTls = true },
        _ => this with { TlsOptional = true },
    };

    /// <summary>Whether it needs no connection.</summary>
    internal bool IsLocal => Kind is not (RouteKind.Mx or RouteKind.SmartHost or RouteKind.Lmtp);

    private bool EndsHere => IsLocal || (Kind == RouteKind.Lmtp && Servers.All(server =>
        server.UnixPath is not null || (System.Net.IPAddress.TryParse(server.Host, out var address) && System.Net.IPAddress.IsLoopback(address))));

    /// <summary>The name of its queue.</summary>
    public override string ToString() => QueueName;
}
