using System.Net;
using System.Net.Sockets;

namespace MailOps.Relay.Server;

/// <summary>How many sessions each client has: an IPv4 address, or the /64 that an IPv6 client chooses its addresses from. Loopback is not counted: behind it are this machine's own programs.</summary>
/// <param name="limit">How many it may have.</param>
internal sealed class ClientCounts(int limit)
{
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>Counts a session in; false where the client has its share.</summary>
    public bool TryEnter(IPAddress client)
    {
        if (IPAddress.IsLoopback(client)) return true;
        var network = NetworkOf(client);
        lock (_counts)
        {
            var count = _counts.GetValueOrDefault(network);
            if (count >= limit) return false;
            _counts[network] = count + 1;
            return true;
        }
    }

    /// <summary>Counts a session out that was counted in.</summary>
    public void Leave(IPAddress client)
    {
        if (IPAddress.IsLoopback(client)) return;
        var network = NetworkOf(client);
        lock (_counts)
        {
            if (--_counts[network] == 0) _counts.Remove(network);
        }
    }

    private static IPAddress NetworkOf(IPAddress client)
    {
        if (client.AddressFamily != AddressFamily.InterNetworkV6) return client;
        var bytes = client.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
