using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MailOps.Relay.Disk;

/// <summary>
/// Opens a file of a folder where others write: never what a link leads to, which they need not be allowed to read, and never a pipe, which to open is to wait. It looks at what it has opened:
/// between a look at a name and its opening something else may take its place. .NET opens nothing without following links: hence open(2) and CreateFile.
/// </summary>
internal static class PlainFile
{
    // Of Linux, whose numbers are others on some processors; and of macOS and FreeBSD.
    private const int NonBlocking = 0x800, NonBlockingBsd = 0x4;
    private const int NoFollow = 0x20000, NoFollowArm = 0x8000, NoFollowBsd = 0x100;
    private const int CloseOnExec = 0x80000, CloseOnExecMac = 0x1000000, CloseOnExecFreeBsd = 0x100000;
    private const int Loop = 40, LoopBsd = 62, LinkFreeBsd = 31;
    private const int WouldBlock = 11, WouldBlockBsd = 35;
    private const int LockAlone = 2 | 4;   // LOCK_EX, LOCK_NB

    private const uint GenericRead = 0x80000000, OpenExisting = 3, OpenReparsePoint = 0x00200000, Overlapped = 0x40000000, Sequential = 0x08000000;

    /// <summary>Opens a file to read it from front to back, alone: on Windows it is not opened while another writes, elsewhere other .NET programs that do are heard of.</summary>
    /// <exception cref="FormatException">It is a link, or no file at all.</exception>
    /// <exception cref="IOException">It cannot be opened, or is in use; the HResult is the number of the error.</exception>
    public static FileStream Open(string path)
    {
        var handle = OperatingSystem.IsWindows() ? OpenOnWindows(path) : OpenOnUnix(path);
        try
        {
            var attributes = File.GetAttributes(handle);
            if (attributes.HasFlag(FileAttributes.ReparsePoint)) throw IsLink();
            var file = attributes.HasFlag(FileAttributes.Directory) ? null : new FileStream(handle, FileAccess.Read, bufferSize: 0, handle.IsAsync);
            return file is { CanSeek: true } ? file : throw new FormatException("It is no file.");
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static FormatException IsLink() => new("It is a link, and who may write here need not be allowed to read what it leads to.");

    private static SafeFileHandle OpenOnWindows(string path)
    {
        var handle = CreateFile(path, GenericRead, 0, 0, OpenExisting, OpenReparsePoint | Overlapped | Sequential, 0);
        return handle.IsInvalid ? throw new IOException($"'{path}' cannot be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}", Marshal.GetHRForLastWin32Error()) : handle;
    }

    private static SafeFileHandle OpenOnUnix(string path)
    {
        var handle = OpenFile(path, Flags());
        var error = handle.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        if (handle.IsInvalid && (OperatingSystem.IsLinux() ? error == Loop : error is LoopBsd or LinkFreeBsd)) throw IsLink();
        if (!handle.IsInvalid && Lock(handle, LockAlone) != 0)
        {
            // Another error is that of a file system without locks.
            error = Marshal.GetLastPInvokeError() is WouldBlock or WouldBlockBsd ? Marshal.GetLastPInvokeError() : 0;
            if (error != 0) handle.Dispose();
        }
        return error == 0 ? handle : throw new IOException($"'{path}' cannot be opened: {new Win32Exception(error).Message}.", error);
    }

    private static int Flags()
    {
        if (OperatingSystem.IsMacOS()) return NonBlockingBsd | NoFollowBsd | CloseOnExecMac;
        if (OperatingSystem.IsFreeBSD()) return NonBlockingBsd | NoFollowBsd | CloseOnExecFreeBsd;
        var isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le;
        return NonBlocking | CloseOnExec | (isArm ? NoFollowArm : NoFollow);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Lock(SafeFileHandle file, int operation);

    [DllImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, CharSet = CharSet.Unicode, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern SafeFileHandle CreateFile(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);
}
