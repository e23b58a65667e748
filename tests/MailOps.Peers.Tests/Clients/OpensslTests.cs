using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Clients;

/// <summary>What OpenSSL's own client sees of a listener.</summary>
public sealed class OpensslTests : IDisposable
{
    private const string OldTlsAllowed = """
        openssl_conf = main
        [main]
        ssl_conf = ssl
        [ssl]
        system_default = defaults
        [defaults]
        MinProtocol = TLSv1
        CipherString = DEFAULT:@SECLEVEL=0
        """;

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task The_name_asked_for_chooses_the_certificate_and_a_change_of_files_is_seen_on_an_open_port()
    {
        var openssl = Installed.Program("openssl", "openssl");
        await using var relay = await RelayHost.StartAsync(_folder, new
        {
            queuePath = "queue",
            listeners = new[] { Listener("Implicit", "Tls12"), Listener("StartTls", "Tls12") },
        });
        foreach (var port in relay.Ports)
        {
            var start = port == relay.Ports[1] ? "-starttls smtp " : "";
            Assert.Contains("CN = default", await AskAsync(openssl, port, start + "-noservername"), StringComparison.Ordinal);
            Assert.Contains("CN = wildcard", await AskAsync(openssl, port, start + "-servername mx.example.test"), StringComparison.Ordinal);
        }
        Write("default", "renewed");
        var seen = "";
        for (var i = 0; i < 90 && !seen.Contains("CN = renewed", StringComparison.Ordinal); i++)
        {
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            seen = await AskAsync(openssl, relay.Port, "-noservername");
        }
        Assert.Contains("CN = renewed", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1", "Protocol  : TLSv1\n")]
    [InlineData("-tls1_1", "Protocol  : TLSv1.1\n")]
    [InlineData("-tls1_2", "Protocol  : TLSv1.2\n")]
    [InlineData("-tls1_3", "New, TLSv1.3")]
    public async Task Old_versions_of_TLS_are_spoken_where_listener_and_system_allow_them(string version, string expected)
    {
        var openssl = Installed.Program("openssl", "openssl");
        var configuration = _folder.Write("openssl.cnf", OldTlsAllowed);
        await using var relay = await RelayHost.StartAsync(
            _folder, new { queuePath = "queue", listeners = new[] { Listener("Implicit", "Tls10"), Listener("Implicit", "Tls12") } }, [new("OPENSSL_CONF", configuration)]);
        var old = await AskAsync(openssl, relay.Port, version + " -cipher DEFAULT@SECLEVEL=0");
        Assert.Contains(expected, old + "\n", StringComparison.Ordinal);
        Assert.DoesNotContain("Cipher is (NONE)", old, StringComparison.Ordinal);
        var strict = await AskAsync(openssl, relay.Ports[1], version + " -cipher DEFAULT@SECLEVEL=0");
        Assert.Equal(version is "-tls1" or "-tls1_1", strict.Contains("Cipher is (NONE)", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private object Listener(string tls, string oldest) => new
    {
        endpoint = "127.0.0.1:0",
        tls,
        minTlsVersion = oldest,
        certificate = Write("default", "default"),
        sniCertificates = new[] { Write("wildcard", "wildcard", "*.example.test") },
    };

    // RSA, as old devices have it.
    private object Write(string file, string subject, params string[] dnsNames)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames) names.AddDnsName(name);
        if (dnsNames.Length > 0) request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return new { path = _folder.Write(file + ".pem", made.ExportCertificatePem()), keyPath = _folder.Write(file + ".key", key.ExportPkcs8PrivateKeyPem()) };
    }

    // Its standard input is closed, so it says what it saw and ends.
    private static async Task<string> AskAsync(string openssl, int port, string options) =>
        (await ChildProcess.RunAsync(openssl, ["s_client", "-connect", $"127.0.0.1:{port}", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)])).Output;
}
