using System.Net;
using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>What of the routes cannot be.</summary>
internal static class RouteRules
{
    private const int MaxHosts = 10;

    /// <summary>Adds a sentence for each fault.</summary>
    public static void Check(Faults faults, SmtpRelayOptions options)
    {
        OptionsValidator.Unique(faults, options.Routes.Select(r => r.Name).OfType<string>(), StringComparer.OrdinalIgnoreCase, "routes");
        for (var i = 0; i < options.Routes.Count; i++)
        {
            Match(faults, options, options.Routes[i], $"routes[{i}]");
            Route(faults, options.Routes[i], $"routes[{i}]");
            Addresses(faults, options.Routes[i], $"routes[{i}]");
            if (options.Routes[i].Retry is not null) RetryRules.Check(faults, options, options.Routes[i], $"routes[{i}]");
        }
    }

    private static void Match(Faults faults, SmtpRelayOptions options, RouteOptions route, string key)
    {
        OptionsValidator.Check(faults, IsDomain(route.Domain), key + ".domain", $"must be a domain, *.domain or *, not '{route.Domain}'");
        OptionsValidator.Check(faults, route.Domains.Count == 0 || route.Domain == "*", key, "has domain and domains; one of them says it");
        Each(faults, route.Domains, key + ".domains", IsDomain, "must be a domain, *.domain or *");
        Each(faults, route.Recipients, key + ".recipients", text => text != "<>" && AddressPattern.TryParse(text, out _), "must be an address, @domain or *.domain");
        Each(faults, route.Senders, key + ".senders", text => AddressPattern.TryParse(text, out _), "must be an address, @domain, *.domain, * or <>");
        Each(faults, route.Users, key + ".users", text => text.Length > 0, "must be a user name");
        Each(faults, route.Listeners, key + ".listeners", text => options.Listeners.Any(listener => listener.Endpoint == text), "must be the endpoint of one of the listeners", "listeners");
    }

    private static bool IsDomain(string text) => text == "*" || EmailAddress.IsDomain(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text);

    private static void Each(Faults faults, IReadOnlyList<string> values, string key, Func<string, bool> isValid, string rule, params IReadOnlyList<string> others)
    {
        for (var i = 0; i < values.Count; i++) OptionsValidator.Check(faults, isValid(values[i]), $"{key}[{i}]", $"{rule}, not '{values[i]}'", others);
    }

    private static void Route(Faults faults, RouteOptions route, string key)
    {
        OptionsValidator.Check(faults, route.Name is null || (route.Name.Length is > 0 and <= 64 && route.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')), key + ".name", "is made of letters, digits, '-', '_' and '.', 64 at most");
        OptionsValidator.Named(faults, route.Kind, key + ".kind");
        OptionsValidator.Named(faults, route.Tls, key + ".tls");
        OptionsValidator.Named(faults, route.Dane, key + ".dane");
        OptionsValidator.Named(faults, route.AddressFamily, key + ".addressFamily");
        var needsHost = route.Kind is RouteKind.SmartHost or RouteKind.Lmtp;
        if (needsHost) Servers(faults, route, key);
        else OptionsValidator.Check(faults, !Hosts(route).Any(), key + ".host", $"is for SmartHost and Lmtp; the route's kind is {route.Kind}");
        OptionsValidator.Check(faults, route.Kind == RouteKind.Maildir == route.MailboxPath is { Length: > 0 }, key + ".mailboxPath", "must name a folder for Maildir, and is for no other kind");
        OptionsValidator.Check(faults, route.Kind == RouteKind.Drop == route.DropPath is { Length: > 0 }, key + ".dropPath", "must name a folder for Drop, and is for no other kind");
        var code = route.Kind == RouteKind.Refuse ? RouteRefusal.WrongCode(route.Text) : null;
        OptionsValidator.Check(faults, code is null, key + ".text", $"refuses nobody with '{code}'; a code in front must be 4yz or 5yz, as in 550 5.7.1");
        OptionsValidator.Check(faults, route.Text is null || code is not null || (route.Kind == RouteKind.Refuse && RouteRefusal.TryParse(route.Text, out _)), key + ".text", "is for Refuse: a text in ASCII of 400 characters at most, which may begin with a code and an enhanced code of the same class, as in 550 5.7.1");
        OptionsValidator.Check(faults, route.Port is null or (> 0 and <= 65535), key + ".port", "must be 1 to 65535");
        if (IsRemote(route)) Trust(faults, route, key);
        else Meaningless(faults, route, key);
        CredentialRules.Check(faults, route, key);
    }

    private static void Servers(Faults faults, RouteOptions route, string key)
    {
        const string ports = ", with a port from 1 to 65535";
        if (!Hosts(route).Any())
            faults.Add(key + ".host", $"is missing: {(route.Name is { } name ? $"the route '{name}'" : "a route")} of kind {route.Kind} needs host, as host or host:port, or hosts");
        if (route.Host is { } host) Server(host, key + ".host", $"must be host or host:port for {route.Kind}{ports}");
        for (var i = 0; i < route.Hosts.Count; i++) Server(route.Hosts[i], $"{key}.hosts[{i}]", $"must be host or host:port{ports}");
        OptionsValidator.Check(faults, route.Hosts.Count == 0 || route.Host is null, key, "has host and hosts; one of them says it");
        OptionsValidator.Check(faults, route.Hosts.Count <= MaxHosts, key + ".hosts", "may have ten servers; for more, give them a domain with mail exchangers");
        OptionsValidator.Check(faults, route.Hosts.Distinct(StringComparer.OrdinalIgnoreCase).Count() == route.Hosts.Count, key + ".hosts", "names a server more than once");
        OptionsValidator.Check(faults, route.Kind != RouteKind.SmartHost || !Hosts(route).Any(text => text.StartsWith("unix:", StringComparison.Ordinal)), key + ".host", "can be a Unix socket only for Lmtp");

        void Server(string text, string at, string rule) =>
            OptionsValidator.Check(faults, HostPort.IsServer(text, 25), at, $"{rule}, not '{text}'{(HostPort.WhyNoHost(text) is { } why ? $", which {why}" : "")}");
    }

    private static bool IsRemote(RouteOptions route) => route.Kind is RouteKind.Mx or RouteKind.SmartHost or RouteKind.Lmtp;

    // How a server is reached, where there is none.
    private static void Meaningless(Faults faults, RouteOptions route, string key)
    {
        Unless(route.Port is null, "port");
        Unless(route.Tls == TlsMode.Auto, "tls");
        Unless(!route.SkipCertificateValidation, "skipCertificateValidation");
        Unless(route.CertificateThumbprints.Count == 0, "certificateThumbprints");
        Unless(route.Dane == DaneMode.Auto, "dane");
        Unless(route.Pace is null, "pace");

        void Unless(bool absent, string name) => OptionsValidator.Check(faults, absent, $"{key}.{name}", $"is for Mx, SmartHost and Lmtp, and means nothing for {route.Kind}; take it out");
    }

    /// <summary>The servers that a route names.</summary>
    internal static IEnumerable<string> Hosts(RouteOptions route) => route.Host is { } host ? route.Hosts.Append(host) : route.Hosts;

    /// <summary>Whether a server is this machine, so that nothing crosses a network.</summary>
    internal static bool IsHere(string host) =>
        HostPort.TryParse(host, 25, out var server) && (server.UnixPath is not null || (IPAddress.TryParse(server.Host, out var address) && IPAddress.IsLoopback(address)));

    private static void Addresses(Faults faults, RouteOptions route, string key)
    {
        OptionsValidator.Check(faults, IsRemote(route) || route is { SourceAddresses.Count: 0, AddressFamily: NextHopAddresses.Any }, key, $"has sourceAddresses or addressFamily, which are for Mx, SmartHost and Lmtp; its kind is {route.Kind}");
        for (var i = 0; i < route.SourceAddresses.Count; i++)
        {
            if (HostAddress.WhyNot(route.SourceAddresses[i]) is { } why) faults.Add($"{key}.sourceAddresses[{i}]", $"must be an address of this machine, not '{route.SourceAddresses[i]}', which {why}");
        }
        var families = route.SourceAddresses.Select(text => IPAddress.TryParse(text, out var address) ? address.AddressFamily : default).ToList();
        OptionsValidator.Check(faults, families.Distinct().Count() == families.Count, key + ".sourceAddresses", "may have one IPv4 and one IPv6 address");
    }

    private static void Trust(Faults faults, RouteOptions route, string key)
    {
        foreach (var thumbprint in route.CertificateThumbprints.Where(t => t.Replace(":", "", StringComparison.Ordinal) is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigit)))
            faults.Add(key + ".certificateThumbprints", $"has '{thumbprint}', which is not 64 hexadecimal digits (SHA-256)");
        OptionsValidator.Check(faults, route is not { Tls: TlsMode.None, CertificateThumbprints.Count: > 0 }, key, "has certificateThumbprints and tls None");
        OptionsValidator.Check(faults, route is not { Tls: TlsMode.None, Dane: DaneMode.Required }, key, "has dane Required and tls None");
        var named = route.Kind == RouteKind.Mx || (route.Kind is RouteKind.SmartHost or RouteKind.Lmtp && Hosts(route).All(IsName));
        OptionsValidator.Check(faults, route.Dane != DaneMode.Required || named, key, "has dane Required, which is for Mx and for servers given by name");
    }

    private static bool IsName(string host) => HostPort.TryParse(host, 25, out var server) && server.UnixPath is null && !IPAddress.TryParse(server.Host, out _);
}
