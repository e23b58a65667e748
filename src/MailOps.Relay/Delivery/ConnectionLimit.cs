namespace MailOps.Relay.Delivery;

/// <summary>How many attempts may be under way in all; who comes too many waits its turn, first come, first served.</summary>
internal sealed class ConnectionLimit(int max)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<bool>> _waiting = new();
    private int _free = max;
    private bool _closed;

    /// <summary>Whether somebody waits for a place.</summary>
    public bool IsWanted
    {
        get
        {
            lock (_gate) return _waiting.Count > 0;
        }
    }

    /// <summary>Waits for a place; false where there will be none any more.</summary>
    public Task<bool> EnterAsync()
    {
        lock (_gate)
        {
            if (_closed) return Task.FromResult(false);
            if (_free > 0)
            {
                _free--;
                return Task.FromResult(true);
            }
            var turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_waiting.TryDequeue(out var next)) next.SetResult(true);
            else _free++;
        }
    }

    /// <summary>Lets nobody in any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_waiting.TryDequeue(out var waiting)) waiting.SetResult(false);
        }
    }
}
