using MailOps.Relay.Server.Authentication.Tokens;

namespace MailOps.Relay.Server.Authentication;

/// <summary>OAUTHBEARER (RFC 7628): a GS2 header, then <c>host=</c>, <c>port=</c> and <c>auth=Bearer …</c>.</summary>
internal sealed class OAuthBearerMechanism(TokenValidator tokens) : ISaslMechanism
{
    public string Name => "OAUTHBEARER";

    public bool IsPossible(Has has) => true;

    public async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken)
    {
        // RFC 7628 section 3.1: gs2-cbind-flag "," [authzid] "," kvsep *kvpair kvsep; channel binding is not part of it.
        if (BearerExchange.Text(await exchange.FirstAsync(default).ConfigureAwait(false)) is not { } text || !text.EndsWith("\u0001\u0001", StringComparison.Ordinal)) return SaslOutcome.Malformed;
        var header = text[..text.IndexOf('\u0001')].Split(',');
        if (header is not ["n" or "y", var identity, ""] || (identity.Length > 0 && !identity.StartsWith("a=", StringComparison.Ordinal))) return SaslOutcome.Malformed;
        var claimed = identity.Length > 0 ? identity[2..].Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal) : null;
        return await BearerExchange.RunAsync(exchange, tokens, claimed, BearerExchange.Token(text), cancellationToken).ConfigureAwait(false);
    }
}
