using System.Net.Security;
using System.Security.Authentication;

namespace MailOps.Diagnosis;

/// <summary>Versions and ciphers of TLS as people write them.</summary>
internal static class TlsNames
{
    public static string Of(SslProtocols protocol) => (int)protocol switch
    {
        0xC0 => "TLS 1.0",
        0x300 => "TLS 1.1",
        0xC00 => "TLS 1.2",
        0x3000 => "TLS 1.3",
        _ => protocol.ToString(),
    };

    public static string Of(TlsVersion version) => version switch
    {
        TlsVersion.Tls10 => "TLS 1.0",
        TlsVersion.Tls11 => "TLS 1.1",
        TlsVersion.Tls12 => "TLS 1.2",
        _ => "TLS 1.3",
    };

    public static string CipherOf(SslStream tls) =>
#if NET
        tls.NegotiatedCipherSuite.ToString();
#else
        FormattableString.Invariant($"{tls.CipherAlgorithm} with {tls.CipherStrength} bits");
#endif
}
