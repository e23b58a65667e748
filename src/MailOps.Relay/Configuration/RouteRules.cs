using System.Net;
using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>What of the routes cannot be.</summary>
internal static class RouteRules
{
    /// <summary>Adds a sentence for each fault.</summary>
    public static void Check(List<string> faults, SmtpRelayOptions options)
    {
        OptionsValidator.Unique(faults, options.Routes.Select(r => r.Name).OfType<string>(), StringComparer.OrdinalIgnoreCase, "routes");
        for (var i = 0; i < options.Routes.Count; i++) Route(faults, options.Routes[i], $"routes[{i}]");
    }

    private static void Route(List<string> faults, RouteOptions route, string key)
    {
        var domain = route.Domain.StartsWith("*.", StringComparison.Ordinal) ? route.Domain[2..] : route.Domain;
        OptionsValidator.Check(faults, domain == "*" || EmailAddress.IsDomain(domain), key + ".domain", $"must be a domain, *.domain or *, not '{route.Domain}'");
        OptionsValidator.Check(faults, route.Name is null || (route.Name.Length is > 0 and <= 64 && route.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')), key + ".name", "is made of letters, digits, '-', '_' and '.', 64 at most");
        var needsHost = route.Kind is RouteKind.SmartHost or RouteKind.Lmtp;
        OptionsValidator.Check(faults, !needsHost || HostPort.TryParse(route.Host, 25, out _), key + ".host", $"must be host or host:port for {route.Kind}, not '{route.Host}'");
        OptionsValidator.Check(faults, route.Kind != RouteKind.SmartHost || route.Host?.StartsWith("unix:", StringComparison.Ordinal) != true, key + ".host", "can be a Unix socket only for Lmtp");
        OptionsValidator.Check(faults, needsHost || route.Host is null, key + ".host", $"is for SmartHost and Lmtp; the route's kind is {route.Kind}");
        OptionsValidator.Check(faults, route.Kind == RouteKind.Maildir == route.MailboxPath is { Length: > 0 }, key + ".mailboxPath", "must name a folder for Maildir, and is for no other kind");
        OptionsValidator.Check(faults, route.Port is null or (> 0 and <= 65535), key + ".port", "must be 1 to 65535");
        Credential(faults, route, key);
    }

    // A credential belongs to one named server: by MX it would be offered to whoever receives mail.
    private static void Credential(List<string> faults, RouteOptions route, string key)
    {
        OptionsValidator.Check(faults, route.UserName is null == route.Password is null, key, "needs both userName and password, or neither");
        if (route.Password is null) return;
        OptionsValidator.Secret(faults, route.Password, key + ".password");
        OptionsValidator.Check(faults, route.Kind is RouteKind.SmartHost or RouteKind.Lmtp, key, $"has a credential, which is for SmartHost and Lmtp; its kind is {route.Kind}");
        var local = HostPort.TryParse(route.Host, 25, out var server) && (server.UnixPath is not null || (IPAddress.TryParse(server.Host, out var address) && IPAddress.IsLoopback(address)));
        OptionsValidator.Check(faults, route.Tls != TlsMode.None || local, key, "has a credential and tls None: it would cross the network readable");
    }
}
