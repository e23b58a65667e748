using System.Security.Cryptography;

namespace MailOps.Relay.Server.Authentication;

/// <summary>A hash function as SCRAM uses it (RFC 5802 section 2.2).</summary>
public sealed class ScramHash
{
    /// <summary>
    /// SCRAM-SHA-256 (RFC 7677). 600,000 iterations is what OWASP asks of PBKDF2 with SHA-256 in 2023 and since: about a fifth of a second for whoever tries a
    /// password, ten thousand guesses a second for a good graphics card. RFC 7677 section 4 asks for 4096 at least.
    /// </summary>
    public static readonly ScramHash Sha256 = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, 32, 600_000, SHA256.HashData, HMACSHA256.HashData);

    /// <summary>
    /// SCRAM-SHA-1 (RFC 5802), for clients that know no other. A file of hashes is as strong as the cheapest hash in it: SHA-1 is quicker to guess, hence 1,300,000
    /// iterations for the same price.
    /// </summary>
#pragma warning disable CA5350 // SCRAM-SHA-1 is what the client asks for; HMAC with SHA-1 is not broken
    public static readonly ScramHash Sha1 = new("SCRAM-SHA-1", HashAlgorithmName.SHA1, 20, 1_300_000, SHA1.HashData, HMACSHA1.HashData);
#pragma warning restore CA5350

    private readonly Func<byte[], byte[]> _hash;
    private readonly Func<byte[], byte[], byte[]> _hmac;

    private ScramHash(string mechanism, HashAlgorithmName algorithm, int length, int iterations, Func<byte[], byte[]> hash, Func<byte[], byte[], byte[]> hmac) =>
        (Mechanism, Algorithm, Length, Iterations, _hash, _hmac) = (mechanism, algorithm, length, iterations, hash, hmac);

    /// <summary>Both, the stronger first.</summary>
    public static IReadOnlyList<ScramHash> All { get; } = [Sha256, Sha1];

    /// <summary>The mechanism without channel binding.</summary>
    public string Mechanism { get; }

    /// <summary>The function.</summary>
    public HashAlgorithmName Algorithm { get; }

    /// <summary>The bytes of a hash.</summary>
    public int Length { get; }

    /// <summary>The iterations of a password that is stored.</summary>
    public int Iterations { get; }

    /// <summary>H(text).</summary>
    public byte[] Hash(byte[] text) => _hash(text);

    /// <summary>HMAC(key, text).</summary>
    public byte[] Hmac(byte[] key, byte[] text) => _hmac(key, text);
}
