using System.Net;
using System.Net.Sockets;
using MailOps.Dns;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>Connects to web servers that others have named: by the relay's own DNS, verified by the system's roots, without redirections, cookies or a proxy.</summary>
internal static class HttpsHandler
{
    // Of all of it, the DNS and TLS as well, and of each address: one that packets vanish to must leave time for the next.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(45), AddressTimeout = TimeSpan.FromSeconds(5);
    private const int MaxAddresses = 4;

    /// <param name="dns">Who knows the addresses.</param>
    /// <param name="connect">Connects to one address; null for TCP, which does not connect to this machine.</param>
    /// <param name="clock">Time; null for the system's.</param>
    public static SocketsHttpHandler Create(IDnsResolver dns, Func<IPEndPoint, CancellationToken, ValueTask<Stream>>? connect = null, TimeProvider? clock = null) => new()
    {
        AllowAutoRedirect = false,   // RFC 8461 section 3.3: a redirection must not be followed
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),   // one question a day
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, dns, connect ?? ConnectAsync, clock ?? TimeProvider.System, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, IDnsResolver dns, Func<IPEndPoint, CancellationToken, ValueTask<Stream>> connect, TimeProvider clock, CancellationToken cancellationToken)
    {
        var answer = await dns.ResolveAddressesAsync(host.Host, cancellationToken).ConfigureAwait(false);
        if (answer.Status != DnsStatus.Found) throw new IOException(answer.Status == DnsStatus.Failed ? $"the DNS gave no answer for {host.Host}: {answer.Detail}" : $"{host.Host} has no address");
        SocketException? last = null;
        foreach (var address in InTurn(answer.Records))
        {
            using var late = new CancellationTokenSource(AddressTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            try
            {
                return await connect(new IPEndPoint(address, host.Port), either.Token).ConfigureAwait(false);
            }
            catch (SocketException e)
            {
                last = e;
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                last = new SocketException((int)SocketError.TimedOut);
            }
        }
        throw new IOException($"no connection to {host.Host}: {last!.SocketErrorCode}", last);
    }

    // One family after the other: where one leads nowhere, the other has its turn.
    private static IEnumerable<IPAddress> InTurn(IReadOnlyList<IPAddress> addresses) =>
        addresses.GroupBy(address => address.AddressFamily).SelectMany(family => family.Index()).OrderBy(one => one.Index).Select(one => one.Item).Take(MaxAddresses);

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
