using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Configuration;

/// <summary>Finds the certificate a listener shows: the object it was given, the files it names, or one made for the relay's own name.</summary>
public static class Certificates
{
    /// <summary>The certificate with its private key in <see cref="CertificateOptions.Value"/>, and the intermediates that came with it.</summary>
    /// <param name="options">What the listener says; null for a self-signed one.</param>
    /// <param name="hostName">The name a self-signed one is for.</param>
    /// <param name="clock">The time from which a self-signed one is valid.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> where a file cannot be used.</exception>
    public static CertificateOptions Load(CertificateOptions? options, string hostName, TimeProvider clock)
    {
        if (options is null) return new CertificateOptions { Value = SelfSigned(hostName, clock.GetUtcNow()) };
        var loaded = options.Value is null ? LoadFile(options) : options;
        return loaded.Value!.HasPrivateKey
            ? loaded
            : throw Invalid($"The certificate {loaded.Value.Subject} has no private key.", "Give a certificate with its key: a PKCS #12 file, or PEM files for both.");
    }

    private static CertificateOptions LoadFile(CertificateOptions options)
    {
        var path = options.Path!;
        var password = options.Password is { } reference ? Secrets.Resolve(reference) : null;
        try
        {
            return File.ReadAllBytes(path) is [0x30, ..] pkcs12   // DER; PEM begins with a letter or a dash
                ? LoadPkcs12(pkcs12, password)
                : LoadPem(path, options.KeyPath ?? path, password);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)   // the last for a key of another certificate
        {
            throw Invalid($"The certificate {path} cannot be used: {e.Message}", "Check the file, its key and its password.", e);
        }
    }

    private static CertificateOptions LoadPkcs12(byte[] bytes, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(bytes, password, X509KeyStorageFlags.Exportable);
        var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException("it holds no certificate with a private key");
        all.Remove(own);
        return new CertificateOptions { Value = own, Intermediates = all };
    }

    // The first certificate of a PEM file is the server's own; what follows are the intermediates that clients need to reach a root they know.
    private static CertificateOptions LoadPem(string path, string keyPath, string? password)
    {
        using var own = password is null ? X509Certificate2.CreateFromPemFile(path, keyPath) : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(path);
        all.RemoveAt(0);
        return new CertificateOptions { Value = ForTls(own), Intermediates = all };
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
