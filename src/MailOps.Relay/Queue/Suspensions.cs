using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>A recipient that waits for a suspended next hop.</summary>
internal readonly record struct ParkedRecipient(int Index, string NextHop);

/// <summary>Which next hops are suspended, and which messages wait until theirs is resumed: they are neither claimed nor looked at meanwhile. The caller holds the lock.</summary>
internal sealed class Suspensions(IEnumerable<string> suspended)
{
    private readonly Dictionary<string, HashSet<QueueEntry>> _parked = new(StringComparer.OrdinalIgnoreCase);
    private HashSet<string> _suspended = new(suspended, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether everything is.</summary>
    public bool All => _suspended.Contains(IQueueControl.WholeQueue);

    public bool Contains(string nextHop) => _suspended.Contains(nextHop);

    /// <summary>Suspends these and no others; the messages that no longer wait for all they waited for.</summary>
    public IReadOnlyList<QueueEntry> Set(IEnumerable<string> suspended)
    {
        var freed = new List<QueueEntry>();
        _suspended = new HashSet<string>(suspended, StringComparer.OrdinalIgnoreCase);
        foreach (var nextHop in _parked.Keys.Where(hop => !_suspended.Contains(hop)).ToList())
        {
            _parked.Remove(nextHop, out var entries);
            foreach (var entry in entries!)
            {
                if (entry.Parked is not { } parked) continue;   // freed with another of the next hops that it waited for
                ParkedRecipient[] left = [.. parked.Where(recipient => _suspended.Contains(recipient.NextHop))];
                entry.Parked = left is [] ? null : left;
                freed.Add(entry);
            }
        }
        return freed;
    }

    /// <summary>Without effect where the next hop has been resumed meanwhile, or the message was changed and may go elsewhere.</summary>
    public void Park(QueueEntry entry, IReadOnlyCollection<int> recipients, string nextHop)
    {
        if (!_suspended.Contains(nextHop) || entry.Withdrawn) return;
        entry.Parked = [.. entry.Parked ?? [], .. recipients.Select(index => new ParkedRecipient(index, nextHop))];
        if (!_parked.TryGetValue(nextHop, out var entries)) _parked.Add(nextHop, entries = []);
        entries.Add(entry);
    }

    public void Unpark(QueueEntry entry)
    {
        if (entry.Parked is not { } parked) return;
        entry.Parked = null;
        foreach (var nextHop in parked.Select(recipient => recipient.NextHop).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (_parked.TryGetValue(nextHop, out var entries)) entries.Remove(entry);
        }
    }
}
