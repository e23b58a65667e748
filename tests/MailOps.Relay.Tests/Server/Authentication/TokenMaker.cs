using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MailOps.Relay.Server.Authentication.Tokens;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>An issuer of tokens: keys of its own, their published set, and tokens signed with any of them.</summary>
internal sealed class TokenMaker : IKeySource
{
    public const string Issuer = "https://login.example.test/", Audience = "smtp.example.test";

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa P256 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public ECDsa P384 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    /// <summary>The key ids that are published.</summary>
    public List<string> Published { get; } = ["rsa", "p256", "p384"];

    /// <summary>Fetches so far.</summary>
    public int Fetches { get; private set; }

    /// <summary>Whether a fetch fails.</summary>
    public bool IsDown { get; set; }

    public static TokenIssuerOptions Options => new() { Issuer = Issuer, Audiences = [Audience, "second"], Keys = "https://login.example.test/keys" };

    public Task<byte[]> FetchAsync(CancellationToken cancellationToken)
    {
        Fetches++;
        return IsDown ? throw new IOException("down") : Task.FromResult(Encoding.UTF8.GetBytes(KeySet().ToJsonString()));
    }

    public JsonObject KeySet() => new() { ["keys"] = new JsonArray([.. Published.Select(Key)]) };

    public static JsonObject Claims(DateTimeOffset now) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        ["nbf"] = now.AddMinutes(-5).ToUnixTimeSeconds(),
        ["email"] = "mila@example.test",
    };

    /// <summary>A token with the claims, signed as the header says.</summary>
    public string Sign(JsonObject claims, string algorithm = "RS256", string? id = null, Action<JsonObject>? header = null)
    {
        var head = new JsonObject { ["alg"] = algorithm, ["typ"] = "at+jwt", ["kid"] = id ?? (algorithm == "ES256" ? "p256" : algorithm == "ES384" ? "p384" : "rsa") };
        header?.Invoke(head);
        var signed = Encode(head.ToJsonString()) + "." + Encode(claims.ToJsonString());
        return signed + "." + Base64Url.EncodeToString(Signature(algorithm, Encoding.ASCII.GetBytes(signed)));
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        Rsa.Dispose();
        P256.Dispose();
        P384.Dispose();
    }

    private byte[] Signature(string algorithm, byte[] signed)
    {
        var hash = algorithm[^3..] switch { "384" => HashAlgorithmName.SHA384, "512" => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA256 };
        return algorithm[..2] switch
        {
            "RS" => Rsa.SignData(signed, hash, RSASignaturePadding.Pkcs1),
            "PS" => Rsa.SignData(signed, hash, RSASignaturePadding.Pss),
            "ES" => (algorithm == "ES256" ? P256 : P384).SignData(signed, hash),
            "HS" => HMACSHA256.HashData(Rsa.ExportSubjectPublicKeyInfo(), signed),      // the public key taken for a shared secret
            _ => [],
        };
    }

    private JsonNode Key(string id)
    {
        if (id.StartsWith("rsa", StringComparison.Ordinal))
        {
            var rsa = Rsa.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = id, ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) };
        }
        var ec = (id == "p256" ? P256 : P384).ExportParameters(false);
        return new JsonObject { ["kty"] = "EC", ["kid"] = id, ["crv"] = id == "p256" ? "P-256" : "P-384", ["x"] = Base64Url.EncodeToString(ec.Q.X), ["y"] = Base64Url.EncodeToString(ec.Q.Y) };
    }
}
