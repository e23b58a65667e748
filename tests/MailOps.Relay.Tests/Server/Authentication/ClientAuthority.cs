using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>An authority that signs client certificates, with an intermediate one under it.</summary>
internal sealed class ClientAuthority : IDisposable
{
    private readonly X509Certificate2 _root = Certificate(null, "Root " + Guid.NewGuid(), _ => { }, authority: true);
    private readonly X509Certificate2 _intermediate;

    public ClientAuthority() => _intermediate = Certificate(_root, "Intermediate " + Guid.NewGuid(), _ => { }, authority: true);

    /// <summary>Both certificates as PEM.</summary>
    public string Pem => _root.ExportCertificatePem() + "\n" + _intermediate.ExportCertificatePem();

    /// <summary>A certificate for clients, signed by the intermediate authority.</summary>
    public X509Certificate2 Client(string subject, string[]? emails = null, bool forServers = false, int fromDays = -1, int toDays = 1) => Certificate(_intermediate, subject, request =>
    {
        if (emails is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("client.example.test");
            foreach (var email in emails) names.AddEmailAddress(email);
            request.CertificateExtensions.Add(names.Build());
        }
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(forServers ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
    }, false, fromDays, toDays);

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
    }

    private static X509Certificate2 Certificate(X509Certificate2? issuer, string subject, Action<CertificateRequest> extend, bool authority, int fromDays = -1, int toDays = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject.Contains('=', StringComparison.Ordinal) ? subject : "CN=" + subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        extend(request);
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(authority ? -30 : fromDays), DateTimeOffset.UtcNow.AddDays(authority ? 30 : toDays));
        if (issuer is null) return request.CreateSelfSigned(from, to);
        using var signed = request.Create(issuer, from < issuer.NotBefore ? issuer.NotBefore : from, to > issuer.NotAfter ? issuer.NotAfter : to, Guid.NewGuid().ToByteArray());
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
