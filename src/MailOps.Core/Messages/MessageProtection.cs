using System.Security.Cryptography.X509Certificates;
using MailOps.Authenticity.Dkim;
using MimeKit;

namespace MailOps.Messages;

/// <summary>How messages are signed and encrypted; one for many messages and several threads at once.</summary>
public sealed record MessageProtection
{
    /// <summary>The certificate of the author, whose key signs (S/MIME); null for no signature.</summary>
    public X509Certificate2? Signer { get; init; }

    /// <summary>The certificates of those who may read (S/MIME); empty for no encryption.</summary>
    public IReadOnlyList<X509Certificate2> Readers { get; init; } = [];

    /// <summary>The domain's signature (DKIM); null for none.</summary>
    public DkimSignature? Dkim { get; init; }

    /// <summary>Signs first and then encrypts (RFC 8551 section 3.7), so that nobody else learns who signed; the domain signs what goes out.</summary>
    internal void Apply(MimeMessage message, FormatOptions format)
    {
        if (Signer is not null) message.Body = SecureMime.Sign(message.Body!, Signer);
        if (Readers.Count > 0) message.Body = SecureMime.Encrypt(message.Body!, Readers);
        Dkim?.Sign(message, format);
    }
}
