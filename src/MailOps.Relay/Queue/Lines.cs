using System.Runtime.CompilerServices;

namespace MailOps.Relay.Queue;

/// <summary>
/// What was set aside, line by line: the highest priority first, and what has been due longest among equals. What has left its line otherwise stays in the heap and is passed over. The
/// caller holds the lock.
/// </summary>
internal sealed class Lines
{
    // A line goes with whoever asked for it.
    private readonly ConditionalWeakTable<object, PriorityQueue<QueueEntry, (int Rank, long Due, ulong Id)>> _lines = [];

    /// <summary>Adds a message.</summary>
    public void Add(QueueEntry entry, object line)
    {
        entry.Line = line;
        _lines.GetOrCreateValue(line).Enqueue(entry, (-entry.Priority, entry.Due, entry.Id.Value));
    }

    /// <summary>Takes the next one out; null where none waits.</summary>
    public QueueEntry? Take(object line)
    {
        if (!_lines.TryGetValue(line, out var waiting)) return null;
        while (waiting.TryDequeue(out var entry, out _))
        {
            if (entry.Line != line) continue;
            entry.Line = null;
            return entry;
        }
        _lines.Remove(line);
        return null;
    }
}
