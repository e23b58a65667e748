using System.Globalization;
using System.Text;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>A file with the lines of conversations as they happen, each with its time in UTC; for several threads at once.</summary>
public sealed class TranscriptFile : IDisposable
{
    private readonly object _gate = new();
    private readonly StreamWriter _file;
    private readonly FileStream? _lock;

    /// <summary>Opens a file, and makes it where it is not there; what it has stays.</summary>
    /// <param name="path">The full path.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnwritable"/>, also where another call writes to it, in this process or in another.</exception>
    public TranscriptFile(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            if (file.CanSeek)   // no device or pipe
            {
                _lock = WriterLock.Take(path);
                file.Seek(0, SeekOrigin.End);   // where the one before has ended
            }
            _file = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file?.Dispose();
            throw new MailOpsException(
                ErrorCode.FileUnwritable, $"The file '{path}' cannot be written: {e.Message}", "Check that its folder exists, that you may write there, and that no other call writes to it.", e);
        }
    }

    /// <summary>Why nothing more is written, a full disk say; null as long as all is well. Mail goes on without its transcript.</summary>
    public string? Fault { get; private set; }

    /// <summary>Adds a line; control characters of the other side are written out.</summary>
    public void Add(string line)
    {
        lock (_gate)
        {
            if (Fault is not null) return;
            try
            {
                _file.WriteLine(DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture) + Printable.Escape(line));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                Fault = e.Message;
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _file.Dispose();
            }
            catch (IOException e)
            {
                Fault ??= e.Message;   // the disk was full, which has been told
            }
            _lock?.Dispose();
        }
    }
}
