using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MailKit.Security;

namespace MailOps.Authentication;

/// <summary>DIGEST-MD5 (RFC 2831) without integrity and privacy layers, which TLS has taken the place of. It is obsolete (RFC 6331): for servers that have nothing else, and only where it is asked for.</summary>
/// <param name="user">The user, in the first of the server's realms.</param>
/// <param name="password">The password.</param>
/// <param name="server">The server's name, which is part of what is proved.</param>
/// <param name="makeNonce">The client's nonce; chance, but for the vector of the RFC.</param>
/// <param name="service">The protocol.</param>
internal sealed class DigestMd5Mechanism(string user, string password, string server, Func<string>? makeNonce = null, string service = "smtp") : SaslMechanism(new NetworkCredential(user, password))
{
    // RFC 2831 section 7.1: name = token or quoted string, separated by commas.
    private static readonly Regex Directive = new("([A-Za-z-]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^,\"]*))(?:,\\s*|$)", RegexOptions.CultureInvariant);

    private string? _expected;
    private int _step;

    /// <inheritdoc/>
    public override string MechanismName => "DIGEST-MD5";

    /// <inheritdoc/>
    public override bool SupportsInitialResponse => false;

    /// <inheritdoc/>
    protected override byte[] Challenge(byte[]? token, int startIndex, int length, CancellationToken cancellationToken) => _step++ switch
    {
        0 => Answer(Encoding.UTF8.GetString(token!, startIndex, length)),
        1 => Verify(Encoding.UTF8.GetString(token!, startIndex, length)),
        _ => throw new FormatException("there is more than the exchange has"),
    };

    private byte[] Answer(string challenge)
    {
        var given = Read(challenge);
        if (!given.TryGetValue("nonce", out var nonce)) throw new FormatException("the challenge has no nonce");
        if (given.TryGetValue("qop", out var offered) && !offered.Split(',').Any(qop => qop.Trim() == "auth")) throw new FormatException("the server wants a layer that this client does not have");
        var (cnonce, uri, realm) = ((makeNonce ?? Nonce)(), $"{service}/{server}", given.TryGetValue("realm", out var name) ? name : "");
        var isUtf8 = given.TryGetValue("charset", out var charset) && string.Equals(charset, "utf-8", StringComparison.OrdinalIgnoreCase);
        var secret = Hash([.. Hashed(user, isUtf8), (byte)':', .. Hashed(realm, isUtf8), (byte)':', .. Hashed(password, isUtf8)]);
        var start = Hex(Hash([.. secret, .. Encoding.UTF8.GetBytes($":{nonce}:{cnonce}")]));
        string Response(string method) => Hex(Hash(Encoding.UTF8.GetBytes($"{start}:{nonce}:00000001:{cnonce}:auth:{Hex(Hash(Encoding.UTF8.GetBytes($"{method}:{uri}")))}")));
        _expected = Response("");   // RFC 2831 section 2.1.3
        var answer = (isUtf8 ? "charset=utf-8," : "") + $"username={Quoted(user)},"
            + (given.ContainsKey("realm") ? $"realm={Quoted(realm)}," : "") + $"nonce={Quoted(nonce)},nc=00000001,cnonce={Quoted(cnonce)},digest-uri={Quoted(uri)},response={Response("AUTHENTICATE")},qop=auth";
        return isUtf8 ? Encoding.UTF8.GetBytes(answer) : Hashed(answer, false);
    }

    // RFC 2831 section 2.1.2.1: what ISO 8859-1 can say is hashed in it, also where the challenge allows UTF-8.
    private static byte[] Hashed(string text, bool isUtf8)
    {
        if (text.All(c => c <= 0xFF)) return [.. text.Select(c => (byte)c)];
        return isUtf8 ? Encoding.UTF8.GetBytes(text) : throw new FormatException("the server takes only letters of ISO 8859-1 in names and passwords");
    }

    private byte[] Verify(string challenge)
    {
        if (!Read(challenge).TryGetValue("rspauth", out var proof) || proof != _expected) throw new FormatException("the server did not prove that it knows the password");
        IsAuthenticated = true;
        return [];
    }

    private static Dictionary<string, string> Read(string text)
    {
        if (text.Length > 2048) throw new FormatException("the challenge is too long");   // RFC 2831 section 2.1.1
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var match in Directive.Matches(text).Cast<Match>())
        {
            if (!found.ContainsKey(match.Groups[1].Value)) found[match.Groups[1].Value] = match.Groups[2].Success ? Regex.Replace(match.Groups[2].Value, @"\\(.)", "$1") : match.Groups[3].Value.Trim();
        }
        return found;
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private static string Hex(byte[] bytes) => string.Concat(bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));

    private static string Nonce()
    {
        var bytes = new byte[18];
        using (var random = RandomNumberGenerator.Create()) random.GetBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

#pragma warning disable CA5351 // MD5 is what the mechanism is made of
#if NET
    private static byte[] Hash(byte[] bytes) => MD5.HashData(bytes);
#else
    private static byte[] Hash(byte[] bytes)
    {
        using var hash = MD5.Create();
        return hash.ComputeHash(bytes);
    }
#endif
#pragma warning restore CA5351
}
