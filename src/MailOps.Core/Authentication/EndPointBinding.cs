#if NET
using System.Formats.Asn1;
#endif
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MailOps.Authentication;

/// <summary>
/// tls-server-end-point (RFC 5929 section 4.1): the hash of the server's certificate, by the hash function of the certificate's signature, and by SHA-256 where that is
/// MD5 or SHA-1. It is not defined for a signature with no hash function (EdDSA, ML-DSA) or with two.
/// </summary>
public static class EndPointBinding
{
    private const string Sha1 = "1.3.14.3.2.26", Sha256 = "2.16.840.1.101.3.4.2.1", Sha384 = "2.16.840.1.101.3.4.2.2", Sha512 = "2.16.840.1.101.3.4.2.3";

    /// <summary>The binding; null where the signature defines none, or is of a kind that nobody here knows.</summary>
    public static byte[]? Of(X509Certificate certificate)
    {
        var bytes = certificate.GetRawCertData();
#if NET
        using var parsed = X509CertificateLoader.LoadCertificate(bytes);
#else
        using var parsed = new X509Certificate2(bytes);
#endif
        var hash = parsed.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" or "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => Sha256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => Sha384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => Sha512,
            "1.2.840.113549.1.1.10" => PssHash(bytes),
            _ => null,
        };
        using HashAlgorithm? function = hash switch
        {
            Sha1 or Sha256 => SHA256.Create(),
            Sha384 => SHA384.Create(),
            Sha512 => SHA512.Create(),
            _ => null,
        };
        return function?.ComputeHash(bytes);
    }

#if NET
    // RSASSA-PSS-params (RFC 4055 section 3.1): [0] the hash, [1] the mask generation with a hash of its own; SHA-1 is what either is where it is not said.
    private static string? PssHash(byte[] certificate)
    {
        try
        {
            var whole = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
            whole.ReadEncodedValue();
            var algorithm = whole.ReadSequence();
            algorithm.ReadObjectIdentifier();
            var parameters = algorithm.ReadSequence();
            var hash = Tagged(parameters, 0) is { } digest ? digest.ReadSequence().ReadObjectIdentifier() : Sha1;
            var mask = Sha1;
            if (Tagged(parameters, 1)?.ReadSequence() is { } generation)
            {
                generation.ReadObjectIdentifier();
                mask = generation.ReadSequence().ReadObjectIdentifier();
            }
            return hash == mask ? hash : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static AsnReader? Tagged(AsnReader parameters, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number);
        return parameters.HasData && parameters.PeekTag().HasSameClassAndValue(tag) ? parameters.ReadSequence(tag) : null;
    }
#else
    // .NET Framework has no reader of ASN.1: a client there does without the binding.
    private static string? PssHash(byte[] _) => null;
#endif
}
