namespace MailOps.Submission;

/// <summary>One writer of a file at a time, whichever process it is in, on every platform.</summary>
internal static class WriterLock
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlock = 11;   // EWOULDBLOCK of Linux, and of macOS
    private const int WouldBlockMac = 35;

    /// <summary>Takes it; disposed, it is free for the next, as it is where the process ends.</summary>
    /// <remarks>It is a file beside the other: elsewhere than on Windows only a file that nobody else may even read can be held alone.</remarks>
    /// <exception cref="IOException">Another has it.</exception>
    public static FileStream Take(string path) => new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    /// <summary>Whether <see cref="Take"/> failed because another has it, and not for another reason.</summary>
    public static bool IsHeld(Exception failure) => failure is IOException { HResult: SharingViolation or WouldBlock or WouldBlockMac };
}
