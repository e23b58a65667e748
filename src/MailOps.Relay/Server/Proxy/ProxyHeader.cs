using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailOps.Relay.Server.Proxy;

/// <summary>
/// What a load balancer says before the client's own bytes, by HAProxy's PROXY protocol: version 1 is a line of text, version 2 is binary. Only the client's
/// address and port are of use here; where there are none (a health check of the balancer's own), the connection is taken for what it is.
/// </summary>
internal static class ProxyHeader
{
    /// <summary>The bytes by which the version is told; the shortest header of either is longer.</summary>
    public const int BeginningLength = 12;

    /// <summary>The longest header of version 1, with its CR LF.</summary>
    public const int MaxTextLength = 107;

    /// <summary>The beginning of version 2 and the fields up to the length of what follows.</summary>
    public const int FixedLength = 16;

    /// <summary>What may follow in version 2: addresses, and more about the connection, which is passed over. The protocol asks for 520; certificates' names need more.</summary>
    public const int MaxRestLength = 4096;

    private const byte Local = 0x20, Proxied = 0x21, TcpOverIPv4 = 0x11, TcpOverIPv6 = 0x21;

    /// <summary>Whether this begins version 2.</summary>
    public static bool IsBinary(ReadOnlySpan<byte> beginning) => beginning.SequenceEqual("\r\n\r\n\0\r\nQUIT\n"u8);

    /// <summary>Whether this begins version 1.</summary>
    public static bool IsText(ReadOnlySpan<byte> beginning) => beginning.StartsWith("PROXY "u8);

    /// <summary>The client of a header of version 1; null for UNKNOWN.</summary>
    /// <param name="line">The header with its CR LF.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPEndPoint? ReadText(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith("\r\n"u8)) throw new FormatException("The line does not end with CR LF.");
        var text = Encoding.Latin1.GetString(line[..^2]);
        var words = text.Split(' ');
        if (words[0] == "PROXY" && words.Length > 1 && words[1] == "UNKNOWN") return null;
        var family = words is ["PROXY", "TCP4", ..] ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (words is not ["PROXY", "TCP4" or "TCP6", _, _, var from, var to] || !IsPort(from) || !IsPort(to)) throw new FormatException("The line is not PROXY, TCP4 or TCP6, two addresses and two ports.");
        if (Address(words[3], family) is null || Address(words[2], family) is not { } client) throw new FormatException($"The addresses are not two of {words[1]}.");
        return new IPEndPoint(client, ushort.Parse(from, CultureInfo.InvariantCulture));
    }

    /// <summary>How much follows the fixed part of version 2.</summary>
    /// <exception cref="FormatException">It is none, or more than there may be.</exception>
    public static int RestLength(ReadOnlySpan<byte> fixedPart)
    {
        if (fixedPart[12] is not (Local or Proxied)) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Version and command are 0x{fixedPart[12]:X2}, neither LOCAL nor PROXY of version 2."));
        var length = BinaryPrimitives.ReadUInt16BigEndian(fixedPart[14..]);
        return length <= MaxRestLength ? length : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The header says that {length} bytes follow; at most {MaxRestLength} may."));
    }

    /// <summary>The client of a header of version 2; null for LOCAL.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPEndPoint? ReadBinary(ReadOnlySpan<byte> fixedPart, ReadOnlySpan<byte> rest)
    {
        if (fixedPart[12] == Local) return null;
        // Client, server, their ports. An unknown client must not get the balancer's own rights, so only TCP will do.
        return fixedPart[13] switch
        {
            TcpOverIPv4 when rest.Length >= 12 => new IPEndPoint(new IPAddress(rest[..4]), BinaryPrimitives.ReadUInt16BigEndian(rest[8..])),
            TcpOverIPv6 when rest.Length >= 36 => new IPEndPoint(new IPAddress(rest[..16]), BinaryPrimitives.ReadUInt16BigEndian(rest[32..])),
            TcpOverIPv4 or TcpOverIPv6 => throw new FormatException("The header is too short for its addresses."),
            var family => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Family and transport are 0x{family:X2}, which is not TCP over IPv4 or IPv6.")),
        };
    }

    private static IPAddress? Address(string text, AddressFamily family)
    {
        // "1", "0x7f.1" and "::1%eth0" are addresses to the parser.
        var allowed = family == AddressFamily.InterNetwork ? text.All(c => char.IsAsciiDigit(c) || c == '.') && text.Count(c => c == '.') == 3 : text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.');
        return allowed && IPAddress.TryParse(text, out var address) && address.AddressFamily == family ? address : null;
    }

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
