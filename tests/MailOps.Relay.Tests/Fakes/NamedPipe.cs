using System.Runtime.InteropServices;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>A file on a disk that does not answer: a FIFO, which nobody can open before somebody writes to it.</summary>
internal static class NamedPipe
{
    public static void Create(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no FIFOs among files.");
        Assert.Equal(0, MakeFifo(path, 0x180));   // 0600
    }

    /// <summary>The disk answers: the file is empty.</summary>
    public static void Answer(string path) => new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0).Dispose();

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeFifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
