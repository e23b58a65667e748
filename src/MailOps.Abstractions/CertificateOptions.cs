using System.Security.Cryptography.X509Certificates;

namespace MailOps;

/// <summary>A certificate: an object, or the files it is in.</summary>
public sealed record CertificateOptions
{
    /// <summary>The certificate with its private key; not part of the JSON document.</summary>
    public X509Certificate2? Value { get; init; }
    /// <summary>The certificates between <see cref="Value"/> and a root, sent along so that clients can build the chain; not part of the JSON document.</summary>
    public X509Certificate2Collection? Intermediates { get; init; }
    /// <summary>A PEM file (certificate, then intermediates) or a PKCS #12 file.</summary>
    public string? Path { get; init; }
    /// <summary>The PEM file of the private key, where it is not in <see cref="Path"/>.</summary>
    public string? KeyPath { get; init; }
    /// <summary>The password of the PKCS #12 file or of the key.</summary>
    public SecretReference? Password { get; init; }
}
