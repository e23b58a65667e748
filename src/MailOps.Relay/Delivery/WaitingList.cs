using System.Numerics;

namespace MailOps.Relay.Delivery;

/// <summary>
/// The groups that wait for one next hop: the highest MT-PRIORITY first (RFC 6710), and first come, first served among equals. One list a priority and a
/// bit that says whether it holds something, so that each step costs the same however many wait. Not for two threads at a time.
/// </summary>
internal sealed class WaitingList
{
    private const int Lowest = -9, Levels = 19;

    private readonly LinkedList<DeliveryGroup>?[] _levels = new LinkedList<DeliveryGroup>?[Levels];
    private uint _occupied;

    public int Count { get; private set; }

    /// <summary>Adds behind those of the same priority.</summary>
    public void Add(DeliveryGroup group) => Level(group).AddLast(group);

    /// <summary>Adds before those of the same priority: it had its turn already.</summary>
    public void Return(DeliveryGroup group) => Level(group).AddFirst(group);

    /// <summary>Takes the next one.</summary>
    public DeliveryGroup? Take()
    {
        if (_occupied == 0) return null;
        var index = BitOperations.Log2(_occupied);
        var level = _levels[index]!;
        var first = level.First!.Value;
        level.RemoveFirst();
        Count--;
        if (level.Count == 0) _occupied &= ~(1u << index);
        return first;
    }

    /// <summary>Takes them all.</summary>
    public List<DeliveryGroup> TakeAll()
    {
        var all = new List<DeliveryGroup>(Count);
        while (Take() is { } group) all.Add(group);
        return all;
    }

    /// <summary>Takes those that a question picks.</summary>
    public List<DeliveryGroup> TakeAll(Func<DeliveryGroup, bool> picks)
    {
        var taken = new List<DeliveryGroup>();
        foreach (var group in TakeAll())
        {
            if (picks(group)) taken.Add(group);
            else Add(group);
        }
        return taken;
    }

    private LinkedList<DeliveryGroup> Level(DeliveryGroup group)
    {
        var index = Math.Clamp(group.Message.Queued.Sender.Priority - Lowest, 0, Levels - 1);
        Count++;
        _occupied |= 1u << index;
        return _levels[index] ??= new LinkedList<DeliveryGroup>();
    }
}
