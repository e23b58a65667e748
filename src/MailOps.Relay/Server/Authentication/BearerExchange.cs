using System.Text;
using System.Text.Unicode;
using MailOps.Relay.Server.Authentication.Tokens;

namespace MailOps.Relay.Server.Authentication;

/// <summary>What XOAUTH2 and OAUTHBEARER have in common: key and value pairs apart by 0x01, a token that is validated, and an error that is told before the end.</summary>
internal static class BearerExchange
{
    private const char Separator = '\u0001';

    // RFC 7628 section 3.2.2: what is wrong, as far as a stranger may know it.
    private static readonly byte[] Refusal = """{"status":"invalid_token","schemes":"bearer"}"""u8.ToArray();

    /// <summary>The text of a message; null where it is none.</summary>
    public static string? Text(byte[] message) => Utf8.IsValid(message) ? Encoding.UTF8.GetString(message) : null;

    /// <summary>The token in <c>auth=Bearer …</c>; null without one. RFC 6750 section 2.1: the scheme has no case, and the token is one word.</summary>
    public static string? Token(string pairs)
    {
        var auth = pairs.Split(Separator).Where(p => p.StartsWith("auth=", StringComparison.Ordinal)).Select(p => p[5..].Trim(' ')).ToList();
        return auth is [var only] && only.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && only[7..].TrimStart(' ') is { Length: > 0 } token && !token.Contains(' ') ? token : null;
    }

    /// <summary>Validates the token; where it is not good, tells so, hears the client out, and fails.</summary>
    /// <param name="exchange">The client.</param>
    /// <param name="tokens">The validator.</param>
    /// <param name="claimed">The user the client says it is; null or empty where it leaves that to the token.</param>
    /// <param name="token">The token; null where there was none.</param>
    /// <param name="cancellationToken">Cancelled when the connection is cut.</param>
    public static async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, TokenValidator tokens, string? claimed, string? token, CancellationToken cancellationToken)
    {
        var verdict = token is null ? TokenVerdict.Refused(null, "no bearer token") : await tokens.ValidateAsync(token, cancellationToken).ConfigureAwait(false);
        if (verdict.User is { } user && verdict.Reason is null)
        {
            if (claimed is null or "" || string.Equals(claimed, user, StringComparison.OrdinalIgnoreCase)) return SaslOutcome.Proven(user);
            verdict = TokenVerdict.Refused(user, "would act for another user");
        }
        // RFC 7628 section 3.2.3: the client answers an error with a message that says nothing, and only then is it refused.
        await exchange.AskAsync(Refusal).ConfigureAwait(false);
        return SaslOutcome.Failed(verdict.User ?? claimed, verdict.Reason!);
    }
}
