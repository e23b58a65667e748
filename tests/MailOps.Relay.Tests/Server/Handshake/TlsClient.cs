using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace MailOps.Relay.Tests.Server.Handshake;

/// <summary>Shakes hands with a listener and tells what it was shown.</summary>
internal static class TlsClient
{
    /// <summary>The common name of the certificate that a client sees which asks for a server name; null for a client that asks for none.</summary>
    public static async Task<string> SubjectAsync(TestServer server, string? serverName, SslProtocols versions = SslProtocols.None, int listener = 0)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, server.Server.Listeners[listener].Port, TestContext.Current.CancellationToken);
        await using var tls = await SecureAsync(tcp.GetStream(), serverName, versions);
        return tls.RemoteCertificate!.Subject["CN=".Length..];
    }

    /// <summary>A client that has gone over to TLS by STARTTLS, as the options say.</summary>
    public static async Task<TestClient> StartTlsAsync(TestServer server, SslClientAuthenticationOptions options)
    {
        var plain = await server.ConnectAsync();
        await plain.AskAsync("EHLO x");
        await plain.AskAsync("STARTTLS");
        var tls = new SslStream(plain.Stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(options);
        return new TestClient(null, tls);
    }

    public static async Task<SslStream> SecureAsync(Stream stream, string? serverName, SslProtocols versions = SslProtocols.None)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = serverName ?? "", EnabledSslProtocols = versions, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
            TestContext.Current.CancellationToken);
        return tls;
    }
}
