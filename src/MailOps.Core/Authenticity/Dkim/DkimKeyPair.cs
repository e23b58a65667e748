using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace MailOps.Authenticity.Dkim;

/// <summary>A fresh key pair: the private half as a file has it, the public one as the DNS has it.</summary>
/// <param name="PrivateKey">PKCS #8 in PEM (RFC 7468 section 10), with a line feed at the end of each line. Secret.</param>
/// <param name="PublicKey">What the tag p= of the record holds.</param>
public sealed record DkimKeyPair(string PrivateKey, string PublicKey)
{
    private const int LineLength = 64;   // RFC 7468 section 2
    private const int Certainty = 128;   // that a number is prime: as likely as a guess of the key is right

    /// <summary>Makes one. An RSA key of 4096 bits takes seconds.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="size">The bits of an RSA key; at least 1024, and 2048 is what RFC 8301 section 3.2 asks of signers. Ed25519 has one size.</param>
    public static DkimKeyPair Generate(DkimKeyType type, int size)
    {
        if (type == DkimKeyType.Rsa && size < 1024) throw new ArgumentOutOfRangeException(nameof(size), size, "Receivers refuse signatures by a key that is so short.");
        var random = new SecureRandom(new CryptoApiRandomGenerator());
        IAsymmetricCipherKeyPairGenerator generator = type == DkimKeyType.Rsa ? new RsaKeyPairGenerator() : new Ed25519KeyPairGenerator();
        generator.Init(type == DkimKeyType.Rsa
            ? new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), random, size, Certainty)
            : new Ed25519KeyGenerationParameters(random));
        var pair = generator.GenerateKeyPair();
        // Without attributes: the public key among them is a later version of the format, which not every signer reads.
        var secret = PrivateKeyInfoFactory.CreatePrivateKeyInfo(pair.Private);
        var plain = new Org.BouncyCastle.Asn1.Pkcs.PrivateKeyInfo(secret.PrivateKeyAlgorithm, secret.ParsePrivateKey()).GetDerEncoded();
        return new DkimKeyPair(Pem(plain), Convert.ToBase64String(Published(pair.Public)));
    }

    // RFC 6376 section 3.6.1: of an RSA key with its algorithm around it; RFC 8463 section 4: of an Ed25519 key its 32 octets alone.
    private static byte[] Published(AsymmetricKeyParameter key) =>
        key is Ed25519PublicKeyParameters small ? small.GetEncoded() : SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key).GetDerEncoded();

    private static string Pem(byte[] key)
    {
        var text = Convert.ToBase64String(key);
        var lines = Enumerable.Range(0, (text.Length + LineLength - 1) / LineLength).Select(i => text.Substring(i * LineLength, Math.Min(LineLength, text.Length - (i * LineLength))));
        return $"-----BEGIN PRIVATE KEY-----\n{string.Join("\n", lines)}\n-----END PRIVATE KEY-----\n";
    }
}
