using Microsoft.Win32.SafeHandles;

namespace MailOps.Relay.Disk;

/// <summary>Files (mode 0600) and folders (0700) for the relay's user alone: in them is other people's mail, who wrote to whom, and hashes of passwords. Windows inherits the rights of the folder above.</summary>
public static class OwnerOnly
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;

    /// <summary>The same options, for a file that only its owner reads; a file that is there already keeps its mode.</summary>
    public static FileStreamOptions ForOwnerOnly(this FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode;
        return options;
    }

    /// <summary>Takes an open file from all others.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void Restrict(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, FileMode);
    }

    /// <summary>Makes a folder; one that is there already keeps its mode.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, FolderMode);
    }
}
