using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// Large content: a file each, named by the queue id. It is written or received in the spool, flushed, and renamed into place before its record, which has
/// its checksum.
/// </summary>
internal sealed class ContentFolder(IQueueDisk disk, string folder, string spool, string damaged)
{
    private const string Extension = ".eml";
    private const int ReadAtOnce = 128 << 10;

    public string PathOf(QueueId id) => Path.Combine(folder, id + Extension);

    /// <summary>
    /// Makes the content durable under its name. A file that was received in the spool is taken over; anything else is copied, because the spool is the one
    /// place known to be on the same volume.
    /// </summary>
    /// <returns>Its checksum.</returns>
    public uint Store(QueueId id, MailContent content)
    {
        try
        {
            return StoreWhole(id, content);
        }
        catch (Exception exception) when (DiskFault.Is(exception))
        {
            foreach (var left in (string[])[SpoolPathOf(id), PathOf(id)]) DiskFault.Ignored(() => disk.Delete(left));   // otherwise the next start drops it
            throw;
        }
    }

    private uint StoreWhole(QueueId id, MailContent content)
    {
        uint checksum;
        if (!content.TryGetFile(out var path) || !string.Equals(Path.GetDirectoryName(Path.GetFullPath(path)), spool, StringComparison.Ordinal))
            path = Copy(id, content);
        using (var file = disk.Open(path))
        {
            checksum = Checksum(file);
            file.Flush();
        }
        Again(folder, () => disk.Move(path, PathOf(id)));
        disk.FlushFolder(folder);
        return checksum;
    }

    /// <summary>The checksum of what is there now.</summary>
    public uint Checksum(QueueId id)
    {
        using var file = disk.Open(PathOf(id));
        return Checksum(file);
    }

    public void Delete(QueueId id) => disk.Delete(PathOf(id));

    /// <summary>Keeps what is left of damaged content for a person to look at, now that its message is done.</summary>
    public void PutAside(QueueId id)
    {
        disk.CreateFolder(damaged);
        PutAside([PathOf(id)]);
    }

    /// <summary>Empties the spool.</summary>
    public void ClearSpool()
    {
        foreach (var file in disk.Files(spool)) disk.Delete(file);
    }

    /// <summary>Compares the files with the messages that should have one: the ids that have none, and the files that no message has.</summary>
    public (IReadOnlyList<QueueId> Missing, IReadOnlyList<string> Unnamed) Compare(IEnumerable<QueueId> queued)
    {
        var missing = queued.ToDictionary(PathOf);
        var unnamed = disk.Files(folder).Where(file => !missing.Remove(file)).ToList();
        return ([.. missing.Values], unnamed);
    }

    /// <summary>Puts files aside, durably.</summary>
    public void PutAside(IReadOnlyList<string> files)
    {
        foreach (var file in files) disk.Move(file, Path.Combine(damaged, Path.GetFileName(file)));
        disk.FlushFolder(damaged);
        disk.FlushFolder(folder);
    }

    private string SpoolPathOf(QueueId id) => Path.Combine(spool, id + Extension);

    private string Copy(QueueId id, MailContent content)
    {
        var path = SpoolPathOf(id);
        using var file = Again(spool, () => disk.Create(path));
        using var source = content.OpenRead();
        var buffer = new byte[ReadAtOnce];
        long offset = 0;
        for (int read; (read = source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0; offset += read)
            file.Write(offset, [buffer.AsMemory(0, read)]);
        return path;
    }

    private static uint Checksum(IQueueFile file)
    {
        var buffer = new byte[ReadAtOnce];
        var checksum = 0u;
        long offset = 0;
        for (int read; (read = file.Read(offset, buffer)) > 0; offset += read) checksum = Crc32C.Of(buffer.AsSpan(0, read), checksum);
        return checksum;
    }

    private void Again(string needed, Action attempt) => Again(needed, () =>
    {
        attempt();
        return true;
    });

    /// <summary>Somebody may delete a folder that is empty as it should be: it is made again.</summary>
    private T Again<T>(string needed, Func<T> attempt)
    {
        try
        {
            return attempt();
        }
        catch (DirectoryNotFoundException)
        {
            disk.CreateFolder(needed);
            return attempt();
        }
    }
}

/// <summary>Content in a file of the queue, which stays there when this is disposed.</summary>
internal sealed class QueuedFileContent(string path, long length) : MailContent
{
    public override long Length => length;

    public override bool TryGetFile([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? file)
    {
        file = path;
        return true;
    }

    public override Stream OpenRead() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
}
