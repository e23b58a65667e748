using System.Globalization;
using System.Text;
using MailOps.Messages;
using MailOps.Relay.Disk;

namespace MailOps.Relay.Trace;

/// <summary>A fault nobody expected.</summary>
/// <param name="at">When.</param>
/// <param name="where">The part and what it was doing.</param>
/// <param name="exception">The fault.</param>
internal sealed class Fault(DateTimeOffset at, string where, Exception exception)
{
    private const int MaxLength = 64 << 10;

    private string? _text;

    public DateTimeOffset At => at;

    public string Where => where;

    public Type Type => exception.GetType();

    /// <summary>All of it, by which the same fault is known again; cut where it is endless. Asked for where it is written, for it takes its time.</summary>
    public string Text => _text ??= Printable.Shorten($"{where}: {Said()}", MaxLength);

    private string Said()
    {
        try
        {
            return exception.ToString();
        }
        catch (Exception e)   // it may be of an administrator's own script, and what that does must not cost the faults beside it
        {
            return $"{Type}, of which there is no more to say: {e.GetType()}";
        }
    }
}

/// <summary>
/// The faults of a day, each with everything known about it. What is repeated is counted, and written in full again after an hour; strangers can bring some of them about without end, so a
/// file of 10 MiB is followed by another one, and of each day the last two are kept.
/// </summary>
internal sealed class FaultLog(IQueueDisk disk, string folder)
{
    /// <summary>Bytes after which another file is begun; one may have a MiB more.</summary>
    public const int MaxFileSize = 10 << 20;

    private const string Extension = "faults.log", OlderExtension = "older.faults.log";
    private const int MaxAtOnce = 512 << 10;
    private const int MaxKept = 256 << 10;
    private const int MaxKnown = 256;
    private static readonly TimeSpan FullAgain = TimeSpan.FromHours(1);

    private readonly Dictionary<string, Repeated> _known = [];
    private readonly List<(ReadOnlyMemory<byte> Line, long Faults)> _lines = [];
    private DateTime _day;
    private long _length;
    private int _bytes;
    private long _lost;
    private Exception? _fault;
    private volatile bool _hasRepeats;

    /// <summary>Whether some were counted and not yet told.</summary>
    public bool HasRepeats => _hasRepeats;

    /// <summary>Writes faults.</summary>
    /// <param name="day">The day of the file.</param>
    /// <param name="faults">The faults.</param>
    /// <param name="tellRepeats">Whether it is time to say how often they were repeated.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many faults the disk did not take, and why.</returns>
    public (long Lost, Exception? Fault) Write(DateTime day, IEnumerable<Fault> faults, bool tellRepeats, DateTimeOffset now)
    {
        (_lost, _fault) = (0, null);
        if (_day != day) (_day, _length) = (day, 0);
        foreach (var fault in faults) Add(fault);
        if (tellRepeats) TellRepeats(now);
        Append();
        _hasRepeats = _known.Values.Any(known => known.Untold > 0);
        return (_lost, _fault);
    }

    private void Add(Fault fault)
    {
        if (_known.TryGetValue(fault.Text, out var known) && fault.At - known.Full < FullAgain)
        {
            (known.Untold, known.Last) = (known.Untold + 1, fault.At);
            return;
        }
        if (known is not null) Tell(known);
        if (_known.Count >= MaxKnown)
        {
            foreach (var other in _known.Values) Tell(other);
            _known.Clear();
        }
        _known[fault.Text] = new Repeated(fault.Where, fault.Type, fault.At);
        Put(string.Create(CultureInfo.InvariantCulture, $"{fault.At:O} {fault.Text}"), 1);
    }

    private void TellRepeats(DateTimeOffset now)
    {
        foreach (var (text, known) in _known)
        {
            Tell(known);
            if (now - known.Full >= FullAgain) _known.Remove(text);
        }
    }

    private void Tell(Repeated known)
    {
        if (known.Untold == 0) return;
        var untold = known.Untold;
        known.Untold = 0;   // from here on the line stands for them, also where the disk does not take it
        Put(string.Create(CultureInfo.InvariantCulture, $"{known.Last:O} {known.Where}: {known.Type}, the same as at {known.Full:O}, repeated: {untold}"), untold);
    }

    private void Put(string text, long faults)
    {
        var line = Encoding.UTF8.GetBytes(text + "\n");
        _lines.Add((line, faults));
        _bytes += line.Length;
        if (_bytes > MaxAtOnce) Append();
    }

    private void Append()
    {
        if (_lines.Count == 0) return;
        var path = TrackingFiles.PathOf(folder, _day, Extension);
        var done = RollOver(path) is { } fault ? new Appended(0, _length, fault) : LineFile.Append(disk, path, [.. _lines.Select(line => line.Line)]);
        _length = done.Length;
        List<(ReadOnlyMemory<byte> Line, long Faults)> left = [.. _lines.Skip(done.Lines)];
        _lines.Clear();
        _bytes = 0;
        if (done.Fault is not null) Keep(left, done.Fault);
    }

    // Faults are told where a disk is full, and about just that: the first of them wait in memory until it takes them.
    private void Keep(List<(ReadOnlyMemory<byte> Line, long Faults)> left, Exception fault)
    {
        _fault = fault;
        var fits = 0;
        for (; fits < left.Count && _bytes + left[fits].Line.Length <= MaxKept; fits++) _bytes += left[fits].Line.Length;
        _lines.AddRange(left[..fits]);
        if (fits == left.Count) return;
        // What will not be there in full must not be counted as the same as what is.
        _lost += left.Skip(fits).Sum(line => line.Faults) + _known.Values.Sum(known => known.Untold);
        _known.Clear();
    }

    private Exception? RollOver(string path)
    {
        if (_length < MaxFileSize) return null;
        try
        {
            disk.Replace(path, TrackingFiles.PathOf(folder, _day, OlderExtension));
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;   // somebody has taken it away
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return e;
        }
    }

    // Not the fault itself, for it may hold on to much.
    private sealed class Repeated(string where, Type type, DateTimeOffset full)
    {
        public string Where => where;

        public Type Type => type;

        /// <summary>When it was written in full.</summary>
        public DateTimeOffset Full => full;

        public DateTimeOffset Last { get; set; }

        public long Untold { get; set; }
    }
}
