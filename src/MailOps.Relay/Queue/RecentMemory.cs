namespace MailOps.Relay.Queue;

/// <summary>
/// The messages that memory holds until their first attempt, so that they need not be read back: so many bytes in all. Where that is full, the lane that has most of it gives way to the others, with
/// what came last to it, which will be wanted last: ten thousand messages for a next hop that is down leave room for those that go at once. All members may be called by anybody.
/// </summary>
internal sealed class RecentMemory(long limit)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<QueueEntry>?[] _lanes = new LinkedList<QueueEntry>?[Lanes.Most];
    private readonly long[] _costs = new long[Lanes.Most];
    private long _bytes;

    /// <summary>What they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether there is room for a message of a lane, or others must give way to it.</summary>
    public bool Allows(byte lane, long cost)
    {
        if (cost > limit) return false;
        lock (_gate) return _bytes + cost <= limit || _costs[lane] + cost < _costs[Largest()];
    }

    /// <summary>Keeps a message where there is room, or room can be made.</summary>
    public void Keep(QueueEntry entry, RecentMessage message)
    {
        lock (_gate)
        {
            while (_bytes + message.Cost > limit)
            {
                var largest = Largest();
                if (_costs[entry.Lane] + message.Cost >= _costs[largest]) return;
                Drop(_lanes[largest]!.Last!.Value);
            }
            message.Node = (_lanes[entry.Lane] ??= new()).AddLast(entry);
            entry.Recent = message;
            Count(entry.Lane, message.Cost);
        }
    }

    /// <summary>Gives the memory of a message back, where it is in memory.</summary>
    public void Forget(QueueEntry entry)
    {
        if (entry.Recent is null) return;
        lock (_gate) Drop(entry);
    }

    private void Drop(QueueEntry entry)
    {
        if (entry.Recent is not { } recent) return;
        entry.Recent = null;
        _lanes[entry.Lane]!.Remove(recent.Node!);
        Count(entry.Lane, -recent.Cost);
    }

    private void Count(byte lane, long cost)
    {
        _costs[lane] += cost;
        Interlocked.Add(ref _bytes, cost);
    }

    private int Largest() => Array.IndexOf(_costs, _costs.Max());
}
