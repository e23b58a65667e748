namespace MailOps;

/// <summary>Whose token server it is: what it is called, and what it is asked for, follows from that.</summary>
public enum OAuthProvider
{
    /// <summary>Any server by RFC 6749; <see cref="OAuthOptions.TokenUrl"/> says where.</summary>
    Custom,
    /// <summary>Microsoft Entra ID, for Exchange Online.</summary>
    Microsoft365,
    /// <summary>Google, for Gmail and Google Workspace.</summary>
    Google,
}

/// <summary>
/// An access token in the place of a password (OAuth 2.0, RFC 6749), shown by XOAUTH2 or OAUTHBEARER. What is given says how it is asked for: serviceAccountKeyPath a service account,
/// refreshToken a refresh token, otherwise clientSecret or clientCertificate the client itself (app-only).
/// </summary>
public sealed record OAuthOptions
{
    /// <summary>Microsoft365, Google or Custom. Default: Custom.</summary>
    public OAuthProvider Provider { get; init; }
    /// <summary>The tenant of Microsoft365: its id or one of its domains. For no other provider.</summary>
    public string? TenantId { get; init; }
    /// <summary>The client (application) as it is registered; for all but a service account.</summary>
    public string? ClientId { get; init; }
    /// <summary>The client's secret. This or <see cref="ClientCertificate"/>; with a refresh token neither is needed where the client has none.</summary>
    public SecretReference? ClientSecret { get; init; }
    /// <summary>A certificate with its RSA key, by which the client signs who it is (private_key_jwt), in the place of a secret.</summary>
    public CertificateOptions? ClientCertificate { get; init; }
    /// <summary>The refresh token of the mailbox's owner. Where the server gives another in its place, that is written to the file; of an environment variable it is kept until the relay stops, with a warning.</summary>
    public SecretReference? RefreshToken { get; init; }
    /// <summary>The JSON key file of a Google service account that may act for the mailbox (domain-wide delegation).</summary>
    public string? ServiceAccountKeyPath { get; init; }
    /// <summary>What the token is for. Default: for Microsoft365 https://outlook.office365.com/.default, or with a refresh token https://outlook.office.com/SMTP.Send offline_access; for a service account https://mail.google.com/; otherwise what the server gives without.</summary>
    public string? Scope { get; init; }
    /// <summary>The token server: an https URL, or http to a loopback address. Default: the provider's; Custom has none.</summary>
    public string? TokenUrl { get; init; }
}
