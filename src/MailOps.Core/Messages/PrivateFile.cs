using System.Security.AccessControl;
using System.Security.Principal;

namespace MailOps.Messages;

/// <summary>A file that nobody but its owner may read from the moment it exists: mode 0600, or on Windows its owner, the system and administrators.</summary>
public static class PrivateFile
{
    /// <summary>Writes a new file, whole or not at all.</summary>
    /// <param name="path">The file, with its whole path.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="overwrites">Whether one that is there is replaced.</param>
    /// <param name="advice">What to do about one that is there and is not replaced.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileExists"/>, or <see cref="ErrorCode.FileUnwritable"/> with the reason.</exception>
    public static void Write(string path, byte[] content, bool overwrites, string advice) => WholeFile.Write(path, content, overwrites, advice, makesFolder: false, Create);

    /// <summary>Writes a new file, whole or not at all, into a folder that is made where it does not exist.</summary>
    /// <inheritdoc cref="Write(string, byte[], bool, string)"/>
    public static void WriteInto(string path, byte[] content, bool overwrites, string advice) => WholeFile.Write(path, content, overwrites, advice, makesFolder: true, Create);

    private static FileStream Create(string path)
    {
#if NET
        if (!OperatingSystem.IsWindows())
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        return new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.None, BufferSize, FileOptions.None, OwnersRights());
#else
        // Under Mono, where this build is tested, there are no access lists.
        if (Environment.OSVersion.Platform == PlatformID.Unix) return CreateByMode(path);
        return new FileStream(path, FileMode.CreateNew, FileSystemRights.Write, FileShare.None, BufferSize, FileOptions.None, OwnersRights());
#endif
    }

#if !NET
    private static FileStream CreateByMode(string path)
    {
        using (new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            // Only to make it: as long as it is readable for others nothing is in it, and it has a name that nobody knows.
        }
        if (NativeMethods.ChangeMode(System.Text.Encoding.UTF8.GetBytes(path + "\0"), 0x180) != 0) throw new IOException("Its mode cannot be changed.");
        return new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None);
    }

    private static class NativeMethods
    {
        [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "chmod")]
        public static extern int ChangeMode(byte[] path, uint mode);
    }
#endif

    private const int BufferSize = 4096;

#if NET
    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
#endif
    private static FileSecurity OwnersRights()
    {
        var rights = new FileSecurity();
        rights.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var user = WindowsIdentity.GetCurrent();
        foreach (var who in (SecurityIdentifier[])[user.User!, new(WellKnownSidType.LocalSystemSid, null), new(WellKnownSidType.BuiltinAdministratorsSid, null)])
            rights.AddAccessRule(new FileSystemAccessRule(who, FileSystemRights.FullControl, AccessControlType.Allow));
        return rights;
    }
}
