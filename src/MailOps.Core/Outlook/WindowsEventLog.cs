using System.Runtime.InteropServices;

namespace MailOps.Outlook;

/// <summary>The Application log of Windows, under the source MailOps. A source that nobody has registered is no obstacle: the text is there all the same.</summary>
public static class WindowsEventLog
{
    private const ushort Information = 4;
    private const ushort Warning = 2;
    private const int EventId = 100;
    private const int LongestText = 30_000;   // Windows takes 31,839 characters

    /// <summary>Adds an event; false where the log does not take it, which is no reason to fail.</summary>
    /// <param name="isWarning">Whether something went wrong.</param>
    /// <param name="text">What happened. Nothing secret.</param>
    public static bool TryWrite(bool isWarning, string text)
    {
#if NET
        if (!OperatingSystem.IsWindows()) return false;
#else
        if (Environment.OSVersion.Platform != PlatformID.Win32NT) return false;
#endif
        var source = NativeMethods.RegisterEventSourceW(null, "MailOps");
        if (source == IntPtr.Zero) return false;
        try
        {
            var shown = text.Replace("\0", "");
            return NativeMethods.ReportEventW(source, isWarning ? Warning : Information, 0, EventId, IntPtr.Zero, 1, 0, [shown.Length > LongestText ? shown.Substring(0, LongestText) : shown], IntPtr.Zero);
        }
        finally
        {
            NativeMethods.DeregisterEventSource(source);
        }
    }

    private static class NativeMethods
    {
        [DllImport("advapi32.dll", CharSet = CharSet.Unicode), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern IntPtr RegisterEventSourceW(string? server, string source);

        [DllImport("advapi32.dll", CharSet = CharSet.Unicode), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool ReportEventW(IntPtr source, ushort type, ushort category, int id, IntPtr user, ushort stringCount, int dataSize, string[] strings, IntPtr data);

        [DllImport("advapi32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool DeregisterEventSource(IntPtr source);
    }
}
