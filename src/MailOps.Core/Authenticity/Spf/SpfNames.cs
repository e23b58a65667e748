using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailOps.Authenticity.Spf;

/// <summary>Names and addresses as SPF compares and writes them.</summary>
internal static class SpfNames
{
    private const int LongestName = 253;

    /// <summary>
    /// Whether a check can be made for it (RFC 7208 section 4.3): several labels, none of them empty or longer than 63 characters, 253 in all. Letters beyond ASCII, which only a local
    /// part can bring in, are in no name (RFC 8616 section 4).
    /// </summary>
    public static bool IsWellFormed(string domain)
    {
        var name = Bare(domain);
        var labels = name.Split('.');
        return name.Length <= LongestName && labels.Length > 1 && Array.TrueForAll(labels, label => label.Length is > 0 and <= 63) && name.All(c => c < '\x80');
    }

    /// <summary>Without the final dot.</summary>
    public static string Bare(string domain) => domain.EndsWith(".", StringComparison.Ordinal) ? domain.Substring(0, domain.Length - 1) : domain;

    /// <summary>RFC 7208 section 7.3: labels on the left of a name that macros have made too long are left off.</summary>
    public static string Shorten(string domain)
    {
        var name = Bare(domain);
        while (name.Length > LongestName && name.IndexOf('.') is >= 0 and var dot) name = name.Substring(dot + 1);
        return name;
    }

    /// <summary>Whether a name is the domain or below it.</summary>
    public static bool IsWithin(string name, string domain)
    {
        var (inner, outer) = (Bare(name), Bare(domain));
        return string.Equals(inner, outer, StringComparison.OrdinalIgnoreCase) || inner.EndsWith("." + outer, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the first bits of two addresses of one family are the same.</summary>
    public static bool IsInNetwork(IPAddress address, IPAddress network, int prefix)
    {
        if (address.AddressFamily != network.AddressFamily) return false;
        var (left, right) = (address.GetAddressBytes(), network.GetAddressBytes());
        for (var i = 0; i < left.Length && prefix > 0; i++, prefix -= 8)
        {
            var mask = prefix >= 8 ? 0xff : 0xff << (8 - prefix) & 0xff;
            if (((left[i] ^ right[i]) & mask) != 0) return false;
        }
        return true;
    }

    /// <summary>What the macro i stands for: an IPv4 address as ever, an IPv6 address digit by digit with dots (RFC 7208 section 7.3).</summary>
    public static string Dotted(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return address.ToString();
        var digits = new StringBuilder();
        foreach (var octet in address.GetAddressBytes())
        {
            digits.Append(Digit(octet >> 4)).Append('.').Append(Digit(octet & 15)).Append('.');
        }
        return digits.ToString(0, digits.Length - 1);
    }

    /// <summary>What the macro c stands for: the address as people read it.</summary>
    public static string Readable(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()).ToString() : address.ToString();

    private static char Digit(int value) => "0123456789abcdef"[value];
}
