using System.Net;
using System.Net.Sockets;

namespace MailOps.Domains;

/// <summary>Which addresses nobody on the Internet can reach.</summary>
internal static class AddressRange
{
    private static readonly (byte[] Prefix, int Bits, string Name)[] Four =
    [
        ([0], 8, "of no network"), ([10], 8, "private"), ([100, 64], 10, "of a provider's own network"), ([127], 8, "loopback"), ([169, 254], 16, "link-local"),
        ([172, 16], 12, "private"), ([192, 168], 16, "private"), ([224], 4, "multicast"), ([240], 4, "reserved"),
    ];

    private static readonly (byte[] Prefix, int Bits, string Name)[] Six =
        [([0xfe, 0x80], 10, "link-local"), ([0xfe, 0xc0], 10, "private"), ([0xfc], 7, "private"), ([0xff], 8, "multicast")];

    /// <summary>What kind of such an address it is; null where the Internet may know it.</summary>
    public static string? NameOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return "an IPv4 address in the form of IPv6";
        if (IPAddress.IPv6Loopback.Equals(address)) return "loopback";
        if (IPAddress.IPv6Any.Equals(address)) return "of no network";
        var bytes = address.GetAddressBytes();
        return Array.Find(address.AddressFamily == AddressFamily.InterNetwork ? Four : Six, range => IsWithin(bytes, range.Prefix, range.Bits)).Name;
    }

    private static bool IsWithin(byte[] bytes, byte[] prefix, int bits)
    {
        for (var i = 0; bits > 0; i++, bits -= 8)
        {
            var mask = bits >= 8 ? 0xff : 0xff << (8 - bits) & 0xff;
            if ((bytes[i] & mask) != ((i < prefix.Length ? prefix[i] : 0) & mask)) return false;
        }
        return true;
    }
}
