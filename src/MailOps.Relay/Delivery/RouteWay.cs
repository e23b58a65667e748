using System.Runtime.CompilerServices;
using System.Text.Json;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery;

/// <summary>How a route reaches its next hop, whichever mail takes it: two routes that say the same lead to one queue with one set of limits.</summary>
internal sealed class RouteWay : IEquatable<RouteWay>
{
    private readonly string _key;

    public RouteWay(RouteOptions options)
    {
        Options = options;
        // A secret of the session is not in the document; two of them are the same where they are the same object.
        _key = JsonSerializer.Serialize(options with { Name = null, Domain = "*" }, RelayConfiguration.Json) + (options.Password?.Value is { } secret ? RuntimeHelpers.GetHashCode(secret) : 0);
    }

    /// <summary>The route.</summary>
    public RouteOptions Options { get; }

    public bool Equals(RouteWay? other) => other is not null && _key == other._key;

    public override bool Equals(object? obj) => Equals(obj as RouteWay);

    public override int GetHashCode() => _key.GetHashCode(StringComparison.Ordinal);
}
