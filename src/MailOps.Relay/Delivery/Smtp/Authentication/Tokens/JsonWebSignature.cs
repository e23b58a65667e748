using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>Signs claims (RFC 7519) with an RSA key, in the compact form of RFC 7515 section 3.1: an assertion of who asks (RFC 7523).</summary>
internal static class JsonWebSignature
{
    /// <param name="header">The header; <c>alg</c> and <c>typ</c> are added.</param>
    /// <param name="claims">What is claimed.</param>
    /// <param name="key">The key.</param>
    /// <param name="usePss">PS256, which Entra ID wants, in the place of RS256.</param>
    public static string Sign(JsonObject header, JsonObject claims, RSA key, bool usePss)
    {
        (header["alg"], header["typ"]) = (usePss ? "PS256" : "RS256", "JWT");
        var signed = Encode(header) + "." + Encode(claims);
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, usePss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return signed + "." + Base64Url.EncodeToString(signature);
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
