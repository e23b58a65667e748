using System.Globalization;
using System.Text;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>
/// The next hops that are suspended, in the file <c>suspended</c> of the queue's folder: a first line, a name a line, and a checksum of all that. It is replaced whole:
/// written beside it, flushed, renamed over it, and the folder flushed. Where it is damaged everything counts as suspended, since mail that should have waited cannot be
/// called back.
/// </summary>
internal sealed class SuspensionFile(IQueueDisk disk, string root)
{
    private const string FirstLine = "MailOps suspended 1";

    private readonly Lock _gate = new();
    private readonly string _path = Path.Combine(root, "suspended");
    private volatile IReadOnlyCollection<string> _names = [];

    /// <summary>The names as they are on disk.</summary>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Reads it at start.</summary>
    public void Read(IMailTrace trace)
    {
        if (!disk.Files(root).Contains(_path)) return;
        using var file = disk.Open(_path);
        var bytes = new byte[checked((int)file.Length)];
        var whole = file.Read(0, bytes) == bytes.Length;
        if (whole && Parse(Encoding.UTF8.GetString(bytes)) is { } names)
        {
            _names = names;
            return;
        }
        _names = [IQueueControl.WholeQueue];
        trace.Fault("queue, start", new InvalidDataException(
            $"'{_path}', which says what is suspended, is damaged. So the whole queue is suspended: nothing is delivered until Resume-SmtpRelayQueue * says so, and writes the file anew."));
    }

    /// <summary>Changes the names, durably; what they are now.</summary>
    /// <exception cref="IOException">The disk did not take it; the names are as before.</exception>
    public IReadOnlyCollection<string> Change(Func<IReadOnlyCollection<string>, IEnumerable<string>> change)
    {
        lock (_gate)
        {
            string[] names = [.. change(_names).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
            Replace(names);
            try
            {
                disk.FlushFolder(root);
            }
            catch (Exception exception) when (DiskFault.Is(exception))
            {
                DiskFault.Ignored(() => Replace(_names));   // a next start should not find what was refused
                throw;
            }
            return _names = names;
        }
    }

    private void Replace(IEnumerable<string> names)
    {
        var beside = _path + ".new";
        if (disk.Files(root).Contains(beside)) disk.Delete(beside);   // of a change that was not finished
        using (var file = disk.Create(beside))
        {
            file.Write(0, [Encoding.UTF8.GetBytes(Compose(names))]);
            file.Flush();
        }
        disk.Replace(beside, _path);
    }

    private static string Compose(IEnumerable<string> names)
    {
        var text = string.Join('\n', [FirstLine, .. names]) + "\n";
        return text + Checksum(text) + "\n";
    }

    private static string[]? Parse(string text)
    {
        var last = text.TrimEnd('\n').LastIndexOf('\n') + 1;
        if (last == 0 || text[last..] != Checksum(text[..last]) + "\n") return null;
        var lines = text[..last].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines[0] == FirstLine ? lines[1..] : null;
    }

    private static string Checksum(string text) => Crc32C.Of(Encoding.UTF8.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);
}
