using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery;

/// <summary>How a route reaches its next hop, whichever mail takes it: two routes that say the same lead to one queue with one set of limits.</summary>
internal sealed class RouteWay : IEquatable<RouteWay>
{
    private const int SmtpPort = 25, LmtpPort = 24;
    private readonly string _key;
    private readonly Lazy<HostPort[]> _servers;

    public RouteWay(RouteOptions options)
    {
        Options = options;
        Thumbprints = [.. options.CertificateThumbprints.Select(thumbprint => thumbprint.Replace(":", "", StringComparison.Ordinal))];
        var way = options with { Name = null, Domain = "*", Domains = [], Recipients = [], Senders = [], Listeners = [], Users = [] };
        _key = JsonSerializer.Serialize(way, RelayConfiguration.Json) + OfSession(options.Password?.Value) + OfSession(options.Oauth);
        _servers = new(() => [.. Names.Select(Server)]);
        Sources = [.. options.SourceAddresses.Select(IPAddress.Parse)];
    }

    /// <summary>The route.</summary>
    public RouteOptions Options { get; }

    /// <summary>The servers it names, the preferred one first.</summary>
    /// <exception cref="MailOpsException">It names none.</exception>
    public IReadOnlyList<HostPort> Servers => _servers.Value;

    /// <summary>The addresses to connect from.</summary>
    public IReadOnlyList<IPAddress> Sources { get; }

    /// <summary>Its <see cref="RouteOptions.CertificateThumbprints"/>, without colons.</summary>
    public IReadOnlyList<string> Thumbprints { get; }

    /// <summary>What of an OAuth credential is not in the document.</summary>
    internal static string OfSession(OAuthOptions? oauth) => OfSession(oauth?.ClientSecret?.Value) + OfSession(oauth?.RefreshToken?.Value) + OfSession(oauth?.ClientCertificate?.Value);

    public bool Equals(RouteWay? other) => other is not null && _key == other._key;

    public override bool Equals(object? obj) => Equals(obj as RouteWay);

    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether it names servers, where its kind needs them: nobody can be brought there otherwise.</summary>
    public bool IsWhole => Options.Kind is not (RouteKind.SmartHost or RouteKind.Lmtp) || Names.All(name => TryServer(name, out _));

    private IReadOnlyList<string> Names => Options.Hosts.Count > 0 ? Options.Hosts : [Options.Host ?? ""];

    private bool TryServer(string text, out HostPort server) => HostPort.TryParse(text, Options.Port ?? (Options.Kind == RouteKind.Lmtp ? LmtpPort : SmtpPort), out server!);

    private HostPort Server(string text) => TryServer(text, out var server)
        ? server
        : throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The route for '{string.Join(", ", Options.Domains.DefaultIfEmpty(Options.Domain))}' names no server: '{text}'.", "Write it as host, host:port or, for LMTP, unix:/path.");

    // A secret of the session is not in the document; two of them are the same where they are the same object.
    private static string OfSession(object? secret) => string.Create(CultureInfo.InvariantCulture, $"/{(secret is null ? 0 : RuntimeHelpers.GetHashCode(secret))}");
}
