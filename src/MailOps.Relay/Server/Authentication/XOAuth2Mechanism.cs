using MailOps.Relay.Server.Authentication.Tokens;

namespace MailOps.Relay.Server.Authentication;

/// <summary>XOAUTH2, as Google and Microsoft describe it: <c>user=… 0x01 auth=Bearer … 0x01 0x01</c>.</summary>
internal sealed class XOAuth2Mechanism(TokenValidator tokens) : ISaslMechanism
{
    public string Name => "XOAUTH2";

    public bool IsPossible(Has has) => true;

    public async ValueTask<SaslOutcome> RunAsync(ISaslExchange exchange, CancellationToken cancellationToken)
    {
        if (BearerExchange.Text(await exchange.FirstAsync(default).ConfigureAwait(false)) is not { } text || !text.EndsWith("\u0001\u0001", StringComparison.Ordinal)) return SaslOutcome.Malformed;
        var user = text.Split('\u0001').FirstOrDefault(p => p.StartsWith("user=", StringComparison.Ordinal))?[5..];
        return user is null or "" ? SaslOutcome.Malformed : await BearerExchange.RunAsync(exchange, tokens, user, BearerExchange.Token(text), cancellationToken).ConfigureAwait(false);
    }
}
