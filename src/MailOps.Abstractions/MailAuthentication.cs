namespace MailOps;

/// <summary>How a client proves to a mail server who it is.</summary>
public enum MailAuthentication
{
    /// <summary>Not at all.</summary>
    None,
    /// <summary>The account's name and password, as they are, under TLS.</summary>
    Password,
    /// <summary>The account's password by a mechanism that does not send it, such as CRAM-MD5 or SCRAM.</summary>
    EncryptedPassword,
    /// <summary>A password made for one program in the account's settings; the account's own is refused.</summary>
    AppPassword,
    /// <summary>A name and key that the provider gives out for SMTP alone.</summary>
    SmtpCredential,
    /// <summary>An OAuth 2.0 access token.</summary>
    OAuth2,
    /// <summary>NTLM, which Outlook calls SPA.</summary>
    Ntlm,
    /// <summary>Kerberos.</summary>
    Kerberos,
    /// <summary>The client's TLS certificate.</summary>
    ClientCertificate,
    /// <summary>The address that the client connects from.</summary>
    ClientAddress,
}
