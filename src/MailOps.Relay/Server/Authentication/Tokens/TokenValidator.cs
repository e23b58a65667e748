using System.Text.Json;

namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>
/// Validates access tokens: which issuer it says it is from, a signature by a key of that issuer, then what it claims. What a token says of itself decides nothing
/// before its signature is verified, but for which of the configured issuers' keys to verify it with.
/// </summary>
internal sealed class TokenValidator : IDisposable
{
    /// <summary>How much the issuer's clock and ours may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Where a token names no key: more keys of one issuer than that are not tried.</summary>
    private const int MaxKeys = 16;

    private readonly TimeProvider _clock;
    private readonly Dictionary<string, (TokenIssuerOptions Options, KeyCache Keys)> _issuers;

    public TokenValidator(IEnumerable<TokenIssuerOptions> issuers, Func<TokenIssuerOptions, IKeySource> source, TimeProvider clock)
    {
        _clock = clock;
        _issuers = issuers.ToDictionary(i => i.Issuer, i => (i, new KeyCache(source(i), clock)), StringComparer.Ordinal);
    }

    /// <summary>Whom a token names, or why it is refused.</summary>
    /// <exception cref="AuthenticationUnavailableException">The issuer's keys cannot be had.</exception>
    public async ValueTask<TokenVerdict> ValidateAsync(string text, CancellationToken cancellationToken)
    {
        if (JsonWebToken.Read(text) is not { } token) return TokenVerdict.Refused(null, "not a JSON Web Token");
        // RFC 8725 section 3.1: the algorithms are ours to choose, not the token's.
        if (JsonWebToken.Text(token.Header, "alg") is not { } algorithm || !JsonWebKey.IsKnown(algorithm)) return TokenVerdict.Refused(null, "an algorithm that is not believed");
        if (token.Header.TryGetProperty("crit", out _)) return TokenVerdict.Refused(null, "an extension that is critical and not known");   // RFC 7515 section 4.1.11
        if (JsonWebToken.Text(token.Claims, "iss") is not { } name || !_issuers.TryGetValue(name, out var issuer)) return TokenVerdict.Refused(null, "an issuer that is not configured");
        var keys = await issuer.Keys.KeysAsync(JsonWebToken.Text(token.Header, "kid"), cancellationToken).ConfigureAwait(false);
        if (!keys.Take(MaxKeys).Any(k => k.Verifies(algorithm, token.Signed, token.Signature))) return TokenVerdict.Refused(null, "a signature that no key of the issuer has made");
        return Judge(token.Claims, issuer.Options);
    }

    public void Dispose()
    {
        foreach (var (_, keys) in _issuers.Values) keys.Dispose();
    }

    // From here on it is the issuer who speaks.
    private TokenVerdict Judge(JsonElement claims, TokenIssuerOptions issuer)
    {
        var user = JsonWebToken.Text(claims, issuer.UserClaim) is { Length: > 0 } named && SaslPrep.Prepare(named) is { Length: > 0 } prepared ? prepared : null;
        var now = _clock.GetUtcNow();
        if (!Audiences(claims).Intersect(issuer.Audiences, StringComparer.Ordinal).Any()) return TokenVerdict.Refused(user, "an audience that is not ours");   // RFC 7519 section 4.1.3
        if (JsonWebToken.Time(claims, "exp") is not { } expires) return TokenVerdict.Refused(user, "no time at which it expires");
        if (now >= expires + Skew) return TokenVerdict.Refused(user, "expired");                                                                           // RFC 7519 section 4.1.4
        if (claims.TryGetProperty("nbf", out _) && (JsonWebToken.Time(claims, "nbf") is not { } begins || now < begins - Skew)) return TokenVerdict.Refused(user, "not yet valid");   // RFC 7519 section 4.1.5
        if (user is null) return TokenVerdict.Refused(null, $"no claim '{issuer.UserClaim}' that names a user");
        // An address that its owner never confirmed may be anybody's.
        if (issuer.UserClaim == "email" && claims.TryGetProperty("email_verified", out var verified) && verified.ValueKind != JsonValueKind.True && verified.ToString() != "true") return TokenVerdict.Refused(user, "an e-mail address that is not verified");
        return TokenVerdict.Good(user);
    }

    private static IEnumerable<string> Audiences(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var audience)) return [];
        return audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)
            : audience.ValueKind == JsonValueKind.String ? [audience.GetString()!] : [];
    }
}
