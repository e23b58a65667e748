using MailOps.Submission;

namespace MailOps.Authentication.Tokens;

/// <summary>
/// The access token of one credential, in memory: asked for when first needed and renewed before it expires, by one request whoever waits for it, and never one a message. A request
/// that failed is not repeated at once, nor is a token that was refused replaced again and again.
/// </summary>
/// <param name="request">Asks the token server once.</param>
/// <param name="now">Time.</param>
/// <param name="stopped">Ends a request that is under way.</param>
public sealed class AccessTokens(Func<CancellationToken, Task<TokenResponse>> request, Func<DateTimeOffset> now, CancellationToken stopped)
{
    /// <summary>The wait after the first failure; it doubles each time.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait after a failure, the wait after one that only an administrator can mend, and the least time between two tokens that are fetched because one was refused.</summary>
    public static readonly TimeSpan LongPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MaxMargin = TimeSpan.FromMinutes(5), MaxAsked = TimeSpan.FromHours(1);

    private readonly object _gate = new();
    private (string Value, DateTimeOffset Renew, DateTimeOffset Expires)? _token;
    private Task<string>? _pending;
    private TokenException? _failure;
    private int _failures;
    private DateTimeOffset _notBefore;
    private DateTimeOffset _dropNotBefore;

    /// <summary>A token that is good now.</summary>
    /// <exception cref="TokenException">None can be had, or could not a moment ago.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        Task<string> pending;
        lock (_gate)
        {
            var time = now();
            if (_token is { } token && (time < token.Renew || (time < token.Expires && time < _notBefore))) return token.Value;
            if (_pending is null && time < _notBefore) throw new TokenException(_failure!.Message, _failure);
            pending = _pending ??= Task.Run(FetchAsync, CancellationToken.None);
        }
        await pending.OrCancelledAsync(cancellationToken).ConfigureAwait(false);
        return await pending.ConfigureAwait(false);
    }

    /// <summary>Drops a token that a server refused; whether another try with another token is worth it.</summary>
    public bool TryDrop(string refused)
    {
        lock (_gate)
        {
            if (_token is not { } token || token.Value != refused) return true;   // somebody else was faster
            var time = now();
            if (time < _dropNotBefore) return false;
            (_token, _dropNotBefore) = (null, time + LongPause);
            return true;
        }
    }

    /// <summary>Lets the next request follow a failure at once, where the token server has not asked for a pause: somebody at a prompt has mended something, and tries again.</summary>
    public void ForgetFailure()
    {
        lock (_gate)
        {
            if (_failure is null or { RetryAfter: not null }) return;
            (_failures, _notBefore) = (0, default);
        }
    }

    /// <summary>A token that somebody else has fetched.</summary>
    public static AccessTokens Of(string token) =>
        new(_ => Task.FromResult(new TokenResponse(token, TimeSpan.FromDays(1), null)), static () => DateTimeOffset.UtcNow, CancellationToken.None);

    private async Task<string> FetchAsync()
    {
        try
        {
            var response = await request(stopped).ConfigureAwait(false);
            lock (_gate)
            {
                var time = now();
                var tenth = TimeSpan.FromTicks(response.Lifetime.Ticks / 10);
                _token = (response.AccessToken, time + response.Lifetime - (tenth < MaxMargin ? tenth : MaxMargin), time + response.Lifetime);
                (_failures, _failure, _notBefore, _pending) = (0, null, default, null);
            }
            return response.AccessToken;
        }
        catch (TokenException e)
        {
            return Fail(e);
        }
        catch
        {
            lock (_gate) _pending = null;
            throw;
        }
    }

    // A token that is still good serves on, where only its renewal failed.
    private string Fail(TokenException failure)
    {
        lock (_gate)
        {
            var time = now();
            _pending = null;
            _failure = failure;
            var pause = failure.IsPermanent || _failures > 16 ? LongPause : TimeSpan.FromTicks(FirstPause.Ticks << _failures);
            if (pause > LongPause) pause = LongPause;
            if (failure.RetryAfter is { } asked && asked > pause) pause = asked < MaxAsked ? asked : MaxAsked;
            _failures++;
            _notBefore = time + pause;
            return _token is { } token && time < token.Expires ? token.Value : throw failure;
        }
    }
}
