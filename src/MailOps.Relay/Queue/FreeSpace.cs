using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>Whether the disk has room for more mail: asked before each message, looked up once a second.</summary>
internal sealed class FreeSpace(IQueueDisk disk, string folder, long minimum, TimeSpan age, IMailTrace trace, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private long? _lookedUp;
    private long _free;
    private long _taken;

    /// <summary>Whether a message of this size leaves the minimum free.</summary>
    public bool Allows(long size)
    {
        lock (_gate)
        {
            if (_lookedUp is not { } then || clock.GetElapsedTime(then) >= age)
            {
                _lookedUp = clock.GetTimestamp();
                _free = LookUp();
                _taken = 0;
            }
            return _free - _taken - minimum >= size;
        }
    }

    /// <summary>Counts what is about to be written: what comes between two looks could otherwise fill the disk.</summary>
    public void Take(long size)
    {
        lock (_gate) _taken += size;
    }

    // A disk that does not say is not a reason to refuse mail: the write will fail where there is none.
    private long LookUp()
    {
        try
        {
            return disk.FreeSpace(folder);
        }
        catch (DirectoryNotFoundException exception)
        {
            trace.Fault("queue; new mail is refused until the relay is started again", exception);
            return long.MinValue / 2;   // an open file goes on taking writes after its folder was deleted: nothing may be accepted into it
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            trace.Fault($"queue, free space of '{folder}'", exception);
            return long.MaxValue;
        }
    }
}
