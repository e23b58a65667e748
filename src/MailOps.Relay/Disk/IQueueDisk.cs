namespace MailOps.Relay.Disk;

/// <summary>What the queue, and others that keep mail, ask of a disk, so that a test can fail, hold or cut the power at each of these instants.</summary>
internal interface IQueueDisk
{
    /// <summary>Makes a folder, and those above it, durably and for this user alone; nothing where it exists.</summary>
    void CreateFolder(string folder);
    /// <summary>Makes the entries of a folder (files created, renamed, deleted in it) durable.</summary>
    void FlushFolder(string folder);
    /// <summary>The files of a folder, full paths, in no order; none where it does not exist.</summary>
    IReadOnlyList<string> Files(string folder);
    /// <summary>The bytes that are free for this user.</summary>
    long FreeSpace(string folder);
    /// <summary>Makes a new file; it must not exist.</summary>
    IQueueFile Create(string path);
    /// <summary>Opens a file that exists, to read and write.</summary>
    IQueueFile Open(string path);
    /// <summary>Renames a file; the target must not exist.</summary>
    void Move(string path, string target);
    /// <summary>Renames a file over another, whose place it takes in one step, whether or not there is one.</summary>
    void Replace(string path, string target);
    /// <summary>Deletes a file.</summary>
    void Delete(string path);
}

/// <summary>An open file of the queue.</summary>
internal interface IQueueFile : IDisposable
{
    /// <summary>The bytes in it.</summary>
    long Length { get; }
    /// <summary>Reads until the buffer is full or the file ends; the number of bytes read.</summary>
    int Read(long offset, Span<byte> buffer);
    /// <summary>Writes the buffers one after the other; not durable before <see cref="Flush"/>.</summary>
    void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers);
    /// <summary>Returns when everything written is on the disk itself.</summary>
    void Flush();
    /// <summary>Cuts the file.</summary>
    void Truncate(long length);
}
