using System.Text.Json;
using MailOps.Relay.Configuration;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp.Authentication.Tokens;

/// <summary>All access tokens of a relay: one source a credential, however many routes, mailboxes and connections use it.</summary>
internal sealed class TokenSources(IMailTrace trace, TimeProvider clock) : IDisposable
{
    private const string EntraId = "https://login.microsoftonline.com/", Google = "https://oauth2.googleapis.com/token";

    private readonly TokenClient _client = new(clock);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (AccessTokens Tokens, ITokenGrant Grant)> _sources = [];

    /// <summary>What an administrator should know.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate) return [.. _sources.Values.Select(s => (s.Grant as RefreshTokenGrant)?.Warning).OfType<string>()];
        }
    }

    /// <summary>The tokens of a route's credential.</summary>
    public AccessTokens Of(OAuthOptions oauth, string mailbox)
    {
        // A service account acts for one mailbox at a time; all other tokens are the client's or the owner's, whichever mailbox they are shown for.
        var key = JsonSerializer.Serialize(oauth, RelayConfiguration.Json) + RouteWay.OfSession(oauth) + (oauth.ServiceAccountKeyPath is null ? "" : mailbox);
        lock (_gate)
        {
            if (_sources.TryGetValue(key, out var found)) return found.Tokens;
            var (url, grant) = (Url(oauth), Grant(oauth, mailbox, clock));
            var tokens = new AccessTokens($"{oauth.ClientId ?? mailbox} at {url.Authority}", stop => RequestAsync(url, grant, stop), trace, clock, _stopped.Token);
            _sources.Add(key, (tokens, grant));
            return tokens;
        }
    }

    /// <summary>That every secret is where it should be, and every key one.</summary>
    /// <exception cref="MailOpsException">One is not.</exception>
    public static void Check(OAuthOptions oauth, string mailbox, TimeProvider clock) => Grant(oauth, mailbox, clock).Form(clock.GetUtcNow());

    /// <summary>Ends what is under way.</summary>
    public void Dispose()
    {
        _stopped.Cancel();
        _client.Dispose();
        _stopped.Dispose();
    }

    private async Task<TokenResponse> RequestAsync(Uri url, ITokenGrant grant, CancellationToken cancellationToken)
    {
        var response = await _client.PostAsync(url, grant.Form(clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        if (grant is not RefreshTokenGrant refresh) return response;
        var before = refresh.Warning;
        refresh.Accept(response);
        if (before is null && refresh.Warning is { } warning) trace.Fault("keeping a refresh token", new MailOpsException(ErrorCode.RelayTokenFailed, warning, "Name a file in refreshToken, in a folder that the relay's user may write."));
        return response;
    }

    private static ITokenGrant Grant(OAuthOptions oauth, string mailbox, TimeProvider clock)
    {
        var proof = new ClientProof(oauth, Url(oauth), clock);
        return oauth.ServiceAccountKeyPath is not null ? new ServiceAccountGrant(oauth, mailbox, Url(oauth))
            : oauth.RefreshToken is not null ? new RefreshTokenGrant(oauth, proof)
            : new ClientCredentialsGrant(oauth, proof);
    }

    private static Uri Url(OAuthOptions oauth) => new(oauth.TokenUrl ?? (oauth.Provider == OAuthProvider.Google ? Google : $"{EntraId}{oauth.TenantId}/oauth2/v2.0/token"));
}
