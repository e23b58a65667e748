using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Configuration;

/// <summary>Finds the certificate a listener shows: the object it was given, the files it names, or one made for the relay's own name.</summary>
public static class Certificates
{
    /// <summary>The certificate with its private key.</summary>
    /// <param name="options">What the listener says; null for a self-signed one.</param>
    /// <param name="hostName">The name a self-signed one is for.</param>
    /// <param name="clock">The time from which a self-signed one is valid.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> where a file cannot be used.</exception>
    public static X509Certificate2 Load(CertificateOptions? options, string hostName, TimeProvider clock)
    {
        if (options is null) return SelfSigned(hostName, clock.GetUtcNow());
        var certificate = options.Value ?? LoadFile(options);
        return certificate.HasPrivateKey
            ? certificate
            : throw Invalid($"The certificate {certificate.Subject} has no private key.", "Give a certificate with its key: a PKCS #12 file, or PEM files for both.");
    }

    private static X509Certificate2 LoadFile(CertificateOptions options)
    {
        var path = options.Path!;
        var password = options.Password is { } reference ? Secrets.Resolve(reference) : null;
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (bytes is [0x30, ..])   // DER, hence PKCS #12; PEM begins with a letter or a dash
                return X509CertificateLoader.LoadPkcs12(bytes, password, X509KeyStorageFlags.Exportable);
            var keyPath = options.KeyPath ?? path;
            using var pem = password is null ? X509Certificate2.CreateFromPemFile(path, keyPath) : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
            return ForTls(pem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid($"The certificate {path} cannot be used: {e.Message}", "Check the file, its key and its password.", e);
        }
    }

    private static X509Certificate2 SelfSigned(string hostName, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hostName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));   // TLS server
        using var made = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(1));
        return ForTls(made);
    }

    // Windows' TLS needs a key that is not ephemeral; a round trip through PKCS #12 makes it so everywhere.
    private static X509Certificate2 ForTls(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);

    private static MailOpsException Invalid(string message, string hint, Exception? cause = null) => new(ErrorCode.RelayConfigurationInvalid, message, hint, cause);
}
