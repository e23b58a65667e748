using System.Globalization;
using System.Text;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>
/// The files of the protocol log: a new one each day (UTC) and after 10 MiB, as Exchange has them; what is too old, or more than all together may be, is deleted, oldest first.
/// They say who wrote to whom: on Unix the relay's user alone reads them.
/// </summary>
internal sealed class ProtocolFolder(string path, ProtocolLogOptions options, TimeProvider clock, IQueueDisk disk)
{
    /// <summary>Bytes after which another file is begun.</summary>
    public const int MaxFileSize = 10 << 20;

    private const string Pattern = "????-??-??-???.log";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private string? _current;
    private DateTime _day;
    private long _length;

    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Appends lines. A file that an earlier run left is not written to again.</summary>
    /// <returns>How many of the lines are in it, and why not all.</returns>
    public Appended Append(IReadOnlyList<string> lines)
    {
        string? begun = null;
        try
        {
            disk.CreateFolder(Path);
            if (!HasRoom()) begun = Begin();
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return new Appended(0, 0, e);
        }
        List<ReadOnlyMemory<byte>> bytes = [.. lines.Select(line => (ReadOnlyMemory<byte>)Utf8.GetBytes(line + "\r\n"))];
        if (begun is null) return Told(LineFile.Append(disk, _current!, bytes));
        bytes.Insert(0, Utf8.GetBytes(ProtocolLine.FileHeader(clock.GetUtcNow())));
        var done = Told(LineFile.Append(disk, begun, bytes));
        if (done.Lines > 0) return done with { Lines = done.Lines - 1 };
        // Without its header it would be of no use; the next attempt begins another.
        _current = null;
        DiskFault.Ignored(() => disk.Delete(begun));
        return done;
    }

    private Appended Told(Appended done)
    {
        if (done.Length > 0) _length = done.Length;
        return done;
    }

    private bool HasRoom() => _current is not null && _day == clock.GetUtcNow().UtcDateTime.Date && _length < MaxFileSize && File.Exists(_current);

    private string Begin()
    {
        var day = clock.GetUtcNow().UtcDateTime.Date;
        RemoveOld(day);
        var number = Names().Where(name => name.StartsWith(Name(day), StringComparison.Ordinal)).Select(name => int.Parse(name.AsSpan(11, 3), CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() + 1;
        if (number > 999) throw new IOException("There are 999 files of this day already.");
        (_current, _day, _length) = (System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Name(day)}-{number:D3}.log")), day, 0);
        return _current;
    }

    // The new file may become as large as files do.
    private void RemoveOld(DateTime today)
    {
        var left = options.MaxDirectorySize - MaxFileSize;
        foreach (var name in Names().OrderDescending(StringComparer.Ordinal))
        {
            var file = new FileInfo(System.IO.Path.Combine(Path, name));
            left -= file.Length;
            if (left < 0 || today - DayOf(name) > options.MaxAge) file.Delete();
        }
    }

    private static string Name(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTime? DayOf(string name) =>
        DateTime.TryParseExact(name.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day) ? day : null;

    // What else lies there is not the log's.
    private IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Path, Pattern).Select(file => System.IO.Path.GetFileName(file)).Where(name => DayOf(name) is not null && name.AsSpan(11, 3).IndexOfAnyExceptInRange('0', '9') < 0);
}
