using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A certificate authority of the test's own and one certificate for this machine, so that clients verify for real.</summary>
internal sealed class TestAuthority
{
    private readonly TestFolder _folder;
    private readonly string _rootKeyFile;

    /// <summary>Makes both and writes them as PEM files.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The name the certificate is for; with localhost goes 127.0.0.1.</param>
    /// <param name="validToDays">How long it is valid from now on.</param>
    public TestAuthority(TestFolder folder, string name = "localhost", int validToDays = 30)
    {
        _folder = folder;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=MailOps test authority", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        rootRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(rootRequest.PublicKey, false));
        using var root = rootRequest.CreateSelfSigned(From, DateTimeOffset.UtcNow.AddDays(60));   // what it issues a moment later must end before it does
        RootFile = folder.Write("authority.pem", root.ExportCertificatePem());
        RootSum = Convert.ToHexString(SHA256.HashData(root.RawData));
        _rootKeyFile = folder.Write("authority.key.pem", rootKey.ExportPkcs8PrivateKeyPem());

        var issued = Issue("", validToDays, name);
        (CertificateFile, ChainFile, KeyFile, KeySum) = (issued.CertificateFile, issued.ChainFile, issued.KeyFile, issued.KeySum);
    }

    /// <summary>The authority's certificate, for clients.</summary>
    public string RootFile { get; }

    /// <summary>The certificate for localhost and 127.0.0.1.</summary>
    public string CertificateFile { get; }

    /// <summary>The certificate and the authority's.</summary>
    public string ChainFile { get; }

    /// <summary>SHA-256 of the authority's certificate, in hexadecimal.</summary>
    public string RootSum { get; }

    /// <summary>SHA-256 of the certificate's public key, in hexadecimal.</summary>
    public string KeySum { get; }

    /// <summary>Its private key.</summary>
    public string KeyFile { get; }

    private static DateTimeOffset From => DateTimeOffset.UtcNow.AddDays(-10);

    /// <summary>Makes a certificate that this authority vouches for.</summary>
    /// <param name="prefix">What the names of its files begin with.</param>
    /// <param name="validToDays">How long it is valid from now on.</param>
    /// <param name="names">The names it is for.</param>
    public IssuedCertificate Issue(string prefix, int validToDays, params string[] names)
    {
        using var root = X509Certificate2.CreateFromPemFile(RootFile, _rootKeyFile);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(key, names);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        using var certificate = request.Create(root, From, DateTimeOffset.UtcNow.AddDays(validToDays), RandomNumberGenerator.GetBytes(8));
        return Write(_folder, prefix, key, certificate, "\n" + root.ExportCertificatePem());
    }

    /// <summary>Makes a certificate that nobody vouches for but itself.</summary>
    public static IssuedCertificate SelfSigned(TestFolder folder, string prefix, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(key, names).CreateSelfSigned(From, DateTimeOffset.UtcNow.AddDays(30));
        return Write(folder, prefix, key, certificate, "");
    }

    private static CertificateRequest Request(ECDsa key, string[] names)
    {
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        if (names.Contains("localhost")) alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return request;
    }

    private static IssuedCertificate Write(TestFolder folder, string prefix, ECDsa key, X509Certificate2 certificate, string above) => new(
        folder.Write(prefix + "certificate.pem", certificate.ExportCertificatePem()),
        folder.Write(prefix + "chain.pem", certificate.ExportCertificatePem() + above),
        folder.Write(prefix + "key.pem", key.ExportPkcs8PrivateKeyPem()),
        Convert.ToHexString(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
}

/// <summary>A server's certificate and its key, in PEM files.</summary>
/// <param name="CertificateFile">The certificate.</param>
/// <param name="ChainFile">The certificate and its authority's.</param>
/// <param name="KeyFile">Its private key.</param>
/// <param name="KeySum">SHA-256 of its public key, in hexadecimal.</param>
internal sealed record IssuedCertificate(string CertificateFile, string ChainFile, string KeyFile, string KeySum);
