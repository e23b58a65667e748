using System.Text;
using System.Text.Json;
using MailOps.Authentication.Tokens;
using MailOps.Relay.Configuration;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp.Authentication;

/// <summary>All access tokens of a relay: one source a credential, however many routes, mailboxes and connections use it.</summary>
internal sealed class TokenSources(IMailTrace trace, TimeProvider clock) : IDisposable
{
    private readonly TokenClient _client = new(clock.GetUtcNow);
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (AccessTokens Tokens, ITokenGrant Grant, OAuthOptions Options)> _sources = [];

    /// <summary>What an administrator should know.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate) return [.. _sources.Values.Select(s => Warning(s.Grant, s.Options)).OfType<string>()];
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
            var tokens = new AccessTokens(stop => RequestAsync($"{oauth.ClientId ?? mailbox} at {url.Authority}", url, grant, oauth, stop), clock.GetUtcNow, _stopped.Token);
            _sources.Add(key, (tokens, grant, oauth));
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

    private async Task<TokenResponse> RequestAsync(string name, Uri url, ITokenGrant grant, OAuthOptions oauth, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _client.PostAsync(url, grant.Form(clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            Keep(grant, oauth, response);
            return response;
        }
        catch (TokenException e)
        {
            trace.Fault($"asking for an access token for {name}", new MailOpsException(ErrorCode.RelayTokenFailed, $"No access token for {name}: {e.Message}.", "Mail waits until there is one; the error says what the token server wants.", e.InnerException));
            throw;
        }
        catch (MailOpsException e)
        {
            trace.Fault($"asking for an access token for {name}", e);
            throw new TokenException("the relay cannot make the request; its log says why") { IsPermanent = true };
        }
    }

    private void Keep(ITokenGrant grant, OAuthOptions oauth, TokenResponse response)
    {
        if (grant is not RefreshTokenGrant refresh) return;
        var before = refresh.NotStored;
        refresh.Accept(response);
        if (before is null && Warning(grant, oauth) is { } warning) trace.Fault("keeping a refresh token", new MailOpsException(ErrorCode.RelayTokenFailed, warning, "Name a file in refreshToken, in a folder that the relay's user may write."));
    }

    private static string? Warning(ITokenGrant grant, OAuthOptions oauth) => (grant as RefreshTokenGrant)?.NotStored is { } reason
        ? $"The token server has replaced the refresh token of {oauth.RefreshToken} ({reason}): the new one is in memory only, and is lost when the relay stops. Keep the refresh token in a file that the relay's user may write."
        : null;

    private static ITokenGrant Grant(OAuthOptions oauth, string mailbox, TimeProvider clock)
    {
        var (url, scope) = (Url(oauth), oauth.Scope);
        if (oauth.ServiceAccountKeyPath is { } path) return new ServiceAccountGrant(path, mailbox, scope ?? TokenEndpoints.GoogleMail, url);
        var microsoft = oauth.Provider == OAuthProvider.Microsoft365;
        var proof = new ClientProof(oauth.ClientId, url)
        {
            Secret = oauth.ClientSecret is { } secret ? () => Secrets.Resolve(secret) : null,
            Certificate = oauth.ClientCertificate is { } certificate ? () => Certificates.Load(certificate, "", clock).Value! : null,
            UsePss = microsoft,
        };
        return oauth.RefreshToken is { } refresh
            ? new RefreshTokenGrant(proof, scope ?? (microsoft ? TokenEndpoints.MicrosoftSmtp : null), () => Secrets.Resolve(refresh), token => Store(refresh, token))
            : new ClientCredentialsGrant(proof, scope ?? (microsoft ? TokenEndpoints.MicrosoftApp : null));
    }

    private static Uri Url(OAuthOptions oauth) => oauth.TokenUrl is { } url ? new Uri(url) : oauth.Provider == OAuthProvider.Google ? TokenEndpoints.Google : TokenEndpoints.Microsoft(oauth.TenantId!);

    // In the place that a link leads to, and for this user alone.
    private static string? Store(SecretReference reference, string token)
    {
        if (reference.File is not { } path) return "only a file can be written";
        try
        {
            WholeFile.Write(new LocalDisk(), new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path), Encoding.UTF8.GetBytes(token + "\n"));
            return null;
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return e.Message.TrimEnd('.');
        }
    }
}
