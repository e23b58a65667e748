namespace MailOps.Relay.Queue;

/// <summary>One relay a folder. The operating system holds the lock for the process, so that a crash leaves none behind.</summary>
internal sealed class FolderLock(string folder) : IDisposable
{
    private const int SharingViolationWindows = unchecked((int)0x80070020);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private readonly FileStream _file = new(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    /// <summary>Whether the fault says that another holds it.</summary>
    public static bool IsHeld(Exception exception) => exception is IOException { HResult: SharingViolationWindows or WouldBlockLinux or WouldBlockMac };

    public void Dispose() => _file.Dispose();
}
