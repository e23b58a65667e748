using System.Runtime.CompilerServices;

namespace MailOps.Relay.Queue;

/// <summary>A recipient that waits in a line, and until a time at most, in UTC ticks.</summary>
internal readonly record struct AsideRecipient(int Index, object Line, long Until);

/// <summary>
/// What was set aside, line by line: the highest priority first, and what has been due longest among equals. What has left its line otherwise stays in the heap and is passed over. The
/// caller holds the lock.
/// </summary>
internal sealed class Lines
{
    // A line goes with whoever asked for it.
    private readonly ConditionalWeakTable<object, PriorityQueue<QueueEntry, (int Rank, long Due, ulong Id)>> _lines = [];

    /// <summary>Adds recipients of a message.</summary>
    public void Add(QueueEntry entry, IReadOnlyCollection<int> recipients, object line, long until)
    {
        var due = entry.Due;   // since when, as long as they are not aside
        entry.Aside = [.. entry.Aside ?? [], .. recipients.Select(index => new AsideRecipient(index, line, until))];
        _lines.GetOrCreateValue(line).Enqueue(entry, (-entry.Priority, due, entry.Id.Value));
    }

    /// <summary>Takes the next one out, all of its recipients in this line, and in no other; null where none waits.</summary>
    public QueueEntry? Take(object line)
    {
        if (!_lines.TryGetValue(line, out var waiting)) return null;
        while (waiting.TryDequeue(out var entry, out _))
        {
            if (entry.Aside is not { } aside) continue;
            AsideRecipient[] left = [.. aside.Where(recipient => recipient.Line != line)];
            if (left.Length == aside.Length) continue;
            entry.Aside = left is [] ? null : left;
            return entry;
        }
        _lines.Remove(line);
        return null;
    }
}
