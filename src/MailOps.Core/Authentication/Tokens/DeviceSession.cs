namespace MailOps.Authentication.Tokens;

/// <summary>Somebody who signs in by a browser (RFC 8628), and the tokens that come of it: renewed by the refresh token as long as that is good.</summary>
/// <param name="oauth">The client.</param>
/// <param name="client">Asks the token server.</param>
/// <param name="now">Time.</param>
/// <param name="wait">Waits.</param>
public sealed class DeviceSession(OAuthClient oauth, TokenClient client, Func<DateTimeOffset> now, Func<TimeSpan, CancellationToken, Task> wait)
{
    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);   // RFC 8628 section 3.5

    private static readonly SemaphoreSlim One = new(1);   // two at a time would be two codes before one user
    private TokenResponse? _first;
    private string? _refresh;
    private DateTimeOffset _expires;

    /// <summary>Whether nobody has signed in, or that has come to its end.</summary>
    private bool IsNeeded => _refresh is null && now() >= _expires;

    /// <summary>Has somebody sign in where that is needed.</summary>
    /// <param name="show">Told the code and the address.</param>
    /// <param name="waiting">Told from time to time how long there is left.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="TokenException">Nobody has.</exception>
    public async Task SignInAsync(Action<DeviceCode> show, Action<TimeSpan> waiting, CancellationToken cancellationToken)
    {
        await One.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!IsNeeded) return;
            var code = await client.DeviceAsync(oauth.DeviceUrl!, Client().With("scope", oauth.Scope), cancellationToken).ConfigureAwait(false);
            show(code);
            Keep(await PollAsync(code, waiting, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>A token: the one of the sign-in, then those that the refresh token gives.</summary>
    /// <exception cref="TokenException">There is none without another sign-in.</exception>
    public async Task<TokenResponse> RequestAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _first, null) is { } first) return first;
        if (_refresh is not { } refresh) throw new TokenException("nobody is signed in any more: run the command again to sign in") { IsPermanent = true };
        try
        {
            var form = Client().With("grant_type", "refresh_token").WithSecret("refresh_token", refresh).With("scope", oauth.Scope);
            var response = await client.PostAsync(oauth.TokenUrl, form, cancellationToken).ConfigureAwait(false);
            _refresh = response.RefreshToken ?? refresh;
            _expires = now() + response.Lifetime;
            return response;
        }
        catch (TokenException e) when (e.IsPermanent)
        {
            (_refresh, _expires) = (null, default);
            throw;
        }
    }

    private async Task<TokenResponse> PollAsync(DeviceCode code, Action<TimeSpan> waiting, CancellationToken cancellationToken)
    {
        var (end, interval) = (now() + code.Lifetime, code.Interval);
        while (true)
        {
            for (var until = now() + interval; now() < until;)
            {
                var left = end - now();
                if (left <= TimeSpan.Zero) throw new TokenException($"nobody has signed in with the code {code.UserCode} in time");
                waiting(left);
                await wait(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            }
            try
            {
                var form = Client().With("grant_type", "urn:ietf:params:oauth:grant-type:device_code").WithSecret("device_code", code.Code);
                return await client.PostAsync(oauth.TokenUrl, form, cancellationToken).ConfigureAwait(false);
            }
            catch (TokenException e) when (e.Error is "authorization_pending" or "slow_down")
            {
                if (e.Error == "slow_down") interval += SlowDown;
            }
            catch (TokenException e) when (e.Error == "expired_token")
            {
                throw new TokenException($"nobody has signed in with the code {code.UserCode} in time", e);
            }
            catch (TokenException e) when (e.Error is null && e.InnerException is not null)
            {
                interval += interval;   // RFC 8628 section 3.5, where there is no answer
            }
        }
    }

    private void Keep(TokenResponse response) => (_first, _refresh, _expires) = (response, response.RefreshToken, now() + response.Lifetime);

    private TokenForm Client()
    {
        var form = new TokenForm().With("client_id", oauth.ClientId);
        return oauth.ClientSecret is { } secret ? form.WithSecret("client_secret", secret) : form;
    }
}
