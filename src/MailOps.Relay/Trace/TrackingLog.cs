using System.Globalization;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Trace;

/// <summary>
/// What happened to every message, on disk: one JSON object a line, one file a day (UTC), kept 30 days as Exchange keeps its tracking log.
/// It is written behind the mail flow and never in its way: recording only hands the step over; if the disk cannot keep up, or takes none, steps are
/// lost, and a LOST event says how many as soon as it takes them again. Who wrote to whom is nobody's business but the relay's: on Unix its user alone can read it.
/// </summary>
public sealed class TrackingLog : IMailTrace, IAsyncDisposable
{
    private const int MaxWaiting = 100_000;
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);
    private static readonly TimeSpan TellRepeatsEvery = TimeSpan.FromMinutes(1);

    private readonly IQueueDisk _disk;
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly FaultLog _faults;
    private readonly WriteBehind<object> _lines;
    private readonly ITimer _repeats;
    private DateTime _day;
    private long _received;

    /// <summary>Opens the log in a folder, which is made with the first step, if absent: the folder above belongs to the queue, which makes it first.</summary>
    public TrackingLog(string folder, TimeProvider clock)
        : this(folder, clock, new LocalDisk())
    {
    }

    internal TrackingLog(string folder, TimeProvider clock, IQueueDisk disk)
    {
        (_folder, _clock, _disk) = (Path.GetFullPath(folder), clock, disk);
        _faults = new FaultLog(disk, _folder);
        _lines = new WriteBehind<object>($"tracking log in '{_folder}'", MaxWaiting, clock, Write);
        _lines.Begin();
        _repeats = clock.CreateTimer(_ => TellRepeats(), null, TellRepeatsEvery, TellRepeatsEvery);
    }

    /// <inheritdoc/>
    public void Record(SmtpRelayTrackingEvent step)
    {
        if (step.EventId == "RECEIVE") Interlocked.Increment(ref _received);
        _lines.Hand(step);
    }

    /// <summary>Messages accepted since the log was opened.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>What an administrator should know: that the disk does not take it, or that steps are missing; null as a rule.</summary>
    internal string? Warning => _lines.Warning;

    /// <inheritdoc/>
    public void Fault(string where, Exception exception) => _lines.Hand(new Fault(_clock.GetUtcNow(), where, exception));

    /// <summary>The steps between two times, oldest first. What was recorded before the call is seen.</summary>
    public IEnumerable<SmtpRelayTrackingEvent> Read(DateTimeOffset from, DateTimeOffset until)
    {
        _lines.FlushAsync().GetAwaiter().GetResult();
        foreach (var step in TrackingFiles.Read(_folder, from, until)) yield return step;
    }

    /// <summary>Writes what is waiting and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _repeats.DisposeAsync().ConfigureAwait(false);
        await _lines.FlushAsync().ConfigureAwait(false);
        TellRepeats();
        await _lines.DisposeAsync().ConfigureAwait(false);
    }

    private void TellRepeats()
    {
        if (_faults.HasRepeats) _lines.Hand(RepeatsAreDue.Instance);
    }

    private LinesWritten Write(IReadOnlyList<object> lines, MissingLines? missing)
    {
        var day = _clock.GetUtcNow().UtcDateTime.Date;
        try
        {
            _disk.CreateFolder(_folder);
            if (_day != day) BeginDay(day);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return new LinesWritten(lines.Count(line => line != RepeatsAreDue.Instance), false, e);
        }
        List<ReadOnlyMemory<byte>> steps = [.. lines.OfType<SmtpRelayTrackingEvent>().Select(step => (ReadOnlyMemory<byte>)TrackingFiles.Encode(step))];
        if (missing is not null) steps.Insert(0, TrackingFiles.Encode(Lost(missing)));
        var done = steps.Count == 0 ? default : LineFile.Append(_disk, TrackingFiles.PathOf(_folder, day, "jsonl"), steps);
        var told = missing is not null && done.Lines > 0;
        var lost = steps.Count - done.Lines - (missing is not null && !told ? 1 : 0);
        var (faultsLost, fault) = _faults.Write(day, lines.OfType<Fault>(), tellRepeats: lines.Contains(RepeatsAreDue.Instance), _clock.GetUtcNow());
        return new LinesWritten(lost + faultsLost, told, done.Fault ?? fault);
    }

    private SmtpRelayTrackingEvent Lost(MissingLines missing) => new()
    {
        Timestamp = _clock.GetUtcNow(),
        EventId = "LOST",
        Source = "TRACKING",
        SourceContext = string.Create(CultureInfo.InvariantCulture, $"{missing.Count} lines since {missing.Since:O} could not be written and are missing: {missing.Reason}"),
    };

    private void BeginDay(DateTime day)
    {
        foreach (var file in _disk.Files(_folder).Where(file => TrackingFiles.DayOf(file) is { } written && day - written.UtcDateTime > Retention))
        {
            try
            {
                _disk.Delete(file);
            }
            catch (Exception e) when (DiskFault.Is(e))
            {
                Fault("tracking log, deleting what is too old", e);   // it keeps nothing new from being written
            }
        }
        _day = day;
    }

    /// <summary>In the place of a line: how often faults were repeated is to be written.</summary>
    private sealed class RepeatsAreDue
    {
        public static readonly RepeatsAreDue Instance = new();
    }
}
