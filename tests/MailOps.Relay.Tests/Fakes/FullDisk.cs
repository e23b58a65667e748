using MailOps.Relay.Disk;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>The real disk with little room: a write that does not fit leaves what does, and fails, as write(2) does.</summary>
internal sealed class FullDisk : IQueueDisk
{
    private const int NoSpace = 28;

    private readonly LocalDisk _real = new();

    /// <summary>The bytes that files may still take.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>Whether files can be deleted.</summary>
    public bool Deletes { get; init; } = true;

    /// <summary>Whether files can take the place of others.</summary>
    public bool Replaces { get; set; } = true;

    public void CreateFolder(string folder) => _real.CreateFolder(folder);

    public void FlushFolder(string folder) => _real.FlushFolder(folder);

    public IReadOnlyList<string> Files(string folder) => _real.Files(folder);

    public long FreeSpace(string folder) => Room;

    public IQueueFile Create(string path) => new LimitedFile(this, _real.Create(path));

    public IQueueFile Open(string path) => new LimitedFile(this, _real.Open(path));

    public void Move(string path, string target) => _real.Move(path, target);

    public void Replace(string path, string target)
    {
        if (!Replaces) throw new UnauthorizedAccessException("Not by this user.");
        _real.Replace(path, target);
    }

    public void Delete(string path)
    {
        if (!Deletes) throw new UnauthorizedAccessException("Not by this user.");
        _real.Delete(path);
    }

    private sealed class LimitedFile(FullDisk disk, IQueueFile real) : IQueueFile
    {
        public long Length => real.Length;

        public int Read(long offset, Span<byte> buffer) => real.Read(offset, buffer);

        public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            byte[] bytes = [.. buffers.SelectMany(buffer => buffer.ToArray())];
            var fits = (int)Math.Min(bytes.Length, disk.Room);
            if (fits > 0) real.Write(offset, [bytes.AsMemory(0, fits)]);
            disk.Room -= fits;
            if (fits < bytes.Length) throw new IOException("No space left on device", NoSpace);
        }

        public void Flush() => real.Flush();

        public void Truncate(long length) => real.Truncate(length);

        public void Dispose() => real.Dispose();
    }
}
