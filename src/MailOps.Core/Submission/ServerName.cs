using System.Net;
using System.Net.Sockets;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>The server that a user names: a host name or an address.</summary>
internal static class ServerName
{
    /// <summary>The name as the DNS has it, or the address without its brackets.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.InvalidDomain"/>: it is neither.</exception>
    public static string Read(string text)
    {
        var server = text.Trim().Trim('[', ']');
        if (IsAddress(server)) return server;
        return DomainName.TryToAscii(server, out server) && !EndsInNumber(server)
            ? server
            : throw new MailOpsException(ErrorCode.InvalidDomain, $"'{Printable.Escape(text)}' is not the name of a server.", "Write a host name or an IP address, and the port with -Port.");
    }

    /// <summary>Whether it is an address as people write one: IPAddress takes a number for one, "587" for 0.0.2.75, where a port in the wrong place was meant.</summary>
    public static bool IsAddress(string text) => IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    /// <summary>Whether a name ends in a number, as no top-level domain does (RFC 3696 section 2): what resolves it takes it for an address.</summary>
    public static bool EndsInNumber(string name)
    {
        var last = name.TrimEnd('.');
        last = last.Substring(last.LastIndexOf('.') + 1);
        return last.All(char.IsDigit) || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last.Skip(2).All(Uri.IsHexDigit));
    }

    /// <summary>Server and port, as they are shown.</summary>
    public static string Endpoint(string server, int port) => FormattableString.Invariant(server.Contains(':') ? $"[{server}]:{port}" : (FormattableString)$"{server}:{port}");

    /// <summary>Whether what is sent there stays on this machine.</summary>
    public static bool IsLoopback(string server) =>
        string.Equals(server, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(server, out var address) && IPAddress.IsLoopback(address));

    /// <summary>This machine's name in EHLO: its full name, or else the address literal of its end of the connection (RFC 5321 section 4.1.4).</summary>
    public static string Own(IPAddress local)
    {
        var name = System.Net.Dns.GetHostName();
        if (name.Contains('.') && EmailAddress.TryParse("x@" + name, out _)) return name;
        return local.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{local.ToString().Split('%')[0]}]" : $"[{local}]";
    }
}
