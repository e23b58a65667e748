using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Trace;

/// <summary>
/// What happened to every message, on disk: one JSON object a line, one file a day (UTC), kept 30 days as Exchange keeps its tracking log.
/// It is written behind the mail flow and never in its way: recording only hands the step over; if the disk cannot keep up, steps are
/// dropped and their number is written down. Who wrote to whom is nobody's business but the relay's: on Unix its user alone can read it.
/// </summary>
public sealed class TrackingLog : IMailTrace, IAsyncDisposable
{
    private const int MaxWaiting = 100_000;
    private const int Disorder = 10_000;
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    /// <summary>How long steps gather before they are written together: opening and closing the file for each would cost more than the step.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Channel<object> _waiting = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _hurry = new(0);
    private readonly Task _writer;
    private DateTime _day;
    private int _count;
    private long _dropped;
    private long _received;

    /// <summary>Opens the log in a folder, which is made with the first step, if absent: the folder above belongs to the queue, which makes it first.</summary>
    public TrackingLog(string folder, TimeProvider clock)
    {
        _folder = Path.GetFullPath(folder);
        _clock = clock;
        _writer = Task.Run(WriteAsync);
    }

    /// <inheritdoc/>
    public void Record(SmtpRelayTrackingEvent step)
    {
        if (step.EventId == "RECEIVE") Interlocked.Increment(ref _received);
        Hand(step);
    }

    /// <summary>Messages accepted since the log was opened.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <inheritdoc/>
    public void Fault(string where, Exception exception) => Hand(new FaultLine(_clock.GetUtcNow(), where, exception));

    /// <summary>The steps between two times, oldest first. What was recorded before the call is seen.</summary>
    public IEnumerable<SmtpRelayTrackingEvent> Read(DateTimeOffset from, DateTimeOffset until)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_waiting.Writer.TryWrite(written))
        {
            _hurry.Release();
            Task.WaitAny(written.Task, _writer);
        }
        foreach (var step in InOrder(ReadFiles(from, until))) yield return step;
    }

    /// <summary>Writes what is waiting and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_waiting.Writer.TryComplete()) _hurry.Release();
        await _writer.ConfigureAwait(false);
    }

    private void Hand(object line)
    {
        if (Volatile.Read(ref _count) >= MaxWaiting) Interlocked.Increment(ref _dropped);
        else if (_waiting.Writer.TryWrite(line)) Interlocked.Increment(ref _count);
    }

    private async Task WriteAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            await _hurry.WaitAsync(Gathering).ConfigureAwait(false);
            try
            {
                WriteBatch();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                DropWaiting();
            }
        }
    }

    // The disk is full or gone: mail goes on, and how much history is missing is written once it is back.
    private void DropWaiting()
    {
        while (_waiting.Reader.TryRead(out var line))
        {
            if (line is TaskCompletionSource marker)
            {
                marker.TrySetResult();
                continue;
            }
            Interlocked.Decrement(ref _count);
            Interlocked.Increment(ref _dropped);
        }
    }

    private void WriteBatch()
    {
        var day = _clock.GetUtcNow().UtcDateTime.Date;
        new LocalDisk().CreateFolder(_folder);
        if (_day != day) BeginDay(day);
        var done = new List<TaskCompletionSource>();
        try
        {
            using var log = Open(day, "jsonl");
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped) WriteFault(day, $"{_clock.GetUtcNow():O} tracking log: {dropped} steps could not be written and are missing");
            while (_waiting.Reader.TryRead(out var line))
            {
                if (line is TaskCompletionSource marker)
                {
                    done.Add(marker);
                    continue;
                }
                Interlocked.Decrement(ref _count);
                if (line is SmtpRelayTrackingEvent step) log.Write(Encode(step));
                else if (line is FaultLine fault) WriteFault(day, string.Create(CultureInfo.InvariantCulture, $"{fault.At:O} {fault.Where}: {fault.Exception}"));
            }
        }
        finally
        {
            foreach (var marker in done) marker.TrySetResult();   // a reader waits for the attempt, not for its success
        }
    }

    // A crash may have cut the last line short: the next one must not be glued to it.
    private void BeginDay(DateTime day)
    {
        RemoveOld(day);
        using var log = Open(day, "jsonl");
        if (log.Length > 0) log.Write("\n"u8);
        _day = day;
    }

    private static byte[] Encode(SmtpRelayTrackingEvent step) => [.. JsonSerializer.SerializeToUtf8Bytes(step, TrackingJson.Default.SmtpRelayTrackingEvent), (byte)'\n'];

    private void WriteFault(DateTime day, string text)
    {
        using var faults = Open(day, "faults.log");
        faults.Write(Utf8.GetBytes(text + "\n"));
    }

    private FileStream Open(DateTime day, string extension)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 65536 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(_folder, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "." + extension), options);
    }

    private void RemoveOld(DateTime today)
    {
        foreach (var file in Directory.EnumerateFiles(_folder))
            if (DayOf(file) is { } day && today - day.UtcDateTime > Retention) File.Delete(file);
    }

    private static DateTimeOffset? DayOf(string file) =>
        DateTime.TryParseExact(Path.GetFileName(file).Split('.')[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
            ? new DateTimeOffset(day, TimeSpan.Zero)
            : null;

    // A step is written a moment after its time, and so may be behind a later one (RECEIVE behind DELIVER), even in the file of the next day.
    private static IEnumerable<SmtpRelayTrackingEvent> InOrder(IEnumerable<SmtpRelayTrackingEvent> steps)
    {
        var next = new PriorityQueue<SmtpRelayTrackingEvent, (DateTimeOffset, long)>();
        var number = 0L;
        foreach (var step in steps)
        {
            next.Enqueue(step, (step.Timestamp, number++));
            if (next.Count > Disorder) yield return next.Dequeue();
        }
        while (next.TryDequeue(out var step, out _)) yield return step;
    }

    private IEnumerable<SmtpRelayTrackingEvent> ReadFiles(DateTimeOffset from, DateTimeOffset until)
    {
        if (!Directory.Exists(_folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(_folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            if (DayOf(file) is not { } day || day.AddDays(1) < from || day.AddHours(-1) > until) continue;
            foreach (var step in ReadFile(file))
                if (step.Timestamp >= from && step.Timestamp <= until) yield return step;
        }
    }

    private static IEnumerable<SmtpRelayTrackingEvent> ReadFile(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Utf8);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && Parse(line) is { } step) yield return step;
    }

    // A line that a crash cut short is not a step; the next start goes on after it.
    private static SmtpRelayTrackingEvent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TrackingJson.Default.SmtpRelayTrackingEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record FaultLine(DateTimeOffset At, string Where, Exception Exception);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SmtpRelayTrackingEvent))]
internal sealed partial class TrackingJson : JsonSerializerContext;
