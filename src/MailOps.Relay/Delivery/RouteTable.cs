using System.Net;
using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// Finds the next hop of a recipient: a local domain first, then the first route that is for the message, then the domain's own mail exchangers.
/// A route for all domains takes address literals too: a smart host takes everything.
/// </summary>
internal sealed class RouteTable
{
    /// <summary>As a redirect: no route holds the message any more. It is on disk, and no server has such a name.</summary>
    public const string Released = "released:";

    /// <summary>How the queue of what routes hold is named; of a route with a name, with that behind a colon.</summary>
    public const string HoldName = "hold";

    private const int SmtpPort = 25, LmtpPort = 24;
    private const string RoutePrefix = "route:";
    private readonly Dictionary<string, NextHop> _local;
    private readonly List<Entry> _routes;
    private readonly int _mxPort;
    private readonly Dictionary<string, Entry> _named;
    private readonly QueueTags _tags;

    public RouteTable(SmtpRelayOptions options)
    {
        _local = options.LocalDomains.ToDictionary(d => DomainName.ToAscii(d.Name), Local, StringComparer.Ordinal);
        _routes = [.. options.Routes.Select(r => new Entry(r, new RouteMatch(r), new RouteWay(r)))];
        _mxPort = options.Delivery.MxPort;
        _named = _routes.Where(r => r.Options.Name is not null).ToDictionary(r => r.Options.Name!, StringComparer.OrdinalIgnoreCase);
        _tags = new QueueTags([.. _routes.Select(r => r.Way)]);
        foreach (var hop in _local.Values.Concat(_routes.Where(IsFixed).Where(r => r.Way.IsWhole).Select(FixedHop))) _tags.Name(hop);
        foreach (var route in _routes.Where(r => r.Options.Kind == RouteKind.SmartHost && r.Way.IsWhole))
            foreach (var server in route.Way.Servers) _tags.Name(One(server, route));
        foreach (var route in _routes.Where(IsFixed).Where(r => r.Way.IsWhole)) route.Fixed = _tags.Tagged(FixedHop(route));
    }

    private sealed record Entry(RouteOptions Options, RouteMatch Match, RouteWay Way)
    {
        /// <summary>Where its mail goes, where that is the same for every domain: made once, for it is asked for with every recipient.</summary>
        public NextHop? Fixed { get; set; }
    }

    /// <summary>The names of the routes that have one.</summary>
    public IReadOnlyList<string> Names => [.. _named.Values.Select(r => r.Options.Name!)];

    /// <summary>
    /// How a redirect to a target is kept with a message: the name of a route behind a prefix, so that a route that is gone one day is never taken for a server of
    /// that name, or a server as <c>host:port</c>. Null where the target is neither.
    /// </summary>
    public string? RedirectTo(string target) =>
        _named.TryGetValue(target, out var route) ? RoutePrefix + route.Options.Name
        : HostPort.TryParse(target, SmtpPort, out var server) && server is { UnixPath: null, Port: > 0 } ? server.ToString()
        : null;

    /// <summary>
    /// The next hop by an administrator's redirect. A server that a route names is reached as that route says, with its credential; any other in plain SMTP, with STARTTLS
    /// where that is offered. A redirect to a route that is no longer configured counts no more.
    /// </summary>
    public NextHop Of(EmailAddress recipient, string? redirect, MailSender? sender)
    {
        if (redirect is null or Released) return Of(recipient, sender, holds: redirect is null);
        if (redirect.StartsWith(RoutePrefix, StringComparison.Ordinal))
            return _named.TryGetValue(redirect[RoutePrefix.Length..], out var named) ? Routed(named, DomainName.ToAscii(recipient.Domain)) : Of(recipient, sender);
        return HostPort.TryParse(redirect, SmtpPort, out var server) ? ServerOf(redirect) ?? new NextHop(RouteKind.SmartHost, server.ToString()) { Server = server } : Of(recipient, sender);
    }

    /// <summary>The server that a target names, where no route says how to reach it; null where it is a route, or a server of one.</summary>
    public HostPort? UnknownServer(string target) =>
        !_named.ContainsKey(target) && RedirectTo(target) is { } redirect && ServerOf(redirect) is null && !IsFixed(redirect) && HostPort.TryParse(redirect, SmtpPort, out var server) ? server : null;

    /// <summary>Why no mail comes to a queue of this name by the configuration, as a sentence; null where it may.</summary>
    public string? WhyNothingComes(string queue)
    {
        if (IsFixed(queue)) return null;
        var tag = queue.LastIndexOf('#');
        if (EmailAddress.TryParse("postmaster@" + (tag > 0 ? queue[..tag] : queue), out var somebody))
        {
            var hops = HopsOf(DomainName.ToAscii(somebody.Domain)).Select(hop => hop.QueueName).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            return hops.Contains(queue, StringComparer.OrdinalIgnoreCase)
                ? null
                : $"'{queue}' is taken for a domain, and its mail goes to '{string.Join("' or '", hops)}', whose queue that is; none comes to a queue named '{queue}'.";
        }
        return HostPort.TryParse(queue, -1, out _)
            ? $"'{queue}' is taken for a server, and no route leads there; only messages that are redirected to it come to its queue."
            : $"'{queue}' is neither a domain nor a server, so that no mail comes to a queue of that name.";
    }

    // All to which mail for a domain may go, by whoever sends it.
    private IEnumerable<NextHop> HopsOf(string domain)
    {
        if (_local.TryGetValue(domain, out var local))
        {
            yield return _tags.Tagged(local);
            yield break;
        }
        foreach (var route in _routes.Where(r => r.Match.TakesDomain(domain)))
        {
            yield return Routed(route, domain);
            if (route.Match.TakesAllOfIt) yield break;
        }
        yield return MailExchangers(domain, null);
    }

    // A next hop that is the same for every domain.
    private bool IsFixed(string name) => _local.Values.Concat(_routes.Select(r => r.Fixed).OfType<NextHop>()).Any(hop => string.Equals(hop.QueueName, name, StringComparison.OrdinalIgnoreCase));

    private static bool IsFixed(Entry route) => route.Options.Kind is not (RouteKind.Mx or RouteKind.Maildir);

    // One server, as the first route says that has it among its smart hosts.
    private NextHop? ServerOf(string name)
    {
        foreach (var route in _routes.Where(r => r.Options.Kind == RouteKind.SmartHost))
        {
            if (route.Way.Servers.FirstOrDefault(one => string.Equals(one.ToString(), name, StringComparison.OrdinalIgnoreCase)) is { } server)
                return _tags.Tagged(One(server, route));
        }
        return null;
    }

    private static NextHop One(HostPort server, Entry route) => new(RouteKind.SmartHost, server.ToString()) { Server = server, Way = route.Way };

    /// <summary>The next hop of a recipient.</summary>
    /// <param name="recipient">The recipient.</param>
    /// <param name="sender">What MAIL said, and where the message came from; null is the relay itself, from nobody.</param>
    /// <param name="holds">Whether routes that hold count.</param>
    public NextHop Of(EmailAddress recipient, MailSender? sender = null, bool holds = true)
    {
        var domain = DomainName.ToAscii(recipient.Domain);
        if (_local.TryGetValue(domain, out var local)) return local;
        foreach (var route in _routes)
        {
            if ((holds || route.Options.Kind != RouteKind.Hold) && route.Match.Is(recipient, domain, sender)) return Routed(route, domain);
        }
        return MailExchangers(domain, null);
    }

    private static NextHop Local(LocalDomainOptions domain)
    {
        if (domain.MailboxPath is { Length: > 0 } folder) return new NextHop(RouteKind.Maildir, DomainName.ToAscii(domain.Name)) { MailboxPath = folder };
        return HostPort.TryParse(domain.Lmtp, LmtpPort, out var server)
            ? new NextHop(RouteKind.Lmtp, server.ToString()) { Server = server }
            : throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The local domain '{domain.Name}' names no server: '{domain.Lmtp}'.", "Write it as host, host:port or unix:/path.");
    }

    private NextHop Routed(Entry route, string domain)
    {
        if (IsFixed(route)) return route.Fixed ?? FixedHop(route);   // which says what it lacks
        var hop = HopOf(route, domain);
        return route.Match.TakesAllOfIt || OwnerOf(domain) == hop ? hop : hop with { Tag = _tags.Of(route.Way) };
    }

    // Whose queue has the domain's own name, where only some of its mail goes one way: that of all the rest, or where that goes to a server that is named, the first.
    private NextHop OwnerOf(string domain)
    {
        var rest = _routes.Find(r => r.Match.TakesAllOfIt && r.Match.TakesDomain(domain));
        if (rest is null) return MailExchangers(domain, null);
        return HopOf(IsFixed(rest) ? _routes.Find(r => !IsFixed(r) && r.Match.TakesDomain(domain))! : rest, domain);
    }

    private NextHop HopOf(Entry route, string domain) => route.Options.Kind == RouteKind.Mx
        ? MailExchangers(domain, route)
        : new NextHop(RouteKind.Maildir, domain) { MailboxPath = route.Options.MailboxPath };

    private static NextHop FixedHop(Entry route) => route.Options.Kind switch
    {
        RouteKind.Drop => new NextHop(RouteKind.Drop, "drop:" + route.Options.DropPath) { Way = route.Way },
        RouteKind.Refuse => new NextHop(RouteKind.Refuse, "refuse") { Way = route.Way },
        RouteKind.Hold => new NextHop(RouteKind.Hold, route.Options.Name is { } name ? $"{HoldName}:{name}" : HoldName) { Way = route.Way },
        var kind => new NextHop(kind, string.Join(',', route.Way.Servers)) { Server = route.Way.Servers is [var only] ? only : null, Way = route.Way },
    };

    private NextHop MailExchangers(string domain, Entry? route)
    {
        var port = route?.Options.Port ?? _mxPort;
        return new NextHop(RouteKind.Mx, domain) { Port = port, Server = Literal(domain, port), Way = route?.Way };
    }

    // RFC 5321 section 4.1.3: an address literal names the server itself; the DNS is not asked.
    private static HostPort? Literal(string domain, int port)
    {
        if (!domain.StartsWith('[')) return null;
        var inner = domain[1..^1];
        var text = inner.StartsWith("ipv6:", StringComparison.OrdinalIgnoreCase) ? inner[5..] : inner;
        return IPAddress.TryParse(text, out var address) ? new HostPort(address.ToString(), port) : null;
    }
}
