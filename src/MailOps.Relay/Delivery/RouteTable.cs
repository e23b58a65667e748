using System.Net;
using MailOps.Messages;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery;

/// <summary>
/// Finds the next hop of a recipient: a local domain first, then the first route whose domain matches, then the domain's own mail exchangers.
/// A route for all domains takes address literals too: a smart host takes everything.
/// </summary>
internal sealed class RouteTable
{
    private const int SmtpPort = 25, LmtpPort = 24;
    private const string RoutePrefix = "route:";
    private readonly Dictionary<string, NextHop> _local;
    private readonly List<(string Domain, RouteOptions Route)> _routes;
    private readonly int _mxPort;
    private readonly Dictionary<string, RouteOptions> _named;
    private readonly Dictionary<RouteOptions, RouteWay> _ways;

    public RouteTable(SmtpRelayOptions options)
    {
        _local = options.LocalDomains.ToDictionary(d => DomainName.ToAscii(d.Name), Local, StringComparer.Ordinal);
        _routes = [.. options.Routes.Select(r => (Pattern(r.Domain), r))];
        _ways = options.Routes.Distinct(ReferenceEqualityComparer.Instance).Cast<RouteOptions>().ToDictionary(r => r, r => new RouteWay(r), (IEqualityComparer<RouteOptions>)ReferenceEqualityComparer.Instance);
        _mxPort = options.Delivery.MxPort;
        _named = options.Routes.Where(r => r.Name is not null).ToDictionary(r => r.Name!, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The names of the routes that have one.</summary>
    public IReadOnlyList<string> Names => [.. _named.Values.Select(r => r.Name!)];

    /// <summary>
    /// How a redirect to a target is kept with a message: the name of a route behind a prefix, so that a route that is gone one day is never taken for a server of
    /// that name, or a server as <c>host:port</c>. Null where the target is neither.
    /// </summary>
    public string? RedirectTo(string target) =>
        _named.TryGetValue(target, out var route) ? RoutePrefix + route.Name
        : HostPort.TryParse(target, SmtpPort, out var server) && server is { UnixPath: null, Port: > 0 } ? server.ToString()
        : null;

    /// <summary>
    /// The next hop by an administrator's redirect. A server that a route names is reached as that route says, with its credential; any other in plain SMTP, with STARTTLS
    /// where that is offered. A redirect to a route that is no longer configured counts no more.
    /// </summary>
    public NextHop Of(EmailAddress recipient, string? redirect)
    {
        if (redirect is null) return Of(recipient);
        if (redirect.StartsWith(RoutePrefix, StringComparison.Ordinal))
            return _named.TryGetValue(redirect[RoutePrefix.Length..], out var named) ? Routed(named, DomainName.ToAscii(recipient.Domain)) : Of(recipient);
        if (!HostPort.TryParse(redirect, SmtpPort, out var server)) return Of(recipient);
        foreach (var (_, route) in _routes)
        {
            if (route.Kind == RouteKind.SmartHost && Routed(route, "") is var hop && string.Equals(hop.Name, redirect, StringComparison.OrdinalIgnoreCase)) return hop;
        }
        return new NextHop(RouteKind.SmartHost, server.ToString()) { Server = server };
    }

    /// <summary>The server that a target names, where no route says how to reach it; null where it is a route, or a server of one.</summary>
    public HostPort? UnknownServer(string target) =>
        !_named.ContainsKey(target) && RedirectTo(target) is { } redirect && !IsServer(redirect) && HostPort.TryParse(redirect, SmtpPort, out var server) ? server : null;

    /// <summary>Why no mail comes to a queue of this name by the configuration, as a sentence; null where it may.</summary>
    public string? WhyNothingComes(string queue)
    {
        if (IsServer(queue)) return null;
        if (EmailAddress.TryParse("postmaster@" + queue, out var somebody))
        {
            var hop = Of(somebody);
            return string.Equals(hop.Name, queue, StringComparison.OrdinalIgnoreCase) ? null : $"'{queue}' is taken for a domain, and its mail goes to '{hop.Name}', whose queue that is; none comes to a queue named '{queue}'.";
        }
        return HostPort.TryParse(queue, -1, out _)
            ? $"'{queue}' is taken for a server, and no route leads there; only messages that are redirected to it come to its queue."
            : $"'{queue}' is neither a domain nor a server, so that no mail comes to a queue of that name.";
    }

    private bool IsServer(string name) => _local.Values.Concat(_routes.Where(r => r.Route.Kind is RouteKind.SmartHost or RouteKind.Lmtp).Select(r => Routed(r.Route, "")))
        .Any(hop => string.Equals(hop.Name, name, StringComparison.OrdinalIgnoreCase));

    public NextHop Of(EmailAddress recipient)
    {
        var domain = DomainName.ToAscii(recipient.Domain);
        if (_local.TryGetValue(domain, out var local)) return local;
        foreach (var (pattern, route) in _routes)
        {
            if (Matches(pattern, domain)) return Routed(route, domain);
        }
        return MailExchangers(domain, null);
    }

    private static NextHop Local(LocalDomainOptions domain)
    {
        if (domain.MailboxPath is { Length: > 0 } folder) return new NextHop(RouteKind.Maildir, DomainName.ToAscii(domain.Name)) { MailboxPath = folder };
        var server = Server(domain.Lmtp, LmtpPort, domain.Name);
        return new NextHop(RouteKind.Lmtp, server.ToString()) { Server = server };
    }

    private NextHop Routed(RouteOptions route, string domain)
    {
        if (route.Kind == RouteKind.Mx) return MailExchangers(domain, route);
        if (route.Kind == RouteKind.Maildir) return new NextHop(RouteKind.Maildir, domain) { MailboxPath = route.MailboxPath };
        var server = Server(route.Host, route.Port ?? (route.Kind == RouteKind.Lmtp ? LmtpPort : SmtpPort), route.Domain);
        return With(route, new NextHop(route.Kind, server.ToString()) { Server = server });
    }

    private NextHop MailExchangers(string domain, RouteOptions? route)
    {
        var port = route?.Port ?? _mxPort;
        var hop = new NextHop(RouteKind.Mx, domain) { Port = port, Server = Literal(domain, port) };
        return route is null ? hop : With(route, hop);
    }

    private NextHop With(RouteOptions route, NextHop hop) => hop with { Way = _ways[route] };

    // RFC 5321 section 4.1.3: an address literal names the server itself; the DNS is not asked.
    private static HostPort? Literal(string domain, int port)
    {
        if (!domain.StartsWith('[')) return null;
        var inner = domain[1..^1];
        var text = inner.StartsWith("ipv6:", StringComparison.OrdinalIgnoreCase) ? inner[5..] : inner;
        return IPAddress.TryParse(text, out var address) ? new HostPort(address.ToString(), port) : null;
    }

    private static HostPort Server(string? text, int defaultPort, string domain) =>
        HostPort.TryParse(text, defaultPort, out var server)
            ? server
            : throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The route for '{domain}' names no server: '{text}'.", "Write it as host, host:port or, for LMTP, unix:/path.");

    private static string Pattern(string domain) =>
        domain.StartsWith("*.", StringComparison.Ordinal) ? "*." + DomainName.ToAscii(domain[2..]) : domain == "*" ? domain : DomainName.ToAscii(domain);

    private static bool Matches(string pattern, string domain) =>
        pattern == "*" || pattern == domain || (pattern.StartsWith("*.", StringComparison.Ordinal) && domain.EndsWith(pattern.AsSpan(1), StringComparison.Ordinal));
}
