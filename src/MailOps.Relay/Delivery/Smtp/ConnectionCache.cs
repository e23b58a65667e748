namespace MailOps.Relay.Delivery.Smtp;

/// <summary>Connections that wait a moment for the next message; the last one used first, so that the others can end.</summary>
internal sealed class ConnectionCache : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(SmtpConnection Connection, DateTimeOffset Expiry)> _idle = [];
    private readonly TimeProvider _clock;
    private readonly CancellationToken _abort;
    private readonly ITimer _timer;
    private bool _closed;

    public ConnectionCache(TimeSpan lifetime, TimeProvider clock, CancellationToken abort)
    {
        (Lifetime, _clock, _abort) = (lifetime, clock, abort);
        _timer = clock.CreateTimer(static cache => _ = ((ConnectionCache)cache!).ExpireAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long the next one that is parked waits.</summary>
    public TimeSpan Lifetime { get; set; }

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _idle.Count;
        }
    }

    /// <summary>A connection that was parked, or null.</summary>
    public SmtpConnection? Take()
    {
        lock (_gate)
        {
            if (_idle.Count == 0) return null;
            var last = _idle[^1].Connection;
            _idle.RemoveAt(_idle.Count - 1);
            return last;
        }
    }

    /// <summary>Parks a usable connection; false where the cache is closed.</summary>
    public bool Park(SmtpConnection connection)
    {
        lock (_gate)
        {
            if (_closed || Lifetime <= TimeSpan.Zero) return false;
            _idle.Add((connection, _clock.GetUtcNow() + Lifetime));
            if (_idle.Count == 1) _timer.Change(Lifetime, Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<SmtpConnection> rest;
        lock (_gate)
        {
            _closed = true;
            rest = [.. _idle.Select(i => i.Connection)];
            _idle.Clear();
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await CloseAsync(rest).ConfigureAwait(false);
    }

    private async Task ExpireAsync()
    {
        List<SmtpConnection> expired = [];
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            while (_idle.Count > 0 && _idle[0].Expiry <= now)
            {
                expired.Add(_idle[0].Connection);
                _idle.RemoveAt(0);
            }
            if (_idle.Count > 0) _timer.Change(_idle[0].Expiry - now, Timeout.InfiniteTimeSpan);
        }
        await CloseAsync(expired).ConfigureAwait(false);
    }

    // All at a time, so that servers that do not answer QUIT cost the wait for one; no QUIT where nothing is waited for any more.
    private Task CloseAsync(List<SmtpConnection> connections)
    {
        if (_abort.IsCancellationRequested) connections.ForEach(c => c.Break());
        return Task.WhenAll(connections.Select(c => c.DisposeAsync().AsTask()));
    }
}
