using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Tests.Shared;

/// <summary>Certificates made for one test; nothing is written to any store.</summary>
internal static class Certificates
{
    /// <summary>A self-signed certificate for a name or address.</summary>
    public static X509Certificate2 SelfSigned(string name, int validFromDays = -1, int validToDays = 30)
    {
        using var key = RSA.Create(2048);
        // A subject of its own: chains are built by subject, and a machine's store may hold another CN=localhost.
        var request = new CertificateRequest("CN=test " + Guid.NewGuid().ToString("N"), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));   // so that it can be its own trusted issuer
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(validFromDays), DateTimeOffset.UtcNow.AddDays(validToDays));
        // Through PKCS#12, because Windows cannot serve TLS with a key that exists only in memory.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    /// <summary>The certificate alone: a server that uses it cannot finish a handshake.</summary>
    public static X509Certificate2 WithoutKey(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawData);
}
