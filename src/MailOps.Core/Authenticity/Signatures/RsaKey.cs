using System.Security.Cryptography;
using MailOps.Authenticity.Dkim;

namespace MailOps.Authenticity.Signatures;

/// <summary>Verifies RSA signatures by keys of strangers.</summary>
internal static class RsaKey
{
    /// <summary>Bits of the shortest key that counts (RFC 8301 section 3.2).</summary>
    public const int MinSize = 1024;

    /// <summary>Bits of the longest key that is evaluated; the platforms take no longer ones.</summary>
    public const int MaxSize = 16384;

    private const int MaxExponent = 4;   // bytes; the time that a key takes grows with its exponent, and all have 65537

    /// <summary>Whether the signature is one of the hash; null where the key is one by which nobody verifies.</summary>
    /// <param name="key">The key, of a size within the limits.</param>
    /// <param name="hash">The SHA-256.</param>
    /// <param name="signature">The signature.</param>
    public static bool? Verify(byte[] key, byte[] hash, byte[] signature)
    {
        if (DkimKeyBits.RsaOf(key) is not { } numbers || numbers.PublicExponent.BitLength > MaxExponent * 8) return null;
        if (signature.Length != (numbers.Modulus.BitLength + 7) / 8) return false;
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportParameters(new RSAParameters { Modulus = numbers.Modulus.ToByteArrayUnsigned(), Exponent = numbers.PublicExponent.ToByteArrayUnsigned() });
            return rsa.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return null;   // the platform's way to say that these numbers are no key
        }
    }
}
