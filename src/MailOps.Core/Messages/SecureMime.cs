using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using MimeKit;

namespace MailOps.Messages;

/// <summary>Signs and encrypts what a message holds, by S/MIME (RFC 8551). Headers of the message stay readable and are not signed.</summary>
/// <remarks>Through the classes of .NET and not MimeKit's, so that keys that cannot leave a smart card or the Windows store serve too.</remarks>
public static class SecureMime
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";   // RFC 8551 section 2.7: what every receiver of today can read

    /// <summary>The part and its signature beside it (RFC 8551 section 3.5.3), so that readers without S/MIME see the text.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.SigningFailed"/>.</exception>
    internal static MimeEntity Sign(MimeEntity entity, X509Certificate2 certificate)
    {
        var signature = SignatureOf(Bytes(entity), certificate, detached: true);
        var signed = new MimeKit.Cryptography.MultipartSigned { entity, Part("pkcs7-signature", "smime.p7s", ContentDisposition.Attachment, signature) };
        signed.ContentType.Parameters["protocol"] = "application/pkcs7-signature";
        signed.ContentType.Parameters["micalg"] = "sha-256";
        return signed;
    }

    /// <summary>The signature of a content as CMS, with what it signs in it or not.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.SigningFailed"/>.</exception>
    internal static byte[] SignatureOf(byte[] content, X509Certificate2 certificate, bool detached)
    {
        CheckSigner(certificate);
        var cms = new SignedCms(new ContentInfo(content), detached);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate)
        {
            DigestAlgorithm = new Oid(Sha256),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        foreach (var issuer in Issuers(certificate)) signer.Certificates.Add(issuer);
        signer.SignedAttributes.Add(new Pkcs9SigningTime());
        try
        {
            cms.ComputeSignature(signer, silent: true);
        }
        catch (CryptographicException e)
        {
            throw new MailOpsException(ErrorCode.SigningFailed, $"The certificate of {certificate.Subject} cannot sign: {e.Message}", "Use one whose private key this user may use without being asked for a PIN.", e);
        }
        return cms.Encode();
    }

    // The intermediates that this machine has; whoever reads the signature has the root. Nothing is fetched for it: a certificate may name any address.
    private static List<X509Certificate2> Issuers(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
#if NET
        chain.ChainPolicy.DisableCertificateDownloads = true;
#endif
        chain.Build(certificate);   // whether it is trusted here is for its readers to say
        return [.. chain.ChainElements.Cast<X509ChainElement>().Skip(1).Select(element => element.Certificate).Where(one => !one.SubjectName.RawData.SequenceEqual(one.IssuerName.RawData)).Select(one => new X509Certificate2(one))];
    }

    /// <summary>The part, readable only by those whose certificates these are (RFC 8551 section 3.3).</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.SigningFailed"/>.</exception>
    internal static MimeEntity Encrypt(MimeEntity entity, IReadOnlyList<X509Certificate2> certificates)
    {
        var cms = new EnvelopedCms(new ContentInfo(Bytes(entity)), new AlgorithmIdentifier(new Oid(Aes256Cbc)));
        var readers = new CmsRecipientCollection();
        foreach (var certificate in certificates) readers.Add(new CmsRecipient(SubjectIdentifierType.IssuerAndSerialNumber, Current(certificate)));
        try
        {
            cms.Encrypt(readers);
        }
        catch (CryptographicException e)
        {
            throw new MailOpsException(
                ErrorCode.SigningFailed, $"The message cannot be encrypted for {string.Join(", ", certificates.Select(one => one.Subject))}: {e.Message}",
                "Use certificates with RSA keys that are meant for encryption.", e);
        }
        var part = Part("pkcs7-mime", "smime.p7m", ContentDisposition.Attachment, cms.Encode());
        part.ContentType.Parameters["smime-type"] = "enveloped-data";
        return part;
    }

    /// <summary>That a certificate can sign, before the first message.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.SigningFailed"/>.</exception>
    public static void CheckSigner(X509Certificate2 certificate)
    {
        if (!Current(certificate).HasPrivateKey)
            throw new MailOpsException(
                ErrorCode.SigningFailed, $"The certificate of {certificate.Subject} has no private key here.", "Use one with its private key: from the certificate store, or a .pfx file by Get-PfxCertificate.");
        // RFC 8550 section 4.4.2: a certificate that says what its key is for says digitalSignature, nonRepudiation, or both, where it signs messages.
        if (certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage && (usage.KeyUsages & (X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation)) == 0)
            throw new MailOpsException(ErrorCode.SigningFailed, $"The certificate of {certificate.Subject} is not meant to sign: its key usage is {usage.KeyUsages}.", "Use one whose key usage has digitalSignature.");
    }

    private static X509Certificate2 Current(X509Certificate2 certificate)
    {
        var now = DateTime.Now;   // as the two dates are
        return now < certificate.NotBefore || now > certificate.NotAfter
            ? throw new MailOpsException(
                ErrorCode.SigningFailed, FormattableString.Invariant($"The certificate of {certificate.Subject} is valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd}, which is not today."), "Use one that is valid.")
            : certificate;
    }

    /// <summary>The part as it goes out: in seven bits, so that no server has a reason to change it (RFC 8551 section 3.1.3), with CRLF.</summary>
    private static byte[] Bytes(MimeEntity entity)
    {
        entity.Prepare(EncodingConstraint.SevenBit);
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        using var bytes = new MemoryStream();
        entity.WriteTo(format, bytes);
        return bytes.ToArray();
    }

    private static MimePart Part(string subtype, string name, string disposition, byte[] content) => new("application", subtype)
    {
        ContentDisposition = new ContentDisposition(disposition) { FileName = name },
        ContentTransferEncoding = ContentEncoding.Base64,
        FileName = name,
        Content = new MimeContent(new MemoryStream(content)),
    };
}
