using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailOps.Dns;

namespace MailOps.Tests.Shared;

/// <summary>Certificates that sign one another, and the TLSA records that speak of them.</summary>
internal static class Chain
{
    public static X509Certificate2 Root(string name = "CN=root") => Make(name, null, isAuthority: true);

    public static X509Certificate2 Authority(X509Certificate2 issuer, string name = "CN=authority") => Make(name, issuer, isAuthority: true);

    public static X509Certificate2 Server(X509Certificate2 issuer, string name, int validToDays = 30, string usage = "1.3.6.1.5.5.7.3.1") => Make("CN=server", issuer, false, name, validToDays, usage);

    public static TlsaRecord Tlsa(byte usage, byte selector, byte matching, X509Certificate2 certificate)
    {
        var data = selector == 0 ? certificate.RawData : certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return new TlsaRecord(usage, selector, matching, matching switch { 1 => SHA256.HashData(data), 2 => SHA512.HashData(data), _ => data });
    }

    private static X509Certificate2 Make(string subject, X509Certificate2? issuer, bool isAuthority, string? name = null, int validToDays = 30, string? usage = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }
        if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-20), DateTimeOffset.UtcNow.AddDays(validToDays));
        if (issuer is null) return request.CreateSelfSigned(from, to.AddDays(10));
        using var signed = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), from, isAuthority ? to.AddDays(5) : to, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
