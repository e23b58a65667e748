namespace MailOps;

/// <summary>How a user name and password, or an access token, is shown to a mail server (SASL, RFC 4422).</summary>
public enum AuthenticationMechanism
{
    /// <summary>The best that the server offers: one that does not send the password, where there is one. It is tried once; no other follows a refusal.</summary>
    Auto,
    /// <summary>PLAIN: user name and password as they are, under TLS.</summary>
    Plain,
    /// <summary>LOGIN: the same in two steps; for mailboxes also the protocol's own command (LOGIN of IMAP, USER and PASS of POP3).</summary>
    Login,
    /// <summary>CRAM-MD5: an answer made of the password.</summary>
    CramMd5,
    /// <summary>DIGEST-MD5, which is obsolete.</summary>
    DigestMd5,
    /// <summary>SCRAM-SHA-1: both sides prove that they know the password.</summary>
    ScramSha1,
    /// <summary>SCRAM-SHA-1-PLUS: the same, bound to the TLS connection.</summary>
    ScramSha1Plus,
    /// <summary>SCRAM-SHA-256.</summary>
    ScramSha256,
    /// <summary>SCRAM-SHA-256-PLUS.</summary>
    ScramSha256Plus,
    /// <summary>SCRAM-SHA-512.</summary>
    ScramSha512,
    /// <summary>SCRAM-SHA-512-PLUS.</summary>
    ScramSha512Plus,
    /// <summary>NTLM, with DOMAIN\user as the user name.</summary>
    Ntlm,
    /// <summary>What Outlook calls NTLM: secure password authentication.</summary>
    Spa = Ntlm,
    /// <summary>XOAUTH2: an access token, as Google and Microsoft take it.</summary>
    XOAuth2 = Ntlm + 1,
    /// <summary>OAUTHBEARER: an access token, as RFC 7628 has it.</summary>
    OAuthBearer,
    /// <summary>ANONYMOUS: no password at all.</summary>
    Anonymous,
}
