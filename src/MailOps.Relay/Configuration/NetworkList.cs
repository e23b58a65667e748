using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MailOps.Relay.Configuration;

/// <summary>A list of networks in CIDR form, asked whether an address is in one of them.</summary>
/// <param name="networks">Networks (<c>192.0.2.0/24</c>) and single addresses, already validated.</param>
public sealed class NetworkList(IEnumerable<string> networks)
{
    private readonly IPNetwork[] _networks = [.. networks.Select(text => TryParse(text, out var network) ? network : throw new FormatException(text))];

    /// <summary>Whether the address is in the list; an IPv4 address mapped into IPv6 counts as the IPv4 one.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(n => n.Contains(plain));
    }

    /// <summary>Reads a network or an address. Bits beyond the prefix are dropped: people write their own address with the prefix of its network.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) return false;
        // "1" and "10.1" are addresses to the parser; a network list must not guess.
        if (address.AddressFamily == AddressFamily.InterNetwork && text.AsSpan(0, slash < 0 ? text.Length : slash).Count('.') != 3) return false;
        var bits = address.GetAddressBytes().Length * 8;
        var prefix = bits;
        if (slash >= 0 && !(int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) && prefix <= bits)) return false;
        network = new IPNetwork(Mask(address, prefix), prefix);
        return true;
    }

    private static IPAddress Mask(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(prefix - i * 8, 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - keep));
        }
        return new IPAddress(bytes);
    }
}
