using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Principal;
using Microsoft.Win32;

namespace MailOps.Outlook;

/// <summary>The machine as it is, where it runs Windows.</summary>
#if NET
[System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
internal sealed class WindowsOutlookHost : IOutlookHost
{
    private const string ProcessName = "OUTLOOK";

    public WindowsOutlookHost()
    {
        using var user = WindowsIdentity.GetCurrent();
        (UserSid, UserName) = (user.User?.Value ?? "", user.Name);
        OtherSessionUser = Session.User() is { } session && SidOf(session) is { } sid && sid != UserSid ? session.Value : null;
    }

    public string UserSid { get; }

    public string UserName { get; }

    public string? OtherSessionUser { get; }

    public string BackupFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "MailOps", "Outlook");

    // The default view: Software is the same for programs of 32 and 64 bits.
    public IRegistryKey OpenCurrentUser() => new WindowsRegistryKey(RegistryKey.OpenBaseKey(RegistryHive.CurrentUser, RegistryView.Default));

    public IRegistryKey? OpenUser(string sid)
    {
        using var users = Users();
        return users.Open(sid);
    }

    public IReadOnlyList<string> LoadedUsers()
    {
        using var users = Users();
        return users.SubKeyNames();
    }

    public IReadOnlyList<int> OutlookProcesses(string sid)
    {
        var own = OwnSession();
        var found = new List<int>();
        foreach (var process in Process.GetProcessesByName(ProcessName))
        {
            using (process)
            {
                // Of one that hides its owner only the session is known: that of another user's is another's.
                var owner = Session.OwnerOf(process);
                if (owner is null ? SessionOf(process) == own : owner == sid) found.Add(process.Id);
            }
        }
        return found;
    }

    // That it is there is the right, not what it says: unlike a mutex it belongs to no thread, and it is gone with its last process.
    public IDisposable? TryEnter(string sid)
    {
        try
        {
            var right = new EventWaitHandle(false, EventResetMode.ManualReset, @"Global\MailOps-Outlook-" + sid, out var isNew);
            if (isNew) return right;
            right.Dispose();
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;   // one of an account that lets nobody else look
        }
    }

    private static WindowsRegistryKey Users() => new(RegistryKey.OpenBaseKey(RegistryHive.Users, RegistryView.Default));

    // Names alone do not tell two users apart: one has several forms of them.
    private static string? SidOf(NTAccount user)
    {
        try
        {
            return user.Translate(typeof(SecurityIdentifier)).Value;
        }
        catch (Exception e) when (e is IdentityNotMappedException or Win32Exception || e.GetType() == typeof(SystemException))
        {
            return null;   // nobody knows; the hive that is open is this user's own
        }
    }

    private static int OwnSession()
    {
        using var own = Process.GetCurrentProcess();
        return own.SessionId;
    }

    private static int SessionOf(Process process)
    {
        try
        {
            return process.SessionId;
        }
        catch (InvalidOperationException)
        {
            return -1;   // it has ended
        }
    }

    private static class Session
    {
        private const int QueryLimited = 0x1000;
        private const int TokenQuery = 8;
        private const int CurrentSession = -1;
        private const int WtsUserName = 5;
        private const int WtsDomainName = 7;

        /// <summary>The user of the desktop session; null in session 0, and where nobody says.</summary>
        public static NTAccount? User() => Text(WtsUserName) is { } user && Text(WtsDomainName) is { } domain ? new NTAccount(domain, user) : null;

        /// <summary>Whose process it is; null where that cannot be seen.</summary>
        public static string? OwnerOf(Process process)
        {
            var handle = NativeMethods.OpenProcess(QueryLimited, false, process.Id);
            if (handle == IntPtr.Zero) return null;
            try
            {
                if (!NativeMethods.OpenProcessToken(handle, TokenQuery, out var token)) return null;
                try
                {
                    using var identity = new WindowsIdentity(token);
                    return identity.User?.Value;
                }
                catch (Exception e) when (e is ArgumentException or SecurityException or Win32Exception or UnauthorizedAccessException)
                {
                    return null;
                }
                finally
                {
                    NativeMethods.CloseHandle(token);
                }
            }
            finally
            {
                NativeMethods.CloseHandle(handle);
            }
        }

        private static string? Text(int what)
        {
            if (!NativeMethods.WTSQuerySessionInformationW(IntPtr.Zero, CurrentSession, what, out var buffer, out _)) return null;
            try
            {
                return Marshal.PtrToStringUni(buffer) is { Length: > 0 } text ? text : null;
            }
            finally
            {
                NativeMethods.WTSFreeMemory(buffer);
            }
        }
    }

    private static class NativeMethods
    {
        [DllImport("kernel32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern IntPtr OpenProcess(int access, [MarshalAs(UnmanagedType.Bool)] bool inherits, int id);

        [DllImport("advapi32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool OpenProcessToken(IntPtr process, int access, out IntPtr token);

        [DllImport("kernel32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool CloseHandle(IntPtr handle);

        [DllImport("wtsapi32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        public static extern bool WTSQuerySessionInformationW(IntPtr server, int session, int what, out IntPtr buffer, out int size);

        [DllImport("wtsapi32.dll"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        public static extern void WTSFreeMemory(IntPtr buffer);
    }
}
