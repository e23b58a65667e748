namespace MailOps.Relay.Disk;

/// <summary>What a disk says when it cannot.</summary>
internal static class DiskFault
{
    private const int NoSpaceUnix = 28;             // ENOSPC
    private const int QuotaLinux = 122;             // EDQUOT
    private const int QuotaMac = 69;
    private const int DiskFullWindows = unchecked((int)0x80070070);
    private const int HandleDiskFullWindows = unchecked((int)0x80070027);

    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static bool IsFull(Exception? exception) =>
        exception is not null
        && (exception is IOException { HResult: NoSpaceUnix or QuotaLinux or QuotaMac or DiskFullWindows or HandleDiskFullWindows } || IsFull(exception.InnerException));

    /// <summary>Tries what may fail without harm; whether it succeeded.</summary>
    public static bool Ignored(Action attempt)
    {
        try
        {
            attempt();
            return true;
        }
        catch (Exception exception) when (Is(exception))
        {
            return false;
        }
    }
}
