using System.Net;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>One wish to see what is said: at a listener, by the clients of a network, both, or everywhere.</summary>
/// <param name="Listener">The listener's address and port; null for all.</param>
/// <param name="Network">The clients; null for all.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">When it ends by itself; null for not before the relay does.</param>
internal sealed record ProtocolRule(string? Listener, IPNetwork? Network, DateTimeOffset Since, DateTimeOffset? Until)
{
    /// <summary>Its name in the relay.</summary>
    public string Name => Listener is null && Network is null ? "*" : string.Join(' ', new[] { Listener, NetworkText }.OfType<string>());

    /// <summary>The network, a single address without its prefix; null for all clients.</summary>
    public string? NetworkText => Network is not { } network ? null
        : network.PrefixLength == network.BaseAddress.GetAddressBytes().Length * 8 ? network.BaseAddress.ToString() : network.ToString();

    /// <summary>Whether a session is to be written down.</summary>
    public bool Covers(string listener, IPAddress client) => (Listener is null || Listener == listener) && (Network is not { } network || network.Contains(client));
}
