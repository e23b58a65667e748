using System.Security.Cryptography;
using System.Text;
using MailOps.Web;

namespace MailOps.Authentication.Tokens;

/// <summary>Signs claims (RFC 7519) with an RSA key, in the compact form of RFC 7515 section 3.1: an assertion of who asks (RFC 7523).</summary>
internal static class JsonWebSignature
{
    /// <param name="header">The header; <c>alg</c> and <c>typ</c> are added.</param>
    /// <param name="claims">What is claimed: texts and whole numbers.</param>
    /// <param name="key">The key.</param>
    /// <param name="usePss">PS256, which Entra ID wants, in the place of RS256.</param>
    public static string Sign(IEnumerable<KeyValuePair<string, object>> header, IEnumerable<KeyValuePair<string, object>> claims, RSA key, bool usePss)
    {
        var signed = Encode([.. header, new("alg", usePss ? "PS256" : "RS256"), new("typ", "JWT")]) + "." + Encode(claims);
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, usePss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        return signed + "." + Encode(signature);
    }

    /// <summary>Base64 for URLs, without padding (RFC 7515 section 2).</summary>
    public static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Encode(IEnumerable<KeyValuePair<string, object>> part) => Encode(Encoding.UTF8.GetBytes(JsonFields.Write(part)));
}
