using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>A JSON Web Token (RFC 7519) in the compact form of RFC 7515 section 3.1, taken apart and not yet believed.</summary>
internal sealed class JsonWebToken
{
    private const int MaxDepth = 8;

    private JsonWebToken(JsonElement header, JsonElement claims, byte[] signed, byte[] signature) => (Header, Claims, Signed, Signature) = (header, claims, signed, signature);

    /// <summary>The header.</summary>
    public JsonElement Header { get; }

    /// <summary>What it claims.</summary>
    public JsonElement Claims { get; }

    /// <summary>What the signature is over.</summary>
    public byte[] Signed { get; }

    /// <summary>The signature.</summary>
    public byte[] Signature { get; }

    /// <summary>Takes a token apart; null where it is none.</summary>
    public static JsonWebToken? Read(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3) return null;
        try
        {
            return new JsonWebToken(Parse(parts[0]), Parse(parts[1]), Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A text in header or claims; null where there is none of that name and kind.</summary>
    public static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A NumericDate (RFC 7519 section 2); null where there is none that makes sense.</summary>
    public static DateTimeOffset? Time(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    // A name twice could mean one thing to us and another to whoever signed it.
    private static JsonElement Parse(string part)
    {
        using var document = StrictJson.Parse(Base64Url.DecodeFromChars(part), new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new FormatException();
    }
}
