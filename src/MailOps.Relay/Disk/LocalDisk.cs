using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailOps.Relay.Disk;

/// <summary>The disk of this machine.</summary>
internal sealed class LocalDisk : IQueueDisk
{
    public void CreateFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        CreateFolder(parent);
        OwnerOnly.CreateFolder(folder);
        FlushFolder(parent);
    }

    /// <summary>
    /// On Unix a new name is durable only after the fsync of its folder, and .NET opens no folder: hence open(2). NTFS writes its names through its own
    /// journal, in order, and has nothing to ask for: on Windows this does nothing.
    /// </summary>
    public void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        using var handle = OpenFolder(folder, 0);
        if (handle.IsInvalid) throw new IOException($"The folder '{folder}' cannot be opened to flush it.", new Win32Exception(Marshal.GetLastPInvokeError()));
        FileFlush.FolderToDisk(handle);
    }

    public IReadOnlyList<string> Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    /// <summary>On Windows a network share has no drive to ask: there the write says it when the space is gone.</summary>
    public long FreeSpace(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The folder '{folder}' is gone; what is written to files in it will be gone too.");
        if (!OperatingSystem.IsWindows()) return new DriveInfo(folder).AvailableFreeSpace;
        var root = Path.GetPathRoot(folder)!;
        return root.StartsWith(@"\\", StringComparison.Ordinal) ? long.MaxValue : new DriveInfo(root).AvailableFreeSpace;
    }

    public IQueueFile Create(string path)
    {
        // For its owner alone from the first moment: who had opened it before could read what comes into it.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        var stream = new FileStream(path, options.ForOwnerOnly());
        return new LocalFile(stream.SafeFileHandle, stream);
    }

    public IQueueFile Open(string path) => new LocalFile(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public void Move(string path, string target) => File.Move(path, target);

    public void Replace(string path, string target) => File.Move(path, target, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle OpenFolder([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int readOnly);

    private sealed class LocalFile(SafeFileHandle handle, FileStream? stream = null) : IQueueFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> buffer)
        {
            var total = 0;
            while (total < buffer.Length)
            {
                var read = RandomAccess.Read(handle, buffer[total..], offset + total);
                if (read == 0) break;
                total += read;
            }
            return total;
        }

        public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => RandomAccess.Write(handle, buffers, offset);

        public void Flush() => FileFlush.ToDisk(handle);

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        public void Dispose()
        {
            stream?.Dispose();
            handle.Dispose();
        }
    }
}
