using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using MailOps.Authenticity.Dkim;
using MailOps.Messages;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Signatures, encryption, and what is asked of those who get the message.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private MessageProtection? _protection;

    /// <summary>The certificate of the author, with its private key: signs the content (S/MIME).</summary>
    [Parameter(ParameterSetName = MessageSet)]
    public X509Certificate2? SigningCertificate { get; set; }

    /// <summary>The certificates of those who may read the content (S/MIME, AES-256), one for each recipient; the author's own as well where the copy in Sent is to be readable. Subject and other headers stay readable for all.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    public X509Certificate2[] EncryptionCertificate { get; set; } = [];

    /// <summary>A file with the private key of the domain, in PEM as New-DkimKey writes it: signs each message (DKIM). Needs -DkimSelector. Servers that sign themselves need none.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateNotNullOrEmpty]
    public string? DkimKeyPath { get; set; }

    /// <summary>The selector under which the public key is published.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateNotNullOrEmpty]
    public string? DkimSelector { get; set; }

    /// <summary>The domain that signs. Default: the author's, which is the one that DMARC looks for.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateNotNullOrEmpty]
    public string? DkimDomain { get; set; }

    /// <summary>Who is told when a reader opens the message, if that reader agrees (a read receipt).</summary>
    [Parameter(ParameterSetName = MessageSet, ValueFromPipelineByPropertyName = true)]
    public string[]? ReadReceiptTo { get; set; }

    /// <summary>How much of the message a report of failure brings back: Unspecified (as much as the server thinks fit), Full or Headers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [EmptyCell(DeliveryReportContent.Unspecified)]
    public DeliveryReportContent DeliveryReportContent { get; set; }

    /// <summary>A name for the message, up to 100 printable characters, by which reports name it (ENVID). Default: none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? EnvelopeId { get; set; }

    /// <summary>What signs and encrypts, read once for all messages.</summary>
    private MessageProtection? Protection()
    {
        if ((DkimKeyPath is null) != (DkimSelector is null) || (DkimDomain is not null && DkimKeyPath is null))
            throw new MailOpsException(ErrorCode.SigningFailed, "A DKIM signature needs a key and its selector.", "Give -DkimKeyPath and -DkimSelector, or neither.");
        if (SigningCertificate is not null) SecureMime.CheckSigner(SigningCertificate);
        if (SigningCertificate is null && EncryptionCertificate.Length == 0 && DkimKeyPath is null) return null;
        return new MessageProtection
        {
            Signer = SigningCertificate,
            Readers = EncryptionCertificate,
            Dkim = DkimKeyPath is null ? null : DkimSignature.Open(this.FullPath(DkimKeyPath), DkimSelector!, DkimDomain),
        };
    }

    /// <summary>ENVID as given; RFC 3461 section 4.4: printable, and at most 100 characters.</summary>
    private string? Envid()
    {
        if (string.IsNullOrEmpty(EnvelopeId)) return null;
        return EnvelopeId!.Length <= 100 && EnvelopeId.All(c => c is >= ' ' and <= '~')
            ? EnvelopeId
            : throw new MailOpsException(ErrorCode.InvalidMessage, $"'{Printable.Escape(EnvelopeId)}' cannot be an envelope id.", "Write up to 100 printable ASCII characters.");
    }
}
