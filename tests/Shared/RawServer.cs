using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace MailOps.Tests.Shared;

/// <summary>A server on loopback that does with each connection whatever a test says.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Stream, CancellationToken, Task> _serve;

    public RawServer(Func<Stream, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Says something at once, and then only listens.</summary>
    public static RawServer Saying(string text) => new(async (stream, stop) =>
    {
        await SayAsync(stream, text, stop);
        await ListenAsync(stream, stop);
    });

    public static Task SayAsync(Stream stream, string text, CancellationToken stop) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop).AsTask();

    public static async Task ListenAsync(Stream stream, CancellationToken stop)
    {
        while (await stream.ReadAsync(new byte[4096], stop) > 0)
        {
        }
    }

    /// <summary>A line, without its end; null where the client has gone.</summary>
    public static async Task<string?> LineAsync(Stream stream, CancellationToken stop)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, stop) == 1)
        {
            if (one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }
        return null;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // the end of the test
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client) await _serve(client.GetStream(), _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException or AuthenticationException)
        {
            // the client has gone, or the test is over
        }
    }
}
