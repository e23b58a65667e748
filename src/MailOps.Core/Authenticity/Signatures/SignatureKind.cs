namespace MailOps.Authenticity.Signatures;

/// <summary>The fields that hold a signature.</summary>
internal enum SignatureKind
{
    /// <summary>DKIM-Signature (RFC 6376 section 3.5).</summary>
    Dkim,
    /// <summary>ARC-Message-Signature (RFC 8617 section 4.1.2).</summary>
    ArcMessage,
    /// <summary>ARC-Seal (RFC 8617 section 4.1.3).</summary>
    ArcSeal,
}
