namespace MailOps;

/// <summary>The versions of TLS, oldest first.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.0 of 1999, which nobody should use (RFC 8996).</summary>
    Tls10,
    /// <summary>TLS 1.1 of 2006, which nobody should use (RFC 8996).</summary>
    Tls11,
    /// <summary>TLS 1.2 of 2008.</summary>
    Tls12,
    /// <summary>TLS 1.3 of 2018 (RFC 8446).</summary>
    Tls13,
}
