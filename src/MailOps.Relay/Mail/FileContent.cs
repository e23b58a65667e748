using System.Diagnostics.CodeAnalysis;

namespace MailOps.Relay.Mail;

/// <summary>Content in a file of its own. Disposing it deletes the file, unless the queue has taken it over by renaming it.</summary>
/// <param name="path">The file.</param>
/// <param name="length">Its length in bytes.</param>
internal sealed class FileContent(string path, long length) : MailContent
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override bool TryGetFile([NotNullWhen(true)] out string? file)
    {
        file = path;
        return true;
    }

    /// <inheritdoc/>
    public override Stream OpenRead() => new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.Read | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        File.Delete(path);   // a name made once: a file that is not there was renamed
        base.Dispose(disposing);
    }
}
