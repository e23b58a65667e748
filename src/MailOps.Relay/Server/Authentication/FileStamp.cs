namespace MailOps.Relay.Server.Authentication;

/// <summary>By which one sees that a file is another one than before; the default for one that is not there.</summary>
/// <param name="Changed">When it was last written.</param>
/// <param name="Length">Its bytes.</param>
public readonly record struct FileStamp(DateTime Changed, long Length)
{
    /// <summary>The stamp of a file now.</summary>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
    }
}
