using System.Net;
using System.Net.Sockets;

namespace MailOps.Relay.Server.Limits;

/// <summary>What counts as one client: an IPv4 address, or the /64 that an IPv6 client chooses its addresses from.</summary>
internal static class ClientNetwork
{
    /// <summary>The address, or the first of its /64.</summary>
    public static IPAddress Of(IPAddress client)
    {
        if (client.AddressFamily != AddressFamily.InterNetworkV6) return client;
        var bytes = client.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
