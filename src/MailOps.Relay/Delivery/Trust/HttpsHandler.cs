using System.Net;
using System.Net.Sockets;
using MailOps.Dns;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>Connects to web servers that others have named: by the relay's own DNS, verified by the system's roots, without redirections, cookies or a proxy.</summary>
internal static class HttpsHandler
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <param name="dns">Who knows the addresses.</param>
    /// <param name="connect">Connects to one address; null for TCP, which does not connect to this machine.</param>
    public static SocketsHttpHandler Create(IDnsResolver dns, Func<IPEndPoint, CancellationToken, ValueTask<Stream>>? connect = null) => new()
    {
        AllowAutoRedirect = false,   // RFC 8461 section 3.3: a redirection must not be followed
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),   // one question a day
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, dns, connect ?? ConnectAsync, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, IDnsResolver dns, Func<IPEndPoint, CancellationToken, ValueTask<Stream>> connect, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveAddressesAsync(host.Host, cancellationToken).ConfigureAwait(false);
        if (answer.Status != DnsStatus.Found) throw new IOException(answer.Status == DnsStatus.Failed ? $"the DNS gave no answer for {host.Host}: {answer.Detail}" : $"{host.Host} has no address");
        SocketException? last = null;
        foreach (var address in answer.Records.Take(4))
        {
            try
            {
                return await connect(new IPEndPoint(address, host.Port), cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }
        throw new IOException($"no connection to {host.Host}: {last!.SocketErrorCode}", last);
    }

    // A stranger chooses the name: what listens on this machine, for this machine alone, is not for him to talk to.
    private static async ValueTask<Stream> ConnectAsync(IPEndPoint at, CancellationToken cancellationToken)
    {
        var address = at.Address.IsIPv4MappedToIPv6 ? at.Address.MapToIPv4() : at.Address;
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) throw new IOException($"{address} is this machine");
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(at, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
