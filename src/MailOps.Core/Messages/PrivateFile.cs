using System.Security;
using System.Security.AccessControl;
using System.Security.Principal;

namespace MailOps.Messages;

/// <summary>A file that nobody but its owner may read from the moment it exists: mode 0600, or on Windows its owner, the system and administrators.</summary>
public static class PrivateFile
{
    /// <summary>That a file is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="advice">What to do about one that is.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileExists"/>.</exception>
    public static void CheckAbsent(string path, string advice)
    {
        if (File.Exists(path)) throw Exists(path, advice, null);
    }

    /// <summary>Writes a new file, whole or not at all.</summary>
    /// <param name="path">The file, with its whole path.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="overwrites">Whether one that is there is replaced.</param>
    /// <param name="advice">What to do about one that is there and is not replaced.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileExists"/>, or <see cref="ErrorCode.FileUnwritable"/> with the reason.</exception>
    public static void Write(string path, byte[] content, bool overwrites, string advice) => Write(path, content, overwrites, advice, makesFolder: false);

    /// <summary>Writes a new file, whole or not at all, into a folder that is made where it does not exist.</summary>
    /// <inheritdoc cref="Write(string, byte[], bool, string)"/>
    public static void WriteInto(string path, byte[] content, bool overwrites, string advice) => Write(path, content, overwrites, advice, makesFolder: true);

    private static void Write(string path, byte[] content, bool overwrites, string advice, bool makesFolder)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (makesFolder) Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                using (var file = Create(beside))
                {
                    file.Write(content, 0, content.Length);
                    file.Flush(flushToDisk: true);
                }
                Place(beside, path, overwrites);
            }
            finally
            {
                File.Delete(beside);   // nothing where it was renamed
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException or ArgumentException)
        {
            if (!overwrites && File.Exists(path)) throw Exists(path, advice, e);   // another was quicker
            throw new MailOpsException(ErrorCode.FileUnwritable, $"The file '{path}' cannot be written: {e.Message}", "Check that its folder exists, that you may write there, and the space on its disk.", e);
        }
    }

    private static void Place(string beside, string path, bool overwrites)
    {
#if NET
        File.Move(beside, path, overwrites);
#else
        if (overwrites && File.Exists(path)) File.Replace(beside, path, destinationBackupFileName: null);
        else File.Move(beside, path);
#endif
    }

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

    private static MailOpsException Exists(string path, string advice, Exception? cause) => new(ErrorCode.FileExists, $"The file '{path}' exists.", advice, cause);
}
