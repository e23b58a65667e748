namespace MailOps.Authentication.Tokens;

/// <summary>By which right a client asks for access tokens.</summary>
public enum OAuthGrant
{
    /// <summary>Its own (RFC 6749 section 4.4): app-only, as Microsoft calls it.</summary>
    ClientCredentials,
    /// <summary>A refresh token of the mailbox's owner (RFC 6749 section 6).</summary>
    RefreshToken,
    /// <summary>Somebody who signs in by a browser, on this or another device (RFC 8628).</summary>
    DeviceCode,
    /// <summary>A Google service account that may act for the mailbox.</summary>
    ServiceAccount,
}
