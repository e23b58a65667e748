namespace MailOps;

/// <summary>Whose record was asked.</summary>
public enum SpfIdentity
{
    /// <summary>The sender of the envelope (RFC 7208 section 2.4).</summary>
    MailFrom,
    /// <summary>The name that the client gave in HELO or EHLO (RFC 7208 section 2.3).</summary>
    Helo,
}
