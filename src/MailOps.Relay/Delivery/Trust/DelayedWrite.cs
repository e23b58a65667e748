namespace MailOps.Relay.Delivery.Trust;

/// <summary>Writes what has changed some time after it did, so that many changes cost one write; and at the end.</summary>
/// <param name="write">Writes everything; false where the disk did not take it, which is tried again.</param>
/// <param name="delay">How long after the first change: what a crash can lose.</param>
/// <param name="clock">Time.</param>
internal sealed class DelayedWrite(Func<bool> write, TimeSpan delay, TimeProvider clock) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1);
    private ITimer? _timer;
    private bool _isChanged, _isDisposed;

    /// <summary>Something has changed.</summary>
    public void Changed()
    {
        lock (_gate)
        {
            if (_isChanged || _isDisposed) return;
            _isChanged = true;
            _timer ??= clock.CreateTimer(_ => _ = Task.Run(WriteAsync), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ITimer? timer;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            timer = _timer;
        }
        if (timer is not null) await timer.DisposeAsync().ConfigureAwait(false);
        await WriteAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                if (!_isChanged) return;
                _isChanged = false;
            }
            if (!write()) Changed();
        }
        finally
        {
            _writing.Release();
        }
    }
}
