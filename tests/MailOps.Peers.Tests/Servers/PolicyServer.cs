using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A web server that has the MTA-STS policies of domains (RFC 8461 section 3.3), on port 443 of an address of the test's own network.</summary>
internal sealed class PolicyServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2 _certificate;
    private readonly IReadOnlyDictionary<string, string> _policies;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly Task _accepting;

    /// <summary>Starts it.</summary>
    /// <param name="address">Where.</param>
    /// <param name="certificate">What it shows, whatever name it is asked for.</param>
    /// <param name="policies">The policy of each domain.</param>
    public PolicyServer(string address, IssuedCertificate certificate, IReadOnlyDictionary<string, string> policies)
    {
        _policies = policies;
        _certificate = X509Certificate2.CreateFromPemFile(certificate.ChainFile, certificate.KeyFile);
        _listener = new TcpListener(IPAddress.Parse(address), 443);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The hosts it was asked for over a TLS session that the client took.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>The names that clients asked for in the handshake.</summary>
    public ConcurrentQueue<string> Greeted { get; } = [];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    (_, hello, _, _) =>
                    {
                        Greeted.Enqueue(hello.ServerName);
                        return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = _certificate });
                    },
                    null, _stop.Token);
                await AnswerAsync(new Wire(tls));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or AuthenticationException)
            {
                // The client did not like the certificate, or the test is over.
            }
        }
    }

    private async Task AnswerAsync(Wire wire)
    {
        var request = await wire.LineAsync(_stop.Token);
        var host = "";
        for (var line = await wire.LineAsync(_stop.Token); line.Length > 0; line = await wire.LineAsync(_stop.Token))
            if (line.StartsWith("Host: ", StringComparison.OrdinalIgnoreCase)) host = line["Host: ".Length..];
        Asked.Enqueue(host);
        var found = request.StartsWith("GET /.well-known/mta-sts.txt ", StringComparison.Ordinal) && host.StartsWith("mta-sts.", StringComparison.Ordinal)
            ? _policies.GetValueOrDefault(host["mta-sts.".Length..]) : null;
        var status = found is null ? "404 Not Found" : "200 OK";
        await wire.SendAsync($"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {Encoding.Latin1.GetByteCount(found ?? "")}\r\nConnection: close\r\n\r\n{found}", _stop.Token);
    }
}
