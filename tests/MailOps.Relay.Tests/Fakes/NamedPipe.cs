using System.Runtime.InteropServices;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>A FIFO in the place of a file: who opens it waits until somebody writes to it.</summary>
internal static class NamedPipe
{
    public static void Create(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no FIFOs among files.");
        Assert.Equal(0, MakeFifo(path, 0x180));   // 0600
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeFifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
