using System.Security.Cryptography.X509Certificates;
using MailOps.Messages;

namespace MailOps.Authentication.Tokens;

/// <summary>How the client proves who it is: by its secret (RFC 6749 section 2.3.1), or by an assertion that its certificate has signed (RFC 7523 section 2.2).</summary>
/// <param name="clientId">The client as it is registered.</param>
/// <param name="tokenUrl">Whom it is proven to.</param>
public sealed class ClientProof(string? clientId, Uri tokenUrl)
{
    private const string Jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);   // Entra ID takes ten at most

    /// <summary>The way to the secret; null where there is none.</summary>
    public Func<string>? Secret { get; init; }

    /// <summary>The way to the certificate with its key; null where there is none.</summary>
    public Func<X509Certificate2>? Certificate { get; init; }

    /// <summary>Whether the certificate signs by PS256, which Entra ID wants, in the place of RS256.</summary>
    public bool UsePss { get; init; }

    /// <summary>Adds the client, and its proof where it has one.</summary>
    public void Add(TokenForm form, DateTimeOffset now)
    {
        form.With("client_id", clientId);
        if (Secret is { } secret) form.WithSecret("client_secret", secret());
        else if (Certificate is { } certificate) form.With("client_assertion_type", Jwt).WithSecret("client_assertion", Assertion(certificate(), now));
    }

    // RFC 7523 section 3; the certificate is named by x5t#S256 (RFC 7515 section 4.1.8), as Entra ID asks.
    private string Assertion(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var key = certificate.GetRSAPrivateKey()
            ?? throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The client certificate {certificate.Subject} has no RSA key.", "Make one with an RSA key of 2048 bits or more, and register it with the application.");
        return JsonWebSignature.Sign(
            [new("x5t#S256", JsonWebSignature.Encode(Sha256.Of(certificate.RawData)))],
            [
                new("aud", tokenUrl.OriginalString),
                new("iss", clientId ?? ""),
                new("sub", clientId ?? ""),
                new("jti", Guid.NewGuid().ToString()),
                new("nbf", now.ToUnixTimeSeconds()),
                new("iat", now.ToUnixTimeSeconds()),
                new("exp", (now + Lifetime).ToUnixTimeSeconds()),
            ],
            key, UsePss);
    }
}
