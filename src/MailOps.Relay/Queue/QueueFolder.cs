using System.Globalization;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>The folder of a queue and who holds it: <c>log</c>, <c>digest</c>, <c>content</c>, <c>spool</c>, <c>damaged</c> where something was, <c>suspended</c> where something is, and <c>lock</c>.</summary>
internal sealed class QueueFolder : IDisposable
{
    private readonly FolderLock _lock;

    private QueueFolder(string root, IQueueDisk disk)
    {
        (Root, Disk, Log, Spool) = (root, disk, Path.Combine(root, "log"), Path.Combine(root, "spool"));
        var (digest, content) = (Path.Combine(root, "digest"), Path.Combine(root, "content"));
        disk.CreateFolder(root);
        _lock = new FolderLock(root);
        try
        {
            foreach (var folder in (string[])[Log, digest, content, Spool]) disk.CreateFolder(folder);
            Contents = new ContentFolder(disk, content, Spool, Damaged);
            Suspended = new SuspensionFile(disk, root);
            Digests = new SegmentDigests(disk, digest);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    public string Root { get; }

    public IQueueDisk Disk { get; }

    public string Log { get; }

    public string Spool { get; }

    /// <summary>What a person should look at: originals of what was found damaged, of which messages may be a part. What a write left unfinished is none.</summary>
    public string? Warning
    {
        get
        {
            try
            {
                var count = Disk.Files(Damaged).Count(file => !file.EndsWith(SegmentRepair.TornExtension, StringComparison.Ordinal));
                return count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"The disk damaged what was queued: '{Damaged}' keeps {count} of its files, and tracking/*.faults.log says which messages they may be. Look at them, then delete them.");
            }
            catch (Exception e) when (DiskFault.Is(e))
            {
                return $"The folder '{Damaged}' cannot be read: {e.Message}";
            }
        }
    }

    /// <summary>Where the originals of what is found damaged are kept.</summary>
    public string Damaged => Path.Combine(Root, "damaged");

    public ContentFolder Contents { get; }

    /// <summary>Which next hops are suspended; read by <see cref="Recover"/>.</summary>
    public SuspensionFile Suspended { get; }

    public SegmentDigests Digests { get; }

    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayQueueUnusable"/>.</exception>
    public static QueueFolder Open(string folder, IQueueDisk disk)
    {
        var root = Path.GetFullPath(folder);
        try
        {
            return new QueueFolder(root, disk);
        }
        catch (Exception exception) when (FolderLock.IsHeld(exception))
        {
            throw new MailOpsException(
                ErrorCode.RelayQueueUnusable,
                $"The queue folder '{root}' is in use by another relay.",
                "Stop the other relay, or give this one a folder of its own.",
                exception);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            throw Unusable(root, exception);
        }
    }

    /// <summary>Reads the log, and drops what a crash left beside it.</summary>
    public Recovery Recover(QueueIdSequence ids, IMailTrace trace, CancellationToken cancellationToken)
    {
        var recovery = new Recovery(Disk, Log, Digests, Damaged, ids, trace);
        try
        {
            Suspended.Read(trace);
            recovery.Run(cancellationToken);
            var inFiles = recovery.Entries.Values.Where(entry => entry.InFile).Select(entry => entry.Id);
            Contents.ClearSpool();
            var (missing, unnamed) = Contents.Compare(inFiles);
            foreach (var id in missing)
                trace.Fault("queue, start", new FileNotFoundException($"The content of message {id} is gone; it stays queued, and its sender will be told.", Contents.PathOf(id)));
            if (unnamed.Count > 0) Drop(unnamed, recovery.IsComplete, trace);
            return recovery;
        }
        catch (Exception exception)
        {
            foreach (var segment in recovery.Segments) segment.Dispose();
            if (DiskFault.Is(exception)) throw Unusable(Root, exception);
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>
    /// Content that no record names is what a crash left, unless its record is one that could not be read: then it is the message. Whether something could not be
    /// read is asked of the folder of damage and not only of this start, because an earlier one may have ended between its repair and this.
    /// </summary>
    private void Drop(IReadOnlyList<string> unnamed, bool logIsComplete, IMailTrace trace)
    {
        if (!logIsComplete) return;   // the records stay as they are, and so does what they may name
        if (Disk.Files(Damaged).Count == 0)
        {
            foreach (var file in unnamed) Disk.Delete(file);
            return;
        }
        Contents.PutAside(unnamed);
        var names = string.Join(", ", unnamed.Select(Path.GetFileName));
        trace.Fault("queue, start", new InvalidDataException($"No record names these contents, and there was damage, so they may be of damaged messages; kept in '{Damaged}': {names}."));
    }

    private static MailOpsException Unusable(string root, Exception exception) => new(
        ErrorCode.RelayQueueUnusable,
        $"The queue folder '{root}' cannot be used: {exception.Message}",
        DiskFault.IsFull(exception) ? "Make room on its volume." : "Let the relay's user read and write it, or choose another folder.",
        exception);
}
