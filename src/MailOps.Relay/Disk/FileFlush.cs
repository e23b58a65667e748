using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailOps.Relay.Disk;

/// <summary>
/// Asks the disk to keep what was written, and hears when it cannot. On Unix .NET's own flush keeps the failures of fsync(2) to itself (seen with .NET 10.0:
/// EIO and ENOSPC pass for success), and a message would be answered 250 that no disk has: so fsync is called here. On Windows FlushFileBuffers fails aloud.
/// </summary>
internal static class FileFlush
{
    // The same numbers on Linux, macOS and FreeBSD.
    private const int Interrupted = 4, NotSynchronizable = 22;

    /// <summary>Returns when everything written to the file is durable.</summary>
    /// <exception cref="IOException">It may not be; its HResult is the number of the error, as in .NET's own on Unix.</exception>
    public static void ToDisk(SafeFileHandle file) => ToDisk(file, isFolder: false);

    /// <summary>Returns when every name in the folder is durable, or where its file system has nothing to flush for a folder.</summary>
    /// <exception cref="IOException">It may not be; its HResult is the number of the error, as in .NET's own on Unix.</exception>
    public static void FolderToDisk(SafeFileHandle folder) => ToDisk(folder, isFolder: true);

    private static void ToDisk(SafeFileHandle handle, bool isFolder)
    {
        if (!OperatingSystem.IsWindows()) Synchronize(handle, isFolder);
#pragma warning disable RS0030   // on Windows it fails aloud; on macOS it is F_FULLFSYNC, without which fsync leaves it to the disk when
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) RandomAccess.FlushToDisk(handle);
#pragma warning restore RS0030
    }

    private static void Synchronize(SafeFileHandle handle, bool isFolder)
    {
        while (Fsync(handle) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == NotSynchronizable && isFolder) return;   // a file system that keeps its names otherwise
            if (error != Interrupted) throw new IOException($"The disk did not keep what was written: {new Win32Exception(error).Message}.", error);
        }
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(SafeFileHandle file);
}
