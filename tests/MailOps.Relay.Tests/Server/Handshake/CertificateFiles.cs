using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Tests.Server.Handshake;

/// <summary>A certificate and its key as PEM files, made anew whenever a test says so.</summary>
internal sealed class CertificateFiles(string folder, string name)
{
    public string Path { get; } = System.IO.Path.Combine(folder, name + ".pem");

    public string KeyPath { get; } = System.IO.Path.Combine(folder, name + ".key");

    public CertificateOptions Options => new() { Path = Path, KeyPath = KeyPath };

    /// <summary>Writes both; the subject is what tests tell certificates apart by.</summary>
    public CertificateFiles Write(string subject, params string[] dnsNames)
    {
        var (certificate, key) = Make(subject, dnsNames);
        File.WriteAllText(Path, certificate);
        File.WriteAllText(KeyPath, key);
        return this;
    }

    /// <summary>The PEM texts of a new certificate and its key.</summary>
    public static (string Certificate, string Key) Make(string subject, params string[] dnsNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var dnsName in dnsNames) names.AddDnsName(dnsName);
        if (dnsNames.Length > 0) request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
