using System.Net;

namespace MailOps.Relay.Server.Limits;

/// <summary>How many sessions each client has now, over all listeners. Loopback is not counted: behind it are this machine's own programs.</summary>
internal sealed class ClientCounts
{
    private readonly Dictionary<IPAddress, int> _counts = [];

    /// <summary>Counts a session in; false where the client has its share.</summary>
    public bool TryEnter(IPAddress client, int limit)
    {
        if (IPAddress.IsLoopback(client)) return true;
        var network = ClientNetwork.Of(client);
        lock (_counts)
        {
            var count = _counts.GetValueOrDefault(network);
            if (count >= limit) return false;
            _counts[network] = count + 1;
            return true;
        }
    }

    /// <summary>Counts a session out that was counted in.</summary>
    public void Leave(IPAddress client)
    {
        if (IPAddress.IsLoopback(client)) return;
        var network = ClientNetwork.Of(client);
        lock (_counts)
        {
            if (--_counts[network] == 0) _counts.Remove(network);
        }
    }
}
