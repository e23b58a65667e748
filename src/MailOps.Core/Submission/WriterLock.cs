namespace MailOps.Submission;

/// <summary>One writer of a file at a time, whichever process it is in, on every platform.</summary>
internal static class WriterLock
{
    /// <summary>Takes it; disposed, it is free for the next, as it is where the process ends.</summary>
    /// <remarks>It is a file beside the other: elsewhere than on Windows only a file that nobody else may even read can be held alone.</remarks>
    /// <exception cref="IOException">Another has it.</exception>
    public static FileStream Take(string path) => new(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
}
