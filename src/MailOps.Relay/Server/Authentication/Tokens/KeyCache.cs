namespace MailOps.Relay.Server.Authentication.Tokens;

/// <summary>
/// An issuer's keys as last seen. They are fetched when first needed, when they are old, and when a token names a key that is not among them, for issuers change their
/// keys without a word; but not oftener than <see cref="Pause"/>, for strangers make tokens with any name. When a fetch fails, the keys last seen stay good.
/// </summary>
internal sealed class KeyCache(IKeySource source, TimeProvider clock) : IDisposable
{
    /// <summary>The least time between two fetches.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>After which the keys are fetched again: a key that the issuer withdrew must not be good for ever.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _fetching = new(1);
    private readonly CancellationTokenSource _disposed = new();
    private IReadOnlyList<JsonWebKey>? _keys;
    private int _isDisposed;
    private long _tried;
    private bool _hasTried;
    private long _fetched;

    /// <summary>The keys to try for a key id; all where the token names none.</summary>
    /// <exception cref="AuthenticationUnavailableException">No keys could be had so far.</exception>
    public async ValueTask<IReadOnlyList<JsonWebKey>> KeysAsync(string? id, CancellationToken cancellationToken)
    {
        if (Find(id) is { Count: > 0 } known && !IsOld) return known;
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Exception? fault = null;
            if ((Find(id).Count == 0 || IsOld) && !(_hasTried && clock.GetElapsedTime(_tried) < Pause)) fault = await FetchAsync().ConfigureAwait(false);
            return _keys is null ? throw new AuthenticationUnavailableException("The keys of the issuer cannot be had.", fault) : Find(id);
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;   // a server is stopped, and then disposed
        _disposed.Cancel();
        source.Dispose();
        _fetching.Dispose();
        _disposed.Dispose();
        foreach (var key in _keys ?? []) key.Dispose();
    }

    private bool IsOld => clock.GetElapsedTime(_fetched) > MaxAge;

    private IReadOnlyList<JsonWebKey> Find(string? id) => _keys is not { } keys ? [] : id is null ? keys : [.. keys.Where(k => k.Id == id)];

    // For all that wait, whoever of them goes away. Keys that were replaced may be in use, and are left to the collector.
    private async Task<Exception?> FetchAsync()
    {
        (_tried, _hasTried) = (clock.GetTimestamp(), true);
        try
        {
            _keys = JsonWebKey.ReadSet(await source.FetchAsync(_disposed.Token).ConfigureAwait(false));
            _fetched = clock.GetTimestamp();
            return null;
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return e;
        }
    }
}
