namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// The servers that have thrown away what was written behind a message which they had not answered yet: to find that out takes a wait, once for each. The oldest is forgotten where there are too
/// many; a restart forgets them all.
/// </summary>
internal sealed class EarlyInput(int capacity = 10_000)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _servers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<string> _oldest = [];

    /// <summary>Whether a server does.</summary>
    /// <param name="server">Its name and port.</param>
    public bool IsThrownAwayBy(string server)
    {
        lock (_gate) return _servers.Contains(server);
    }

    /// <summary>Remembers one that does.</summary>
    public void Add(string server)
    {
        lock (_gate)
        {
            if (!_servers.Add(server)) return;
            _oldest.Enqueue(server);
            if (_oldest.Count > capacity) _servers.Remove(_oldest.Dequeue());
        }
    }
}
