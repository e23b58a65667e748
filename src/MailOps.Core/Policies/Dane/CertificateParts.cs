using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
#if !NET
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
#endif

namespace MailOps.Policies.Dane;

/// <summary>What of a certificate DANE compares; .NET Framework has to be helped with each.</summary>
internal static class CertificateParts
{
#if NET
    /// <summary>Its public key with the kind of it (SubjectPublicKeyInfo), in DER.</summary>
    public static byte[] PublicKeyOf(X509Certificate2 certificate) => certificate.PublicKey.ExportSubjectPublicKeyInfo();

    /// <summary>Whether it is for a name (RFC 6125 section 6.4).</summary>
    public static bool IsFor(X509Certificate2 certificate, string name) => certificate.MatchesHostname(name);

    /// <summary>The certificate in DER; null where it is none, for anybody may publish anything, and nothing is signed by that.</summary>
    public static X509Certificate2? TryLoad(byte[] data)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(data);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
#else
    private const string AlternativeNames = "2.5.29.17";

    /// <summary>Its public key with the kind of it (SubjectPublicKeyInfo), in DER.</summary>
    public static byte[] PublicKeyOf(X509Certificate2 certificate) => X509CertificateStructure.GetInstance(Asn1Object.FromByteArray(certificate.RawData)).SubjectPublicKeyInfo.GetDerEncoded();

    /// <summary>Whether it is for a name (RFC 6125 section 6.4).</summary>
    public static bool IsFor(X509Certificate2 certificate, string name) => NamesOf(certificate).Any(own => Fits(own, name));

    /// <summary>The certificate in DER; null where it is none, for anybody may publish anything, and nothing is signed by that.</summary>
    public static X509Certificate2? TryLoad(byte[] data)
    {
        try
        {
            // The constructor takes more than certificates, for one files that ask for a password: those are kept from it.
            return new X509Certificate2(X509CertificateStructure.GetInstance(Asn1Object.FromByteArray(data)).GetDerEncoded());
        }
        catch (Exception e) when (e is CryptographicException or IOException or ArgumentException or InvalidCastException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    // The name in the subject counts where there are no others alone (RFC 6125 section 6.4.4).
    private static IReadOnlyList<string> NamesOf(X509Certificate2 certificate)
    {
        if (certificate.Extensions[AlternativeNames] is not { } extension) return [certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)];
        return [.. GeneralNames.GetInstance(Asn1Object.FromByteArray(extension.RawData)).GetNames().Where(one => one.TagNo == GeneralName.DnsName).Select(one => DerIA5String.GetInstance(one.Name).GetString())];
    }

    // RFC 6125 section 6.4.3: a wildcard is the whole of the first label, and stands for one.
    private static bool Fits(string own, string name)
    {
        if (!own.StartsWith("*.", StringComparison.Ordinal)) return string.Equals(own, name, StringComparison.OrdinalIgnoreCase);
        var dot = name.IndexOf('.');
        return dot > 0 && string.Equals(own.Substring(1), name.Substring(dot), StringComparison.OrdinalIgnoreCase);
    }
#endif
}
