using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>How the client proves who it is: by its secret (RFC 6749 section 2.3.1), or by an assertion that its certificate has signed (RFC 7523 section 2.2).</summary>
internal sealed class ClientProof(OAuthOptions options, Uri tokenUrl, TimeProvider clock)
{
    private const string Jwt = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);   // Entra ID takes ten at most

    /// <summary>Adds the client, and its proof where it has one.</summary>
    public void Add(TokenForm form, DateTimeOffset now)
    {
        form.With("client_id", options.ClientId);
        if (options.ClientSecret is { } secret) form.WithSecret("client_secret", Secrets.Resolve(secret));
        else if (options.ClientCertificate is { } certificate) form.With("client_assertion_type", Jwt).WithSecret("client_assertion", Assertion(certificate, now));
    }

    // RFC 7523 section 3; the certificate is named by x5t#S256 (RFC 7515 section 4.1.8), as Entra ID asks.
    private string Assertion(CertificateOptions from, DateTimeOffset now)
    {
        var certificate = Certificates.Load(from, "", clock).Value!;
        using var key = certificate.GetRSAPrivateKey()
            ?? throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The client certificate {certificate.Subject} has no RSA key.", "Make one with an RSA key of 2048 bits or more, and register it with the application.");
        var claims = new JsonObject
        {
            ["aud"] = tokenUrl.OriginalString,
            ["iss"] = options.ClientId,
            ["sub"] = options.ClientId,
            ["jti"] = Guid.NewGuid().ToString(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        };
        var header = new JsonObject { ["x5t#S256"] = Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256)) };
        return JsonWebSignature.Sign(header, claims, key, usePss: options.Provider == OAuthProvider.Microsoft365);
    }
}
