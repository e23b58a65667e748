using System.Net;
using System.Net.Sockets;

namespace MailOps.Relay.Configuration;

/// <summary>Whether a machine can have an address, to connect from or to be reached by.</summary>
internal static class HostAddress
{
    /// <summary>Why none can, as the end of a sentence; null where one can.</summary>
    public static string? WhyNot(string text)
    {
        // "1" and "10.1" are addresses to the parser; a configuration must not guess.
        if (!IPAddress.TryParse(text, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3)) return "is no address";
        if (address.IsIPv4MappedToIPv6) return "is an IPv4 address in IPv6 form: write it as IPv4";
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.Equals(IPAddress.IPv6Any) ? "is no machine's" : address.IsIPv6Multicast ? "is a multicast address" : null;
        return address.GetAddressBytes()[0] switch
        {
            0 => "is no machine's",
            >= 240 => "is a broadcast or reserved address",
            >= 224 => "is a multicast address",
            _ => null,
        };
    }
}
