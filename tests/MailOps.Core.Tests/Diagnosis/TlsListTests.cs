using System.Net.Security;
using System.Security.Authentication;
using MailOps.Diagnosis;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>The versions and ciphers of TLS that a server takes.</summary>
public sealed class TlsListTests
{
    [Fact]
    public async Task Versions_and_ciphers_are_those_that_the_server_has()
    {
        using var server = Limited(SslProtocols.Tls12 | SslProtocols.Tls13, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_256_GCM_SHA384);
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { Deep = true, Tls = TlsMode.Implicit });
        Assert.Equal([TlsVersion.Tls12, TlsVersion.Tls13], test.TlsOffers.Select(offer => offer.Version));
        Assert.Equal(["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"], test.TlsOffers[0].CipherSuites.Order(StringComparer.Ordinal));
        Assert.Equal(["TLS_AES_256_GCM_SHA384"], test.TlsOffers[1].CipherSuites);
        Assert.Contains(test.Steps, step => step is { Name: "TlsVersions", Seen: "TLS 1.2 (2 ciphers), TLS 1.3 (1 ciphers)" });
    }

    [Fact]
    public async Task They_are_listed_through_starttls_too()
    {
        using var server = SmtpServerTesterTests.Good();
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { Deep = true });
        Assert.Contains(test.TlsOffers, offer => offer.Version == TlsVersion.Tls13 && offer.CipherSuites.Contains("TLS_AES_128_GCM_SHA256"));
        Assert.Contains(test.TlsOffers, offer => offer.Version == TlsVersion.Tls12 && offer.CipherSuites.Contains("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
        Assert.Empty(test.Findings);
    }

    [Theory]
    [InlineData("TLS_RSA_WITH_RC4_128_SHA", true)]
    [InlineData("TLS_RSA_WITH_3DES_EDE_CBC_SHA", true)]
    [InlineData("TLS_RSA_EXPORT_WITH_DES40_CBC_SHA", true)]
    [InlineData("TLS_RSA_WITH_NULL_SHA256", true)]
    [InlineData("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", false)]
    [InlineData("TLS_ECDH_anon_WITH_AES_256_CBC_SHA", false)]
    public void Broken_ciphers_are_known(string name, bool broken) => Assert.Equal(broken, TlsSuites.IsBroken(name));

    [Fact]
    public void Names_are_those_of_the_platform()
    {
        foreach (var version in Enum.GetValues<TlsVersion>())
            foreach (var cipher in TlsSuites.Of(version)) Assert.Equal(((TlsCipherSuite)cipher).ToString(), TlsSuites.Name(cipher));
    }

    private static RawServer Limited(SslProtocols protocols, params TlsCipherSuite[] ciphers) => new(async (stream, stop) =>
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = TrustedCertificate.ForLocalhost, EnabledSslProtocols = protocols, CipherSuitesPolicy = OperatingSystem.IsLinux() ? new CipherSuitesPolicy(ciphers) : null }, stop);
        await RawServer.SayAsync(tls, "220 mx.test\r\n", stop);
        while (await RawServer.LineAsync(tls, stop) is { } line) await RawServer.SayAsync(tls, line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-mx.test\r\n250 SIZE 100\r\n" : "250 ok\r\n", stop);
    });
}
