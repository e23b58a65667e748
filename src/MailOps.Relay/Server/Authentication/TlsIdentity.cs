using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Relay.Server.Authentication;

/// <summary>What a TLS connection says about its two ends: the channel binding, and the user that the client's certificate proves.</summary>
/// <remarks>Of the bindings of RFC 5929 only tls-server-end-point is offered: tls-unique is not defined for TLS 1.3, and .NET exports no keying material, which tls-exporter needs.</remarks>
/// <param name="EndPointBinding">tls-server-end-point; null where the certificate's signature has no hash to take.</param>
/// <param name="CertificateUser">The user; null without a certificate that is believed.</param>
internal sealed record TlsIdentity(byte[]? EndPointBinding, string? CertificateUser)
{
    /// <summary>That of a connection whose handshake is over.</summary>
    public static TlsIdentity Of(SslStream stream, ClientCertificates? clients)
    {
        using var client = clients is not null && stream.RemoteCertificate is { } shown ? X509CertificateLoader.LoadCertificate(shown.GetRawCertData()) : null;
        return new TlsIdentity(stream.LocalCertificate is { } own ? Binding(own) : null, client is null ? null : clients!.UserOf(client));
    }

    // RFC 5929 section 4.1: the hash of the certificate with the hash function of its signature; SHA-256 where that is MD5 or SHA-1.
    internal static byte[]? Binding(X509Certificate certificate)
    {
        var bytes = certificate.GetRawCertData();
        using var parsed = X509CertificateLoader.LoadCertificate(bytes);
        return parsed.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => SHA256.HashData(bytes),
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(bytes),
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(bytes),
            _ => null,   // RSASSA-PSS names its hash in parameters, EdDSA has none outside: no binding is better than a guessed one
        };
    }
}
