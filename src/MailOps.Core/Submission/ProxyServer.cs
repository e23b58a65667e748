using System.Net;
using MailKit.Net.Proxy;

namespace MailOps.Submission;

/// <summary>A proxy through which a server is reached, as MailKit wants it.</summary>
internal static class ProxyServer
{
    private const string Schemes = "Write socks5://, socks4a://, socks4://, http:// (CONNECT) or https://, then host and port, as in socks5://proxy.example.com:1080.";

    /// <summary>The client for a proxy.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.ProxyFailed"/>: the address is not one of a proxy.</exception>
    public static ProxyClient Client(Uri proxy, NetworkCredential? credential)
    {
        if (!proxy.IsAbsoluteUri || proxy.Host.Length == 0) throw new MailOpsException(ErrorCode.ProxyFailed, $"'{Shown(proxy)}' is not the address of a proxy.", Schemes);
        if (proxy.UserInfo.Length > 0) throw new MailOpsException(ErrorCode.ProxyFailed, "The address of the proxy holds a user name.", "Give user and password with -ProxyCredential: an address is shown in errors and logs.");
        var (host, port) = (proxy.DnsSafeHost, proxy.Port);
        var who = credential ?? new NetworkCredential("", "");
        return (proxy.Scheme.ToUpperInvariant(), credential) switch
        {
            ("SOCKS5", null) => new Socks5Client(host, Port(port, 1080)),
            ("SOCKS5", _) => new Socks5Client(host, Port(port, 1080), who),
            ("SOCKS4A", null) => new Socks4aClient(host, Port(port, 1080)),
            ("SOCKS4A", _) => new Socks4aClient(host, Port(port, 1080), who),
            ("SOCKS4", null) => new Socks4Client(host, Port(port, 1080)),
            ("SOCKS4", _) => new Socks4Client(host, Port(port, 1080), who),
            ("HTTP", null) => new HttpProxyClient(host, port),
            ("HTTP", _) => new HttpProxyClient(host, port, who),
            ("HTTPS", null) => new HttpsProxyClient(host, port),
            ("HTTPS", _) => new HttpsProxyClient(host, port, who),
            _ => throw new MailOpsException(ErrorCode.ProxyFailed, $"'{proxy.Scheme}' is not a kind of proxy that is known.", Schemes),
        };
    }

    /// <summary>The address without what it might hold of a secret.</summary>
    public static string Shown(Uri proxy) => proxy.IsAbsoluteUri ? $"{proxy.Scheme}://{ServerName.Endpoint(proxy.DnsSafeHost, Port(proxy.Port, 1080))}" : Messages.Printable.Escape(proxy.OriginalString);

    private static int Port(int given, int standard) => given > 0 ? given : standard;
}
