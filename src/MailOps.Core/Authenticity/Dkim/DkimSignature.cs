using MailOps.Messages;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;

namespace MailOps.Authenticity.Dkim;

/// <summary>Signs messages in the name of a domain (RFC 6376); one for many messages and several threads at once.</summary>
public sealed class DkimSignature
{
    /// <summary>Fewer bits no receiver has to accept (RFC 8301 section 3.2).</summary>
    private const int FewestBits = 1024;

    /// <summary>What a reader sees or acts on, as far as a message has it (RFC 6376 section 5.4.1). Received and Return-Path change on the way.</summary>
    private static readonly HashSet<HeaderId> Covered =
    [
        HeaderId.From, HeaderId.Sender, HeaderId.ReplyTo, HeaderId.To, HeaderId.Cc, HeaderId.Subject, HeaderId.Date, HeaderId.MessageId, HeaderId.InReplyTo, HeaderId.References,
        HeaderId.MimeVersion, HeaderId.ContentType, HeaderId.ContentTransferEncoding, HeaderId.ContentId, HeaderId.ContentDescription, HeaderId.DispositionNotificationTo,
        HeaderId.ListId, HeaderId.ListHelp, HeaderId.ListUnsubscribe, HeaderId.ListUnsubscribePost, HeaderId.ListSubscribe, HeaderId.ListPost, HeaderId.ListOwner, HeaderId.ListArchive,
    ];

    private readonly AsymmetricKeyParameter _key;

    private DkimSignature(AsymmetricKeyParameter key, string? domain, string selector) => (_key, Domain, Selector) = (key, domain, selector);

    /// <summary>The domain that signs; null for that of each message's author.</summary>
    public string? Domain { get; }

    /// <summary>The name of the key within the domain.</summary>
    public string Selector { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="path">A file with a private key, RSA or Ed25519, in PEM and without a password, as New-DkimKey writes it.</param>
    /// <param name="selector">The name of the key within the domain.</param>
    /// <param name="domain">The domain that signs; null for that of each message's author, since DMARC counts only a signature of that domain.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>, <see cref="ErrorCode.InvalidDomain"/>, or <see cref="ErrorCode.SigningFailed"/> where the file is no such key.</exception>
    public static DkimSignature Open(string path, string selector, string? domain)
    {
        var (ascii, label, _) = DkimKeyPublication.NameOf(domain ?? "example.com", selector);
        using var file = MessageFile.Open(path);
        using var text = new StreamReader(file);
        var key = Read(text, path);
        if (key is RsaKeyParameters { Modulus.BitLength: < FewestBits and var bits })
            throw new MailOpsException(ErrorCode.SigningFailed, $"The key in '{path}' has {bits} bits; no receiver accepts fewer than {FewestBits}.", "Make one with New-DkimKey and publish its record.");
        return new DkimSignature(key, domain is null ? null : ascii, label);
    }

    /// <summary>Adds the signature as the first header.</summary>
    internal void Sign(MimeMessage message, FormatOptions format)
    {
        message.Prepare(EncodingConstraint.SevenBit);   // what is signed must go out as it is, whatever the server offers (RFC 6376 section 5.3)
        var domain = Domain ?? EmailAddress.Parse(message.From.Mailboxes.First().Address).Domain;
        var signer = new DkimSigner(_key, domain.TrimStart('['), Selector, _key is RsaKeyParameters ? DkimSignatureAlgorithm.RsaSha256 : DkimSignatureAlgorithm.Ed25519Sha256)
        {
            HeaderCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed,
            BodyCanonicalizationAlgorithm = DkimCanonicalizationAlgorithm.Relaxed,
            QueryMethod = "dns/txt",
        };
        signer.Sign(format, message, [.. message.Headers.Concat(message.Body!.Headers).Select(header => header.Id).Where(Covered.Contains).Distinct()]);
    }

    private static AsymmetricKeyParameter Read(TextReader text, string path)
    {
        try
        {
            var read = new PemReader(text).ReadObject();
            var key = read is AsymmetricCipherKeyPair pair ? pair.Private : read as AsymmetricKeyParameter;
            if (key is { IsPrivate: true } and (RsaKeyParameters or Ed25519PrivateKeyParameters)) return key;
            throw Unusable(path, read is null ? "it is not PEM" : "it is not a private key of RSA or Ed25519", null);
        }
        catch (Exception e) when (e is IOException or PasswordException or InvalidCipherTextException or ArgumentException or FormatException)
        {
            throw Unusable(path, e is PasswordException ? "it has a password" : e.Message.TrimEnd('.'), e);
        }
    }

    private static MailOpsException Unusable(string path, string reason, Exception? cause) => new(
        ErrorCode.SigningFailed, $"The file '{path}' is no key for DKIM: {reason}.", "Name a file with a private key in PEM without a password, as New-DkimKey writes it.", cause);
}
