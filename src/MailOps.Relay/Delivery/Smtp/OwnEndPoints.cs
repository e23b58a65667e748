using System.Net;
using System.Net.NetworkInformation;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>Where this relay listens: a mail exchanger found there is ourselves, under whatever name (RFC 5321 section 5.1).</summary>
internal sealed class OwnEndPoints(IReadOnlyList<IPEndPoint> listeners)
{
    // As they are at the first question; a machine that gets an address later is known by its name, or stopped by the count of hops.
    private readonly Lazy<HashSet<IPAddress>> _interfaces = new(() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)]);

    public static OwnEndPoints Of(IReadOnlyList<ListenerOptions> listeners)
    {
        var own = new List<IPEndPoint>(listeners.Count);
        foreach (var listener in listeners)
        {
            if (HostPort.TryParse(listener.Endpoint, -1, out var at) && IPAddress.TryParse(at.Host, out var address)) own.Add(new IPEndPoint(address, at.Port));
        }
        return new OwnEndPoints(own);
    }

    public bool Contains(IPAddress address, int port)
    {
        if (IsUnspecified(address)) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return listeners.Any(l => l.Port == port && (l.Address.Equals(address) || (IsUnspecified(l.Address) && (IPAddress.IsLoopback(address) || _interfaces.Value.Contains(address)))));
    }

    /// <summary>Not an address to send to: systems take it for themselves.</summary>
    public static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Any.MapToIPv6());
}
