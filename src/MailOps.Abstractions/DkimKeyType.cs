namespace MailOps;

/// <summary>The kind of a DKIM key.</summary>
public enum DkimKeyType
{
    /// <summary>RSA (RFC 6376 section 3.3), which every receiver verifies.</summary>
    Rsa,
    /// <summary>Ed25519 (RFC 8463), small enough for one string of the DNS; not every receiver verifies it yet.</summary>
    Ed25519,
}
