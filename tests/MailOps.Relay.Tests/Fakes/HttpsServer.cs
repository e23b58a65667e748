using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>A request as a web server received it.</summary>
internal sealed record HttpsRequest(string Line, IReadOnlyDictionary<string, string> Header, byte[] Body);

/// <summary>What a web server answers.</summary>
internal sealed record HttpsResponse(int Status, string? ContentType, byte[] Body)
{
    public string Header { get; init; } = "";

    /// <summary>The body ends later than it comes.</summary>
    public bool Stalls { get; init; }

    public static HttpsResponse Text(string text) => new(200, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));
}

/// <summary>A web server on loopback with real TLS, to which clients connect in the place of any host and port.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly List<HttpsRequest> _requests = [];
    private readonly List<IPEndPoint> _connected = [];
    private readonly List<Task> _sessions = [];
    private readonly X509Certificate2 _certificate;
    private readonly Task _accepting;

    public HttpsServer(X509Certificate2? certificate)
    {
        Assert.SkipWhen(certificate is null, "Certificates are trusted for this process alone on Linux only.");
        _certificate = certificate!;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The answer to a request.</summary>
    public Func<HttpsRequest, HttpsResponse> On { get; set; } = _ => new HttpsResponse(404, null, []);

    public IReadOnlyList<HttpsRequest> Requests
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    /// <summary>Where clients wanted to connect to.</summary>
    public IReadOnlyList<IPEndPoint> Connected
    {
        get
        {
            lock (_gate) return [.. _connected];
        }
    }

    /// <summary>Connects a client to this server, wherever it wants to.</summary>
    public async ValueTask<Stream> ConnectAsync(IPEndPoint at, CancellationToken cancellationToken)
    {
        lock (_gate) _connected.Add(at);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync((IPEndPoint)_listener.LocalEndpoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stopped.Token);
                _sessions.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stopped.Token);
            if (await ReadAsync(tls) is not { } request) return;
            var response = On(request);
            lock (_gate) _requests.Add(request);   // before anybody hears of it, and may look
            var length = response.Body.Length + (response.Stalls ? 1 : 0);
            var type = response.ContentType is { } given ? $"Content-Type: {given}\r\n" : "";
            var head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.Status} As told\r\n{type}{response.Header}Content-Length: {length}\r\nConnection: close\r\n\r\n");
            await tls.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. response.Body], _stopped.Token);
            if (response.Stalls) await Task.Delay(Timeout.Infinite, _stopped.Token);
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or AuthenticationException)
        {
            // The client has gone, or the test is over.
        }
    }

    private async Task<HttpsRequest?> ReadAsync(SslStream tls)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head is not [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
        {
            if (await tls.ReadAsync(one, _stopped.Token) == 0) return null;
            head.Add(one[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var header = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[header.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await tls.ReadExactlyAsync(body, _stopped.Token);
        return new HttpsRequest(lines[0], header, body);
    }
}
