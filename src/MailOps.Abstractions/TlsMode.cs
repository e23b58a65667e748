namespace MailOps;

/// <summary>How a connection gets its TLS (RFC 8314 section 3 and RFC 3207).</summary>
public enum TlsMode
{
    /// <summary>Implicit TLS on port 465, otherwise STARTTLS where the server offers it, otherwise none.</summary>
    Auto,
    /// <summary>Plain text, even where the server offers STARTTLS.</summary>
    None,
    /// <summary>STARTTLS, or an error where the server does not offer it.</summary>
    StartTls,
    /// <summary>TLS from the first byte.</summary>
    Implicit,
}
