using MailOps.Relay.Disk;

namespace MailOps.Relay.Tests.Queue;

internal enum DiskAction
{
    Create,
    Write,
    Flush,
    Truncate,
    Move,
    Delete,
    FlushFolder,
}

/// <summary>
/// The real disk, and beside it a model of what of it would survive the loss of power at this instant: file contents as of the last flush of the file, names as of
/// the last flush of the folder, and any part of what came after. A hook sees each action before it happens and may throw or wait.
/// </summary>
internal sealed class PowerCutDisk : IQueueDisk, IDisposable
{
    private readonly LocalDisk _real = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Content> _names = [];
    private readonly Dictionary<string, Content> _durableNames = [];
    private readonly List<(DiskAction Action, string Path, string? Target, Content? Content)> _pendingNames = [];
    private readonly CancellationTokenSource _cut = new();

    /// <summary>Called before each action; to throw is to fail it.</summary>
    public Action<DiskAction, string>? Before { get; set; }

    /// <summary>Called with the size of each write before it happens; to throw is to fail it.</summary>
    public Action<long>? BeforeWrite { get; set; }

    /// <summary>Called with the place of each read before it happens; to throw is to fail it.</summary>
    public Action<long>? BeforeRead { get; set; }

    /// <summary>Whether the power goes at this action: it may have begun, nothing after it happens.</summary>
    public Func<DiskAction, string, bool> CutAt { get; set; } = (_, _) => false;

    public long Free { get; set; } = long.MaxValue;

    /// <summary>Cancelled when the power is gone.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>All actions so far.</summary>
    public int Actions { get; private set; }

    /// <summary>The actions of one kind on a path of this extension.</summary>
    public Dictionary<DiskAction, int> Count { get; } = [];

    /// <summary>Writes what is left after the power cut to a folder.</summary>
    /// <param name="root">The folder of the queue.</param>
    /// <param name="target">Where to write it.</param>
    /// <param name="survives">Whether a thing that was not flushed is there all the same; asked for each.</param>
    public void Restore(string root, string target, Func<bool> survives)
    {
        var names = new Dictionary<string, Content>(_durableNames);
        foreach (var (action, path, to, content) in _pendingNames)
        {
            if (!survives()) continue;
            if (action != DiskAction.Create) names.Remove(path);
            if (action != DiskAction.Delete) names[to ?? path] = content!;
        }
        Directory.CreateDirectory(target);
        foreach (var (path, content) in names)
        {
            var restored = Path.Combine(target, Path.GetRelativePath(root, path));
            Directory.CreateDirectory(Path.GetDirectoryName(restored)!);
            File.WriteAllBytes(restored, content.After(survives));
        }
    }

    /// <summary>The power goes between two actions.</summary>
    public void CutNow() => _cut.Cancel();

    /// <summary>Everything there is now has been there for long.</summary>
    public void FlushAll()
    {
        foreach (var (path, content) in _names)
        {
            content.Flush();
            _durableNames[path] = content;
        }
        _pendingNames.Clear();
    }

    public void CreateFolder(string folder) => Directory.CreateDirectory(folder);

    public IReadOnlyList<string> Files(string folder) => _real.Files(folder);

    public long FreeSpace(string folder) => Free;

    public void FlushFolder(string folder) => Do(DiskAction.FlushFolder, folder, () => { }, () =>
    {
        foreach (var change in _pendingNames.Where(change => In(folder, change.Path) || (change.Target is { } to && In(folder, to))).ToList())
        {
            if (change.Action != DiskAction.Create) _durableNames.Remove(change.Path);
            if (change.Action != DiskAction.Delete) _durableNames[change.Target ?? change.Path] = change.Content!;
            _pendingNames.Remove(change);
        }
    }, possible: false);

    public IQueueFile Create(string path)
    {
        var content = new Content();
        IQueueFile? file = null;
        Do(DiskAction.Create, path, () => file = _real.Create(path), () => Name(DiskAction.Create, path, null, content));
        return new CutFile(this, path, file!, content);
    }

    public IQueueFile Open(string path)
    {
        lock (_gate)
        {
            return new CutFile(this, path, _real.Open(path), Known(path));
        }
    }

    public void Move(string path, string target)
    {
        Content content;
        lock (_gate) content = Known(path);
        Do(DiskAction.Move, path, () => _real.Move(path, target), () => Name(DiskAction.Move, path, target, content));
    }

    public void Replace(string path, string target)
    {
        Content content;
        lock (_gate) content = Known(path);
        Do(DiskAction.Move, path, () => _real.Replace(path, target), () => Name(DiskAction.Move, path, target, content));
    }

    public void Delete(string path) => Do(DiskAction.Delete, path, () => _real.Delete(path), () =>
    {
        if (_names.ContainsKey(path)) Name(DiskAction.Delete, path, null, null);
    });

    public void Dispose() => _cut.Dispose();

    private Content Known(string path)
    {
        if (_names.TryGetValue(path, out var content)) return content;
        content = new Content();   // made by somebody else, and not flushed
        content.Change(File.ReadAllBytes(path), 0);
        Name(DiskAction.Create, path, null, content);
        return content;
    }

    private static bool In(string folder, string path) => Path.GetDirectoryName(path) == folder;

    private void Name(DiskAction action, string path, string? target, Content? content)
    {
        _names.Remove(path);
        if (content is not null) _names[target ?? path] = content;
        _pendingNames.Add((action, path, target, content));
    }

    // "possible": whether what it does may have happened when the power goes at it
    private void Do(DiskAction action, string path, Action real, Action model, bool possible = true)
    {
        Before?.Invoke(action, path);
        lock (_gate)
        {
            if (_cut.IsCancellationRequested) throw new IOException("The power is off.");
            Actions++;
            Count[action] = Count.GetValueOrDefault(action) + 1;
            if (!CutAt(action, path))
            {
                real();
                model();
                return;
            }
            if (possible) model();
        }
        _cut.Cancel();
        throw new IOException("The power goes off.");
    }

    /// <summary>The bytes of a file as of its last flush, and what was done to it since.</summary>
    private sealed class Content
    {
        private readonly List<(byte[]? Written, long Offset)> _pending = [];
        private byte[] _durable = [];

        // Null cuts the file at the offset.
        public void Change(byte[]? written, long offset) => _pending.Add((written, offset));

        public void Flush()
        {
            _durable = After(() => true);
            _pending.Clear();
        }

        public byte[] After(Func<bool> survives)
        {
            var bytes = _durable.ToArray();
            foreach (var (written, offset) in _pending)
            {
                if (written is null)
                {
                    if (survives()) Array.Resize(ref bytes, (int)offset);
                    continue;
                }
                for (var start = 0; start < written.Length; start += 100)   // a disk writes sectors, in any order
                {
                    if (!survives()) continue;
                    var part = written.AsSpan(start, Math.Min(100, written.Length - start));
                    if (bytes.Length < offset + start + part.Length) Array.Resize(ref bytes, (int)offset + start + part.Length);
                    part.CopyTo(bytes.AsSpan((int)offset + start));
                }
            }
            return bytes;
        }
    }

    private sealed class CutFile(PowerCutDisk disk, string path, IQueueFile real, Content content) : IQueueFile
    {
        public long Length => real.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            disk.BeforeRead?.Invoke(offset);
            return real.Read(offset, buffer);
        }

        public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => disk.Do(
            DiskAction.Write,
            path,
            () =>
            {
                disk.BeforeWrite?.Invoke(buffers.Sum(buffer => (long)buffer.Length));
                real.Write(offset, buffers);
            },
            () => content.Change([.. buffers.SelectMany(buffer => buffer.ToArray())], offset));

        public void Flush() => disk.Do(DiskAction.Flush, path, () => { }, content.Flush, possible: false);

        public void Truncate(long length) => disk.Do(DiskAction.Truncate, path, () => real.Truncate(length), () => content.Change(null, length));

        public void Dispose() => real.Dispose();
    }
}
