using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A certificate authority of the test's own and one certificate for this machine, so that clients verify for real.</summary>
internal sealed class TestAuthority
{
    /// <summary>Makes both and writes them as PEM files.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The name the certificate is for; with localhost goes 127.0.0.1.</param>
    /// <param name="validToDays">How long it is valid from now on.</param>
    public TestAuthority(TestFolder folder, string name = "localhost", int validToDays = 30)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=MailOps test authority", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        rootRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var rootId = new X509SubjectKeyIdentifierExtension(rootRequest.PublicKey, false);
        rootRequest.CertificateExtensions.Add(rootId);
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(30));
        using var root = rootRequest.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost") names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(rootId));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(root, from, DateTimeOffset.UtcNow.AddDays(validToDays), RandomNumberGenerator.GetBytes(8));

        RootFile = folder.Write("authority.pem", root.ExportCertificatePem());
        CertificateFile = folder.Write("certificate.pem", certificate.ExportCertificatePem());
        ChainFile = folder.Write("chain.pem", certificate.ExportCertificatePem() + "\n" + root.ExportCertificatePem());
        (RootSum, KeySum) = (Convert.ToHexString(SHA256.HashData(root.RawData)), Convert.ToHexString(SHA256.HashData(key.ExportSubjectPublicKeyInfo())));
        KeyFile = folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
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
}
