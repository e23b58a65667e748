using System.Globalization;
using System.Text;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>
/// The files of the protocol log: a new one each day (UTC) and after 10 MiB, as Exchange has them; what is too old, or more than all together may be, is deleted, oldest first.
/// They say who wrote to whom: on Unix the relay's user alone reads them.
/// </summary>
internal sealed class ProtocolFolder(string path, ProtocolLogOptions options, TimeProvider clock)
{
    /// <summary>Bytes after which another file is begun.</summary>
    public const int MaxFileSize = 10 << 20;

    private const string Pattern = "????-??-??-???.log";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private string? _current;
    private DateTime _day;

    /// <summary>The folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Appends lines.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Append(IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        new LocalDisk().CreateFolder(Path);
        using var file = Open();
        var text = new StringBuilder();
        if (file.Length == 0) text.Append(ProtocolLine.FileHeader(clock.GetUtcNow()));
        foreach (var line in lines) text.Append(line).Append("\r\n");
        file.Write(Utf8.GetBytes(text.ToString()));
    }

    // A file that an earlier run left is not written to again: a crash may have cut its last line.
    private FileStream Open()
    {
        var day = clock.GetUtcNow().UtcDateTime.Date;
        if (_current is not null && _day == day && new FileInfo(_current) is { Exists: true, Length: < MaxFileSize }) return Open(_current, FileMode.Append);
        RemoveOld(day);
        var number = Names().Where(name => name.StartsWith(Name(day), StringComparison.Ordinal)).Select(name => int.Parse(name.AsSpan(11, 3), CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() + 1;
        if (number > 999) throw new IOException("There are 999 files of this day already.");
        (_current, _day) = (System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{Name(day)}-{number:D3}.log")), day);
        return Open(_current, FileMode.CreateNew);
    }

    private static FileStream Open(string file, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows() && mode == FileMode.CreateNew) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(file, options);
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
