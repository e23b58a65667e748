using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>A certificate of an authority that nobody trusts.</summary>
internal static class IssuedCertificate
{
    public static X509Certificate2 For(string name, int bits = 2048)
    {
        using var authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=authority " + Guid.NewGuid().ToString("N"), authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var issuer = authority.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(90));
        using var key = RSA.Create(bits);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(60), [1, 2, 3, 4]);
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }
}
