using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X509;

namespace MailOps.Authenticity.Dkim;

/// <summary>The key in the tag p= of a record.</summary>
internal static class DkimKeyBits
{
    private const int Ed25519Length = 32;   // octets; RFC 8463 section 4

    /// <summary>The bits of a key; 0 where it is none of this kind.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="base64">What p= holds, perhaps with space in it.</param>
    public static int SizeOf(DkimKeyType type, string base64)
    {
        if (BytesOf(base64) is not { } key) return 0;
        return type == DkimKeyType.Ed25519 ? key.Length == Ed25519Length ? Ed25519Length * 8 : 0 : RsaOf(key)?.Modulus.BitLength ?? 0;
    }

    /// <summary>The bytes of a key; null where it is not base64.</summary>
    public static byte[]? BytesOf(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The numbers of an RSA key; null where it is none.</summary>
    /// <remarks>RFC 6376 section 3.6.1 has RSAPublicKey, what all publish is SubjectPublicKeyInfo; receivers take both.</remarks>
    public static RsaPublicKeyStructure? RsaOf(byte[] key)
    {
        try
        {
            if (Asn1Object.FromByteArray(key) is not Asn1Sequence { Count: 2 } sequence) return null;
            if (sequence[0] is DerInteger) return RsaPublicKeyStructure.GetInstance(sequence);
            var info = SubjectPublicKeyInfo.GetInstance(sequence);
            return info.Algorithm.Algorithm.Equals(PkcsObjectIdentifiers.RsaEncryption) ? RsaPublicKeyStructure.GetInstance(info.ParsePublicKey()) : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidCastException or InvalidOperationException or FormatException)
        {
            return null;   // the ways in which the reader says that it is no key
        }
    }
}
