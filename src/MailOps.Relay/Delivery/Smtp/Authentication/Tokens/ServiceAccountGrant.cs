using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>A Google service account that acts for a mailbox: an assertion that its key has signed (RFC 7523 section 2.1).</summary>
internal sealed class ServiceAccountGrant(OAuthOptions options, string mailbox, Uri tokenUrl) : ITokenGrant
{
    private const string Gmail = "https://mail.google.com/";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);   // as Google asks

    public TokenForm Form(DateTimeOffset now)
    {
        var (email, keyId, key) = Read(options.ServiceAccountKeyPath!);
        using (key)
        {
            var claims = new JsonObject
            {
                ["iss"] = email,
                ["sub"] = mailbox,
                ["scope"] = options.Scope ?? Gmail,
                ["aud"] = tokenUrl.OriginalString,
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            };
            var header = new JsonObject();
            if (keyId is not null) header["kid"] = keyId;
            return new TokenForm().With("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer").WithSecret("assertion", JsonWebSignature.Sign(header, claims, key, usePss: false));
        }
    }

    private static (string Email, string? KeyId, RSA Key) Read(string path)
    {
        RSA? key = null;
        try
        {
            using var document = StrictJson.Parse(File.ReadAllBytes(path));
            if (Text(document, "client_email") is not { Length: > 0 } email || Text(document, "private_key") is not { } pem) throw new FormatException("it has no client_email or no private_key");
            key = RSA.Create();
            key.ImportFromPem(pem);
            return (email, Text(document, "private_key_id"), key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or ArgumentException or CryptographicException)
        {
            key?.Dispose();
            // What the parsers say could repeat a part of the key.
            var why = e is IOException or UnauthorizedAccessException or FormatException ? e.Message : e is JsonException ? "it is not JSON" : "its private_key is no RSA key";
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The service account key {path} cannot be used: {why}.", "Download the JSON key of the service account again, and let the relay's user read it.");
        }
    }

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
