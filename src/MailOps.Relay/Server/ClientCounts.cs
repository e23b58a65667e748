using System.Net;

namespace MailOps.Relay.Server;

/// <summary>How many sessions each client address has. Loopback is not counted: behind it are this machine's own programs.</summary>
/// <param name="limit">How many it may have.</param>
internal sealed class ClientCounts(int limit)
{
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>Counts a session in; false where the client has its share.</summary>
    public bool TryEnter(IPAddress client)
    {
        if (IPAddress.IsLoopback(client)) return true;
        lock (_counts)
        {
            var count = _counts.GetValueOrDefault(client);
            if (count >= limit) return false;
            _counts[client] = count + 1;
            return true;
        }
    }

    /// <summary>Counts a session out that was counted in.</summary>
    public void Leave(IPAddress client)
    {
        if (IPAddress.IsLoopback(client)) return;
        lock (_counts)
        {
            if (--_counts[client] == 0) _counts.Remove(client);
        }
    }
}
