using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>A public key of an issuer (RFC 7517), and the signatures it can verify (RFC 7518 section 3). Keys of other kinds, symmetric ones above all, are none here.</summary>
internal sealed class JsonWebKey : IDisposable
{
    private const int MinRsaBits = 2048;   // RFC 7518 section 3.3

    private readonly RSA? _rsa;
    private readonly ECDsa? _ecdsa;
    private readonly string? _algorithm;

    private JsonWebKey(string? id, string? algorithm, RSA? rsa, ECDsa? ecdsa) => (Id, _algorithm, _rsa, _ecdsa) = (id, algorithm, rsa, ecdsa);

    /// <summary>The key's id (<c>kid</c>), or null.</summary>
    public string? Id { get; }

    /// <summary>Whether an algorithm is one of those we believe: signatures with a public key and a hash that holds. <c>none</c> and HMAC are not.</summary>
    public static bool IsKnown(string? algorithm) => algorithm is "RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" or "ES256" or "ES384";

    /// <summary>Reads the keys of a set that verify signatures; others are passed over (RFC 7517 section 5).</summary>
    /// <exception cref="FormatException">It is no key set.</exception>
    public static IReadOnlyList<JsonWebKey> ReadSet(byte[] json)
    {
        try
        {
            using var document = StrictJson.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array) throw new FormatException("It is no key set.");
            return [.. keys.EnumerateArray().Select(Read).OfType<JsonWebKey>()];
        }
        catch (JsonException e)
        {
            throw new FormatException("It is not JSON.", e);
        }
    }

    /// <summary>Whether a signature is this key's. An algorithm is believed only for the kind of key it belongs to, whatever the token says.</summary>
    public bool Verifies(string algorithm, byte[] signed, byte[] signature)
    {
        if (_algorithm is not null && _algorithm != algorithm) return false;
        var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        return algorithm[..2] switch
        {
            "RS" => _rsa?.VerifyData(signed, signature, hash, RSASignaturePadding.Pkcs1) == true,
            "PS" => _rsa?.VerifyData(signed, signature, hash, RSASignaturePadding.Pss) == true,
            // RFC 7518 section 3.4: the curve belongs to the algorithm, and the signature is R and S one after the other.
            "ES" => _ecdsa is not null && _ecdsa.KeySize == (algorithm == "ES256" ? 256 : 384) && _ecdsa.VerifyData(signed, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            _ => false,
        };
    }

    public void Dispose()
    {
        _rsa?.Dispose();
        _ecdsa?.Dispose();
    }

    private static JsonWebKey? Read(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || JsonWebToken.Text(key, "use") is not (null or "sig")) return null;
        var (id, algorithm) = (JsonWebToken.Text(key, "kid"), JsonWebToken.Text(key, "alg"));
        try
        {
            return JsonWebToken.Text(key, "kty") switch
            {
                "RSA" => ReadRsa(key) is { } rsa ? new JsonWebKey(id, algorithm, rsa, null) : null,
                "EC" => ReadEc(key) is { } ecdsa ? new JsonWebKey(id, algorithm, null, ecdsa) : null,
                _ => null,
            };
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;   // a key that is none
        }
    }

    private static RSA? ReadRsa(JsonElement key)
    {
        var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") });
        if (rsa.KeySize >= MinRsaBits) return rsa;
        rsa.Dispose();
        return null;
    }

    private static ECDsa? ReadEc(JsonElement key) => JsonWebToken.Text(key, "crv") switch
    {
        "P-256" => ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } }),
        "P-384" => ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } }),
        _ => null,
    };

    private static byte[] Bytes(JsonElement key, string name) =>
        Base64Url.DecodeFromChars(JsonWebToken.Text(key, name)) is { Length: > 0 } bytes ? bytes : throw new FormatException();   // .NET takes an empty number for a mistake of its caller
}
