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
    private readonly Dictionary<string, NextHop> _local;
    private readonly List<(string Domain, RouteOptions Route)> _routes;
    private readonly int _mxPort;

    public RouteTable(SmtpRelayOptions options)
    {
        _local = options.LocalDomains.ToDictionary(d => DomainName.ToAscii(d.Name), Local, StringComparer.Ordinal);
        _routes = [.. options.Routes.Select(r => (Pattern(r.Domain), r))];
        _mxPort = options.Delivery.MxPort;
    }

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
        // Whoever answers for a domain in the DNS is no one to give a password to: that is for servers the administrator has named.
        return route is null ? hop : With(route, hop) with { UserName = null, Password = null };
    }

    private static NextHop With(RouteOptions route, NextHop hop) => hop with
    {
        Tls = route.Tls,
        SkipCertificateValidation = route.SkipCertificateValidation,
        UserName = route.UserName,
        Password = route.Password,
    };

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
