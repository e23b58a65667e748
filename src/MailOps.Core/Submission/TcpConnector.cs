using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace MailOps.Submission;

/// <summary>Connects to a server by its name.</summary>
/// <remarks>A socket cannot be cancelled on .NET Framework, so a token closes it.</remarks>
internal static class TcpConnector
{
    /// <summary>Connects to the first of the server's addresses that answers, in the order the resolver gives them.</summary>
    /// <param name="server">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="timeout">How long all of it may take; what is left is shared among the addresses that are left, so that one behind a firewall does not keep the others from being tried.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SocketException">The name does not resolve, or no address answers.</exception>
    /// <exception cref="TimeoutException">Nothing answered in time.</exception>
    public static async Task<Socket> ConnectAsync(string server, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var addresses = await LookUpAsync(server, timeout, cancellationToken).ConfigureAwait(false);
        return await ConnectAsync(addresses, port, timeout - clock.Elapsed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects to the first of several addresses that answers.</summary>
    internal static async Task<Socket> ConnectAsync(IPAddress[] addresses, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; ; i++)
        {
            try
            {
                var share = TimeSpan.FromTicks(Math.Max(0, (timeout - clock.Elapsed).Ticks) / (addresses.Length - i));
                return await ConnectAsync(new IPEndPoint(addresses[i], port), share, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or TimeoutException && i + 1 < addresses.Length)
            {
                // The next may answer, and if none does, the last one's fault is told.
            }
        }
    }

    private static async Task<IPAddress[]> LookUpAsync(string server, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Cancellation.Bounded(timeout));
#if NET
        var lookup = System.Net.Dns.GetHostAddressesAsync(server, deadline.Token);
#else
        var lookup = System.Net.Dns.GetHostAddressesAsync(server);
#endif
        try
        {
            await lookup.OrCancelledAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the name was not resolved in time", e);
        }
        var addresses = await lookup.ConfigureAwait(false);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Cancellation.Bounded(timeout));
        try
        {
            using (deadline.Token.Register(static state => ((Socket)state!).Dispose(), socket)) await socket.ConnectAsync(endpoint).ConfigureAwait(false);
            if (deadline.IsCancellationRequested) throw new ObjectDisposedException(nameof(Socket));   // connected, and closed at the same moment
            return socket;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (deadline.IsCancellationRequested) throw new TimeoutException("no answer in time", e);
            if (e is ObjectDisposedException) throw new SocketException((int)SocketError.OperationAborted);
            ExceptionDispatchInfo.Capture(e).Throw();
            throw;
        }
    }
}
