using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MailOps.Tests.Shared;

/// <summary>A proxy on loopback that speaks SOCKS5 (RFC 1928, RFC 1929) or HTTP CONNECT, whichever the first byte shows, and leads every name to one port of this machine.</summary>
internal sealed class LoopbackProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly string? _secret;

    /// <param name="target">The port to which all connections lead; 0 to refuse them.</param>
    /// <param name="secret"><c>user:password</c>, or null where nobody has to say who they are.</param>
    public LoopbackProxy(int target, string? secret = null)
    {
        (_target, _secret) = (target, secret);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The names and ports that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var first = await ReadAsync(stream, 1);
                if (!(first[0] == 5 ? await SocksAsync(stream) : await HttpAsync(stream, (char)first[0]))) return;
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                await Task.WhenAny(stream.CopyToAsync(server.GetStream(), _stop.Token), server.GetStream().CopyToAsync(stream, _stop.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client or the test is gone.
            }
        }
    }

    private async Task<bool> SocksAsync(NetworkStream stream)
    {
        var methods = await ReadAsync(stream, (await ReadAsync(stream, 1))[0]);
        var method = (byte)(_secret is null ? 0 : 2);
        if (!methods.Contains(method))
        {
            await stream.WriteAsync(new byte[] { 5, 0xFF }, _stop.Token);
            return false;
        }
        await stream.WriteAsync(new byte[] { 5, method }, _stop.Token);
        if (_secret is not null)
        {
            await ReadAsync(stream, 1);
            var user = await TextAsync(stream);
            var right = $"{user}:{await TextAsync(stream)}" == _secret;
            await stream.WriteAsync(new byte[] { 1, (byte)(right ? 0 : 1) }, _stop.Token);
            if (!right) return false;
        }
        var request = await ReadAsync(stream, 4);
        var name = request[3] == 3 ? await TextAsync(stream) : new IPAddress(await ReadAsync(stream, request[3] == 1 ? 4 : 16)).ToString();
        var port = await ReadAsync(stream, 2);
        Asked.Enqueue($"{name}:{(port[0] << 8) | port[1]}");
        await stream.WriteAsync(new byte[] { 5, (byte)(_target == 0 ? 5 : 0), 0, 1, 127, 0, 0, 1, 0, 0 }, _stop.Token);
        return _target != 0;
    }

    private async Task<bool> HttpAsync(NetworkStream stream, char first)
    {
        var head = new StringBuilder().Append(first);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) head.Append((char)(await ReadAsync(stream, 1))[0]);
        var lines = head.ToString().Split("\r\n");
        Asked.Enqueue(lines[0].Split(' ')[1]);
        var wanted = _secret is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(_secret));
        var allowed = wanted is null || lines.Any(line => line.StartsWith("Proxy-Authorization:", StringComparison.OrdinalIgnoreCase) && line.EndsWith(wanted, StringComparison.Ordinal));
        var answer = !allowed ? "407 Proxy Authentication Required" : _target == 0 ? "502 Bad Gateway" : "200 Connection established";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\n\r\n"), _stop.Token);
        return allowed && _target != 0;
    }

    private async Task<string> TextAsync(NetworkStream stream) => Encoding.UTF8.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));

    private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, _stop.Token);
        return bytes;
    }
}
