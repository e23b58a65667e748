using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Relay.Server;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Tests.Server.Handshake;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>EXTERNAL and channel binding over real TLS.</summary>
public sealed class ExternalTests : IDisposable
{
    private readonly ClientAuthority _authority = new();
    private readonly string _file = Path.GetTempFileName();

    public ExternalTests() => File.WriteAllText(_file, _authority.Pem);

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(_file);
    }

    [Theory]
    [InlineData("CN=printer, O=Example", null, "printer")]
    [InlineData("O=Example", null, null)]                                       // names nobody
    [InlineData("CN=a, CN=b", null, null)]                                       // names two
    [InlineData("CN=printer\u0007", null, null)]                                // a name that no user file could have, to shut it out
    [InlineData("CN=\uFF50rinter", null, "printer")]                            // names are compared as they are prepared
    [InlineData("CN=printer", new[] { "ada@example.test" }, "printer")]
    public void The_common_name_is_the_user(string subject, string[]? emails, string? user) => Assert.Equal(user, UserOf(_authority.Client(subject, emails), CertificateUserName.CommonName));

    [Theory]
    [InlineData(new[] { "ada@example.test" }, "ada@example.test")]
    [InlineData(new[] { "ada@example.test", "bob@example.test" }, null)]
    [InlineData(new string[0], null)]
    [InlineData(null, null)]
    public void Or_the_one_address_among_the_alternative_names(string[]? emails, string? user) => Assert.Equal(user, UserOf(_authority.Client("CN=printer", emails), CertificateUserName.Email));

    [Fact]
    public void A_certificate_of_another_authority_for_servers_or_out_of_date_proves_nothing()
    {
        using var other = new ClientAuthority();
        Assert.Null(UserOf(other.Client("printer"), CertificateUserName.CommonName));
        Assert.Null(UserOf(_authority.Client("printer", forServers: true), CertificateUserName.CommonName));
        Assert.Null(UserOf(_authority.Client("printer", fromDays: -3, toDays: -1), CertificateUserName.CommonName));
        Assert.Null(UserOf(_authority.Client("printer", fromDays: 1, toDays: 2), CertificateUserName.CommonName));
    }

    [Theory]
    [InlineData(-1, 1, true)]
    [InlineData(-3, -1, false)]
    public void A_pinned_certificate_is_believed_for_itself_as_long_as_it_is_valid(int from, int to, bool believed)
    {
        using var other = new ClientAuthority();
        using var certificate = other.Client("printer", fromDays: from, toDays: to);
        var print = string.Join(':', certificate.GetCertHashString(HashAlgorithmName.SHA256).Chunk(2).Select(c => new string(c))).ToUpperInvariant();
        var clients = ClientCertificates.Of(new ListenerOptions { ClientCertificates = new ClientCertificateOptions { Thumbprints = [print] } }, TimeProvider.System)!;
        Assert.Equal(believed ? "printer" : null, clients.UserOf(certificate));
    }

    [Fact]
    public async Task A_client_that_shows_its_certificate_is_offered_EXTERNAL_and_needs_no_password()
    {
        await using var server = Start();
        using var certificate = _authority.Client("printer");
        await using var client = await SecureAsync(server, certificate);
        Assert.EndsWith("250 AUTH EXTERNAL PLAIN LOGIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        Assert.Equal("334 ", await client.AskAsync("AUTH EXTERNAL"));
        Assert.Equal("235 2.7.0 Authentication successful", await client.AskAsync(""));
        await client.AskAsync("MAIL FROM:<a@example.test>");
        await client.AskAsync("RCPT TO:<b@example.test>");
        await client.AskAsync("DATA");
        await client.AskAsync("\r\n.");
        Assert.Equal(("printer", "ESMTPSA"), (server.Target.Taken.Single().Sender.Origin!.UserName, server.Target.Taken.Single().Sender.Origin!.Protocol));
    }

    [Fact]
    public async Task A_user_who_was_shut_out_does_not_come_in_by_certificate_at_the_next_login()
    {
        var path = _file + ".users";
        try
        {
            var file = new UsersFile(path, TimeProvider.System);
            var keys = ScramHash.All.Select(hash => ScramKeys.Derive(hash, "of no account"u8, "a salt of its own"u8.ToArray(), 5000));
            await file.ChangeAsync((_, _) => [new RelayUser("printer") { Keys = [.. keys] }], TestContext.Current.CancellationToken);
            using var users = new UserDirectory([], file, new RecordingTrace(), new FakeTimeProvider());   // it looks by itself only when that clock is turned
            await using var server = Start(users: users);
            using var certificate = _authority.Client("printer");
            foreach (var (enabled, reply) in new[] { (true, "235 2.7.0"), (false, "535 5.7.8") })
            {
                await file.ChangeAsync((known, _) => [known[0] with { Enabled = enabled }], TestContext.Current.CancellationToken);
                await using var client = await SecureAsync(server, certificate);
                await client.AskAsync("EHLO x");
                Assert.StartsWith(reply, await client.AskAsync("AUTH EXTERNAL ="), StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (var left in Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + "*")) File.Delete(left);
        }
    }

    [Fact]
    public async Task The_client_a_proxy_speaks_for_has_not_shown_the_proxys_certificate()
    {
        await using var server = Start(l => l with { XclientNetworks = ["127.0.0.1"] });
        using var certificate = _authority.Client("printer");
        await using var client = await SecureAsync(server, certificate);
        Assert.Contains("250 AUTH EXTERNAL ", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        Assert.StartsWith("220 ", await client.AskAsync("XCLIENT ADDR=192.0.2.7"), StringComparison.Ordinal);
        Assert.DoesNotContain("EXTERNAL", await client.AskAsync("EHLO y"), StringComparison.Ordinal);
        Assert.StartsWith("504 5.5.4", await client.AskAsync("AUTH EXTERNAL ="), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=", "235 2.7.0")]
    [InlineData("cHJpbnRlcg==", "235 2.7.0")]                                   // printer
    [InlineData("b3RoZXI=", "535 5.7.8")]                                       // other
    public async Task Nobody_acts_for_another(string identity, string reply)
    {
        await using var server = Start();
        using var certificate = _authority.Client("printer");
        await using var client = await SecureAsync(server, certificate);
        await client.AskAsync("EHLO x");
        Assert.StartsWith(reply, await client.AskAsync("AUTH EXTERNAL " + identity), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_without_a_certificate_or_with_one_of_a_stranger_can_do_all_but_EXTERNAL(bool shows)
    {
        using var other = new ClientAuthority();
        using var certificate = other.Client("printer");
        await using var server = Start();
        await using var client = await SecureAsync(server, shows ? certificate : null);
        Assert.EndsWith("250 AUTH PLAIN LOGIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        Assert.Equal("504 5.5.4 Authentication mechanism not supported", await client.AskAsync("AUTH EXTERNAL ="));
        Assert.StartsWith("250 ", await client.AskAsync("MAIL FROM:<a@example.test>"), StringComparison.Ordinal);
    }

    [Fact]
    public void Authorities_that_cannot_be_read_are_told()
    {
        foreach (var path in new[] { _file + ".absent", _file })
        {
            if (path == _file) File.WriteAllText(_file, "no certificate");
            var e = Assert.Throws<MailOpsException>(() => ClientCertificates.Of(new ListenerOptions { ClientCertificates = new ClientCertificateOptions { AuthorityPath = path } }, TimeProvider.System));
            Assert.Equal(ErrorCode.RelayConfigurationInvalid, e.Code);
        }
    }

    // The hash that a client computes for itself from the certificate it was shown.
    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task SCRAM_is_bound_to_the_certificate_that_the_client_sees(SslProtocols version, bool right)
    {
        var users = new UserDirectory([("ada", "pencil"u8.ToArray(), [])], null, new RecordingTrace());
        await using var server = TestServer.Start(users: users);
        X509Certificate? seen = null;
        await using var client = await SecureAsync(server, null, version, certificate => seen = certificate);
        Assert.EndsWith("250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN LOGIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        var binding = SHA256.HashData(seen!.GetRawCertData());
        if (!right) binding[0] ^= 1;
        var scram = new ScramClient(ScramHash.Sha256, "ada", "pencil") { Header = "p=tls-server-end-point,,", Binding = binding };
        var challenge = await client.AskAsync("AUTH SCRAM-SHA-256-PLUS " + Convert.ToBase64String(Encoding.ASCII.GetBytes(scram.First)));
        var last = await client.AskAsync(Convert.ToBase64String(Encoding.ASCII.GetBytes(scram.Final(Encoding.ASCII.GetString(Convert.FromBase64String(challenge[4..]))))));
        Assert.StartsWith(right ? "334 " : "535 5.7.8", last, StringComparison.Ordinal);
        if (right) Assert.Equal("235 2.7.0 Authentication successful", await client.AskAsync(""));
    }

    private TestServer Start(Func<ListenerOptions, ListenerOptions>? with = null, IUserDirectory? users = null) =>
        TestServer.Start(users: users, with: TestServer.Listener(l => (with?.Invoke(l) ?? l) with { ClientCertificates = new ClientCertificateOptions { AuthorityPath = _file } }));

    private string? UserOf(X509Certificate2 certificate, CertificateUserName name)
    {
        using (certificate)
            return ClientCertificates.Of(new ListenerOptions { ClientCertificates = new ClientCertificateOptions { AuthorityPath = _file, UserName = name } }, TimeProvider.System)!.UserOf(certificate);
    }

    private static Task<TestClient> SecureAsync(TestServer server, X509Certificate2? certificate, SslProtocols version = SslProtocols.Tls13, Action<X509Certificate>? seen = null) =>
        TlsClient.StartTlsAsync(server, new SslClientAuthenticationOptions
        {
            TargetHost = "mx.example.test",
            EnabledSslProtocols = version,
            ClientCertificates = certificate is null ? null : [certificate],
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) =>
            {
                seen?.Invoke(shown!);
                return TestServer.IsItsCertificate(shown);
            },
        });
}
