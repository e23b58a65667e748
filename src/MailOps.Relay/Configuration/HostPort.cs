using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using MailOps.Messages;

namespace MailOps.Relay.Configuration;

/// <summary>A server as configurations write it: <c>host</c>, <c>host:port</c>, <c>192.0.2.1:25</c>, <c>[2001:db8::1]:25</c>, <c>unix:/path</c>.</summary>
/// <param name="Host">The name or address without brackets; empty for a Unix socket.</param>
/// <param name="Port">The port; 0 where the text names none, unless a default was given.</param>
/// <param name="UnixPath">The path of a Unix socket, or null.</param>
public sealed record HostPort(string Host, int Port, string? UnixPath = null)
{
    /// <summary>Reads one; false where the text is not one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultPort">The port where the text names none.</param>
    /// <param name="result">Host and port.</param>
    public static bool TryParse(string? text, int defaultPort, [NotNullWhen(true)] out HostPort? result)
    {
        result = null;
        if (text is null or "") return false;
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            if (text.Length > 5) result = new HostPort("", 0, text[5..]);
            return result is not null;
        }
        var (host, port) = Split(text);
        var number = defaultPort;
        if (port is not null && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 65535)) return false;
        var isAddress = IPAddress.TryParse(host, out _);
        if (!isAddress && !EmailAddress.IsDomain(host)) return false;
        result = new HostPort(host, number);
        return true;
    }

    /// <summary>Whether the text names a server that can be reached: one with a port other than 0, and no address that is no machine's.</summary>
    internal static bool IsServer(string? text, int defaultPort) =>
        TryParse(text, defaultPort, out var server) && (server.UnixPath is not null || (server.Port > 0 && WhyNoHost(text) is null));

    /// <summary>Why the address that the text names can be no server's, as the end of a sentence; null where it can, or is a name.</summary>
    internal static string? WhyNoHost(string? text) => TryParse(text, 1, out var server) && IPAddress.TryParse(server.Host, out _) ? HostAddress.WhyNot(server.Host) : null;

    /// <summary>The text form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() =>
        UnixPath is not null ? "unix:" + UnixPath : (Host.Contains(':') ? "[" + Host + "]:" : Host + ":") + Port.ToString(CultureInfo.InvariantCulture);

    private static (string Host, string? Port) Split(string text)
    {
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']');
            if (close < 0) return (text, null);
            if (close == text.Length - 1) return (text[1..close], null);
            return text[close + 1] == ':' ? (text[1..close], text[(close + 2)..]) : (text, null);
        }
        var colon = text.LastIndexOf(':');
        var several = colon > 0 && text.IndexOf(':') != colon;   // an IPv6 address without brackets and port
        return colon < 0 || several ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }
}
