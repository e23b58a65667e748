using System.Security.Authentication;

namespace MailOps.Relay.Tests.Server.Handshake;

public sealed class SniTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-sni-").FullName;

    [Theory]
    [InlineData(null, "default")]
    [InlineData("mx.example.test", "default")]            // the default names it exactly, which beats the wildcard
    [InlineData("smtp.example.test", "wildcard")]
    [InlineData("SMTP.Example.TEST", "wildcard")]
    [InlineData("a.smtp.example.test", "default")]        // RFC 6125 section 6.4.3: one label only
    [InlineData("example.test", "default")]
    [InlineData("smtp.example.org", "exact")]
    [InlineData("other.example.org", "wildcard")]
    [InlineData("by-common-name.test", "by-common-name.test")]
    [InlineData("exact", "default")]                      // RFC 6125 section 6.4.4: the common name beside DNS names names nothing
    [InlineData("unknown.test", "default")]
    public async Task The_certificate_is_the_one_for_the_name_the_client_asks_for(string? name, string subject)
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with
        {
            Tls = TlsMode.Implicit,
            Certificate = new CertificateFiles(_folder, "default").Write("default", "mx.example.test").Options,
            SniCertificates =
            [
                new CertificateFiles(_folder, "wildcard").Write("wildcard", "*.example.test", "*.example.org").Options,
                new CertificateFiles(_folder, "exact").Write("exact", "smtp.example.org").Options,
                new CertificateFiles(_folder, "cn").Write("by-common-name.test").Options,
            ],
        }));
        Assert.Equal(subject, await TlsClient.SubjectAsync(server, name));
        Assert.Equal(["CN=default", "CN=wildcard", "CN=exact", "CN=by-common-name.test"], [server.Server.Listeners[0].Certificate!.Subject, .. server.Server.Listeners[0].SniCertificates.Select(c => c.Subject)]);
        Assert.All(server.Server.Listeners[0].SniCertificates, c => Assert.False(c.HasPrivateKey));
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task A_listener_takes_no_TLS_older_than_it_was_told()
    {
        await using var server = TestServer.Start(with: o => o with
        {
            Listeners = [.. new[] { TlsVersion.Tls12, TlsVersion.Tls13 }.Select(oldest => o.Listeners[0] with { Tls = TlsMode.Implicit, MinTlsVersion = oldest })],
        });
        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 }) Assert.Equal("mx.example.test", await TlsClient.SubjectAsync(server, null, version));
        Assert.Equal("mx.example.test", await TlsClient.SubjectAsync(server, null, SslProtocols.Tls13, listener: 1));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TlsClient.SubjectAsync(server, null, SslProtocols.Tls12, listener: 1));
        Assert.True(refused is AuthenticationException or IOException, refused.ToString());
        Assert.Empty(server.Server.Warnings);
    }

    [Fact]
    public async Task A_listener_that_takes_an_old_TLS_warns_and_takes_the_new_ones_all_the_same()
    {
        await using var server = TestServer.Start(with: o => o with
        {
            Listeners = [o.Listeners[0], o.Listeners[0] with { Tls = TlsMode.Implicit, MinTlsVersion = TlsVersion.Tls10 }, o.Listeners[0] with { Tls = TlsMode.None, MinTlsVersion = TlsVersion.Tls10 }],
        });
        Assert.StartsWith($"The listener 127.0.0.1:{server.Server.Listeners[1].Port} takes TLS 1.0, which is broken (RFC 8996)", Assert.Single(server.Server.Warnings), StringComparison.Ordinal);
        Assert.Equal([TlsVersion.Tls12, TlsVersion.Tls10, null], server.Server.Listeners.Select(l => l.MinTlsVersion));
        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 }) Assert.Equal("mx.example.test", await TlsClient.SubjectAsync(server, null, version, listener: 1));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
