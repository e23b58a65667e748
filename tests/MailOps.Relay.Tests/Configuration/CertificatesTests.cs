using System.Security.Cryptography.X509Certificates;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Tests.Configuration;

public sealed class CertificatesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mailops-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Without_one_the_relay_signs_its_own_for_its_name()
    {
        using var certificate = Certificates.Load(null, "relay.example.test", TimeProvider.System).Value!;
        Assert.True(certificate.HasPrivateKey);
        Assert.True(certificate.MatchesHostname("relay.example.test"));
        Assert.True(certificate.NotBefore < DateTime.Now && certificate.NotAfter > DateTime.Now.AddDays(300));
    }

    [Fact]
    public void PEM_files_and_PKCS12_files_are_read()
    {
        using var made = Certificates.Load(null, "files.example.test", TimeProvider.System).Value!;
        var pem = Write("cert.pem", made.ExportCertificatePem());
        var key = Write("key.pem", made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var both = Write("both.pem", made.ExportCertificatePem() + "\n" + made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var pfx = Path.Combine(_folder, "both.pfx");
        File.WriteAllBytes(pfx, made.Export(X509ContentType.Pkcs12, "pw"));
        var password = new SecretReference { File = Write("password", "pw") };

        foreach (var options in new CertificateOptions[] { new() { Path = pem, KeyPath = key }, new() { Path = both }, new() { Path = pfx, Password = password } })
        {
            using var read = Certificates.Load(options, "x", TimeProvider.System).Value!;
            Assert.Equal(made.Thumbprint, read.Thumbprint);
            Assert.True(read.HasPrivateKey);
        }
    }

    [Fact]
    public void Intermediates_behind_the_certificate_are_sent_along()
    {
        using var own = Certificates.Load(null, "own.example.test", TimeProvider.System).Value!;
        using var intermediate = Certificates.Load(null, "intermediate.example.test", TimeProvider.System).Value!;
        var pem = Write("chain.pem", own.ExportCertificatePem() + "\n" + intermediate.ExportCertificatePem());
        var key = Write("key.pem", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var pfx = Path.Combine(_folder, "chain.pfx");
        File.WriteAllBytes(pfx, new X509Certificate2Collection { X509CertificateLoader.LoadCertificate(intermediate.RawData), own }.Export(X509ContentType.Pkcs12)!);

        foreach (var options in new CertificateOptions[] { new() { Path = pem, KeyPath = key }, new() { Path = pfx } })
        {
            var read = Certificates.Load(options, "x", TimeProvider.System);
            Assert.Equal(own.Thumbprint, read.Value!.Thumbprint);
            Assert.Equal(intermediate.Thumbprint, Assert.Single(read.Intermediates!).Thumbprint);
        }
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_named()
    {
        using var made = Certificates.Load(null, "files.example.test", TimeProvider.System).Value!;
        Fails(new CertificateOptions { Path = Path.Combine(_folder, "absent.pem") }, "absent.pem");
        Fails(new CertificateOptions { Path = Write("only.pem", made.ExportCertificatePem()) }, "only.pem");
        Fails(new CertificateOptions { Path = Write("noise.pem", "noise") }, "noise.pem");
        using var publicOnly = X509CertificateLoader.LoadCertificate(made.RawData);
        Fails(new CertificateOptions { Value = publicOnly }, "no private key");
    }

    [Fact]
    public void A_wrong_password_does_not_show_itself()
    {
        using var made = Certificates.Load(null, "files.example.test", TimeProvider.System).Value!;
        var pfx = Path.Combine(_folder, "locked.pfx");
        File.WriteAllBytes(pfx, made.Export(X509ContentType.Pkcs12, "right"));
        var error = Fails(new CertificateOptions { Path = pfx, Password = new SecretReference { File = Write("password", "wrong-hush") } }, "locked.pfx");
        Assert.DoesNotContain("wrong-hush", error.ToString(), StringComparison.Ordinal);
    }

    private static MailOpsException Fails(CertificateOptions options, string named)
    {
        var error = Assert.Throws<MailOpsException>(() => Certificates.Load(options, "x", TimeProvider.System));
        Assert.Equal(ErrorCode.RelayConfigurationInvalid, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        return error;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
