namespace MailOps.Authentication.Tokens;

/// <summary>A client of a token server, with its secrets: no record, so that it is not written out by accident.</summary>
public sealed class OAuthClient
{
    /// <summary>By which right it asks.</summary>
    public required OAuthGrant Grant { get; init; }

    /// <summary>The token server.</summary>
    public required Uri TokenUrl { get; init; }

    /// <summary>Where a code for somebody who signs in is to be had, for that grant.</summary>
    public Uri? DeviceUrl { get; init; }

    /// <summary>The client as it is registered; null for a service account.</summary>
    public string? ClientId { get; init; }

    /// <summary>Its secret; null where it has none.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The refresh token, for that grant.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>The key file of a service account.</summary>
    public string? ServiceAccountKeyPath { get; init; }

    /// <summary>What the token is for; null for what the server gives without.</summary>
    public string? Scope { get; init; }

    /// <summary>The mailbox, where it was said with the client; null where not.</summary>
    public string? User { get; init; }

    /// <summary>How it asks.</summary>
    /// <param name="mailbox">The mailbox.</param>
    internal ITokenGrant ToGrant(string mailbox)
    {
        var proof = new ClientProof(ClientId, TokenUrl) { Secret = ClientSecret is { } secret ? () => secret : null };
        return Grant switch
        {
            OAuthGrant.ServiceAccount => new ServiceAccountGrant(ServiceAccountKeyPath!, mailbox, Scope!, TokenUrl),
            OAuthGrant.RefreshToken => new RefreshTokenGrant(proof, Scope, () => RefreshToken!, static _ => "it was given as a value"),
            _ => new ClientCredentialsGrant(proof, Scope),
        };
    }

    /// <summary>What tells one source of tokens from another.</summary>
    /// <param name="mailbox">The mailbox.</param>
    internal string Key(string mailbox) => string.Join("\n", Grant, TokenUrl.OriginalString, DeviceUrl?.OriginalString, ClientId, ClientSecret, RefreshToken, ServiceAccountKeyPath, Scope, Grant is OAuthGrant.ServiceAccount or OAuthGrant.DeviceCode ? mailbox : "");
}
