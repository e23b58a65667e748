using System.Net.Security;
using System.Security.Authentication;

namespace MailOps.Relay.Server.Handshake;

/// <summary>Which versions of TLS a listener speaks, and how they are named.</summary>
internal static class TlsVersions
{
#pragma warning disable SYSLIB0039, CA5397 // Old versions are only for listeners that ask for them, each with a warning to the administrator.
    private const SslProtocols Tls10 = SslProtocols.Tls, Tls11 = SslProtocols.Tls11;
#pragma warning restore SYSLIB0039, CA5397

    private static readonly SslProtocols[] OldestFirst = [Tls10, Tls11, SslProtocols.Tls12, SslProtocols.Tls13];

    // What the platform offers by itself, and the cipher suites that old devices know; those with a fresh key first.
    private static readonly TlsCipherSuite[] WithOld =
    [
        TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,
    ];

    /// <summary>Whether RFC 8996 section 2 forbids it.</summary>
    public static bool IsOld(TlsVersion version) => version < TlsVersion.Tls12;

    /// <summary>That version and all later ones.</summary>
    public static SslProtocols From(TlsVersion oldest) => OldestFirst[(int)oldest..].Aggregate((all, one) => all | one);

    /// <summary>The cipher suites where old versions are spoken; null, hence the platform's, otherwise. Windows has its own list and no say here.</summary>
    public static CipherSuitesPolicy? Suites(TlsVersion oldest) => IsOld(oldest) && !OperatingSystem.IsWindows() ? new CipherSuitesPolicy(WithOld) : null;

    /// <summary>The version's name, as in <c>TLSv1.3</c>.</summary>
    public static string Name(SslProtocols version) => version switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        Tls11 => "TLSv1.1",
        Tls10 => "TLSv1",
        _ => version.ToString(),
    };
}
