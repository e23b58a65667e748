using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailOps.Authentication;

namespace MailOps.Relay.Server.Authentication;

/// <summary>What a TLS connection says about its two ends: the channel binding, and the user that the client's certificate proves.</summary>
/// <remarks>Of the bindings of RFC 5929 only tls-server-end-point is offered: tls-unique is not defined for TLS 1.3, and .NET exports no keying material, which tls-exporter needs.</remarks>
/// <param name="Binding">tls-server-end-point; null where the certificate's signature defines none.</param>
/// <param name="CertificateUser">The user; null without a certificate that is believed.</param>
internal sealed record TlsIdentity(byte[]? Binding, string? CertificateUser)
{
    /// <summary>That of a connection whose handshake is over.</summary>
    public static TlsIdentity Of(SslStream stream, ClientCertificates? clients)
    {
        using var client = clients is not null && stream.RemoteCertificate is { } shown ? X509CertificateLoader.LoadCertificate(shown.GetRawCertData()) : null;
        return new TlsIdentity(stream.LocalCertificate is { } own ? EndPointBinding.Of(own) : null, client is null ? null : clients!.UserOf(client));
    }
}
