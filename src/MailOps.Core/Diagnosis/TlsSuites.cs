using System.Globalization;

namespace MailOps.Diagnosis;

/// <summary>The ciphers of TLS by their numbers, as far as servers have been seen with them.</summary>
internal static class TlsSuites
{
    private static readonly Dictionary<ushort, string> Modern = new()
    {
        [0x1301] = "TLS_AES_128_GCM_SHA256",
        [0x1302] = "TLS_AES_256_GCM_SHA384",
        [0x1303] = "TLS_CHACHA20_POLY1305_SHA256",
        [0x1304] = "TLS_AES_128_CCM_SHA256",
        [0x1305] = "TLS_AES_128_CCM_8_SHA256",
    };

    // Of TLS 1.2 alone (RFC 5246 section 5): authenticated ciphers, and those with SHA-2.
    private static readonly Dictionary<ushort, string> Newer = new()
    {
        [0xc02b] = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        [0xc02c] = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        [0xc02f] = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        [0xc030] = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        [0xcca8] = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        [0xcca9] = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        [0xccaa] = "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        [0x009e] = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        [0x009f] = "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
        [0x009c] = "TLS_RSA_WITH_AES_128_GCM_SHA256",
        [0x009d] = "TLS_RSA_WITH_AES_256_GCM_SHA384",
        [0xc023] = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        [0xc024] = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
        [0xc027] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
        [0xc028] = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        [0x0067] = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
        [0x006b] = "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
        [0x003c] = "TLS_RSA_WITH_AES_128_CBC_SHA256",
        [0x003d] = "TLS_RSA_WITH_AES_256_CBC_SHA256",
    };

    private static readonly Dictionary<ushort, string> Older = new()
    {
        [0xc009] = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        [0xc00a] = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        [0xc013] = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        [0xc014] = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        [0x0033] = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
        [0x0039] = "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
        [0x002f] = "TLS_RSA_WITH_AES_128_CBC_SHA",
        [0x0035] = "TLS_RSA_WITH_AES_256_CBC_SHA",
        [0x0045] = "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA",
        [0x0088] = "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA",
        [0x0041] = "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA",
        [0x0084] = "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA",
        [0xc008] = "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
        [0xc012] = "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
        [0x0016] = "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
        [0x000a] = "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        [0xc007] = "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
        [0xc011] = "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
        [0x0005] = "TLS_RSA_WITH_RC4_128_SHA",
        [0x0004] = "TLS_RSA_WITH_RC4_128_MD5",
        [0xc018] = "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
        [0xc019] = "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
        [0x0034] = "TLS_DH_anon_WITH_AES_128_CBC_SHA",
        [0x003a] = "TLS_DH_anon_WITH_AES_256_CBC_SHA",
        [0x0009] = "TLS_RSA_WITH_DES_CBC_SHA",
        [0x0002] = "TLS_RSA_WITH_NULL_SHA",
        [0x003b] = "TLS_RSA_WITH_NULL_SHA256",
        [0x0003] = "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
        [0x0008] = "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA",
    };

    private static readonly string[] Broken = ["_RC4_", "_3DES_", "_DES_", "_DES40_", "_NULL_", "_EXPORT_"];

    /// <summary>Those that a version can have.</summary>
    public static IReadOnlyList<ushort> Of(TlsVersion version) => version switch
    {
        TlsVersion.Tls13 => [.. Modern.Keys],
        TlsVersion.Tls12 => [.. Newer.Keys, .. Older.Keys],
        _ => [.. Older.Keys],
    };

    /// <summary>The name of a cipher as its registry writes it; its number where it is not known here.</summary>
    public static string Name(ushort cipher) =>
        Modern.TryGetValue(cipher, out var name) || Newer.TryGetValue(cipher, out name) || Older.TryGetValue(cipher, out name) ? name : "0x" + cipher.ToString("X4", CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether a cipher is broken. Those without a certificate (anon) are not: between servers, where certificates are mostly not looked at, they are as good as the others.
    /// </summary>
    public static bool IsBroken(string name) => Broken.Any(name.Contains);
}
