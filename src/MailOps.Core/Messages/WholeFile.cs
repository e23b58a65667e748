using System.Security;

namespace MailOps.Messages;

/// <summary>A file that appears whole or not at all: it is written beside its place, and put there when it is on the disk.</summary>
public static class WholeFile
{
    /// <summary>That a file is not there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="advice">What to do about one that is.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileExists"/>.</exception>
    public static void CheckAbsent(string path, string advice)
    {
        if (File.Exists(path)) throw Exists(path, advice, null);
    }

    /// <summary>Writes a new file, readable as files in its folder are, into a folder that is made where it does not exist.</summary>
    /// <param name="path">The file, with its whole path.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="overwrites">Whether one that is there is replaced.</param>
    /// <param name="advice">What to do about one that is there and is not replaced.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileExists"/>, or <see cref="ErrorCode.FileUnwritable"/> with the reason.</exception>
    public static void WriteInto(string path, byte[] content, bool overwrites, string advice) =>
        Write(path, content, overwrites, advice, makesFolder: true, beside => new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None));

    /// <summary>Writes a new file.</summary>
    /// <param name="path">The file, with its whole path.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="overwrites">Whether one that is there is replaced.</param>
    /// <param name="advice">What to do about one that is there and is not replaced.</param>
    /// <param name="makesFolder">Whether its folder is made where it does not exist.</param>
    /// <param name="create">Makes the file of a path, with the rights it is to have.</param>
    internal static void Write(string path, byte[] content, bool overwrites, string advice, bool makesFolder, Func<string, FileStream> create)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            if (makesFolder) Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                using (var file = create(beside))
                {
                    file.Write(content, 0, content.Length);
                    file.Flush(flushToDisk: true);
                }
                // Looked at anew, for a write that is cut short is not told everywhere.
                if (new FileInfo(beside).Length is var written && written != content.Length) throw new IOException(FormattableString.Invariant($"only {written} of {content.Length} bytes are on the disk."));
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

    private static MailOpsException Exists(string path, string advice, Exception? cause) => new(ErrorCode.FileExists, $"The file '{path}' exists.", advice, cause);
}
