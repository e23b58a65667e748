using System.Net;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>
/// The servers with which TLS has failed where it was only an opportunity, so that not each message pays for a handshake that fails. Never asked where TLS is required. The oldest is
/// forgotten where there are too many; a restart forgets them all.
/// </summary>
internal sealed class BrokenTls(TimeSpan memory, TimeProvider clock, int capacity = 10_000)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EndPoint, DateTimeOffset> _until = [];
    private readonly Queue<EndPoint> _oldest = [];   // each is remembered as long as the next

    public bool Contains(EndPoint server)
    {
        lock (_gate)
        {
            Forget(_until.Count);
            return _until.ContainsKey(server);
        }
    }

    public void Add(EndPoint server)
    {
        if (memory <= TimeSpan.Zero) return;
        lock (_gate)
        {
            Forget(capacity - 1);
            if (_until.TryAdd(server, clock.GetUtcNow() + memory)) _oldest.Enqueue(server);
        }
    }

    // Under the lock: what is over, and the oldest of more than a number.
    private void Forget(int keep)
    {
        var now = clock.GetUtcNow();
        while (_oldest.TryPeek(out var first) && (_until.Count > keep || _until[first] <= now)) _until.Remove(_oldest.Dequeue());
    }
}
