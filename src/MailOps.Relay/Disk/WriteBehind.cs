using System.Globalization;
using System.Threading.Channels;

namespace MailOps.Relay.Disk;

/// <summary>Lines that are missing in a log.</summary>
/// <param name="Count">How many.</param>
/// <param name="Since">When the first was lost.</param>
/// <param name="Reason">Why, as a sentence.</param>
internal sealed record MissingLines(long Count, DateTimeOffset Since, string Reason);

/// <summary>What became of lines that were to be written.</summary>
/// <param name="Lost">How many are not in the log.</param>
/// <param name="ToldMissing">Whether the log says now that lines are missing.</param>
/// <param name="Fault">Why some are lost; null where none is.</param>
internal readonly record struct LinesWritten(long Lost, bool ToldMissing, Exception? Fault);

/// <summary>
/// Lines on their way to a log, behind the mail flow and never in its way: who has one only hands it over. Where the disk cannot keep up, or takes none, lines are lost, but each is
/// counted, and the log says how many are missing as soon as it can be written again.
/// </summary>
/// <typeparam name="T">A line before it is written.</typeparam>
/// <param name="name">What the log is called in sentences.</param>
/// <param name="maxWaiting">The lines that may wait for the disk.</param>
/// <param name="clock">The time.</param>
/// <param name="write">Writes lines, and before them that some are missing, where some are.</param>
internal sealed class WriteBehind<T>(string name, int maxWaiting, TimeProvider clock, Func<IReadOnlyList<T>, MissingLines?, LinesWritten> write) : IAsyncDisposable
    where T : class
{
    private const int MaxBatch = 10_000;

    // How long lines gather before they are written together: opening and closing the file for each would cost more than the line.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    // How often a disk that fails is tried where no line comes to try it with.
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Channel<object> _waiting = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _hurry = new(0);
    private readonly Lock _gate = new();
    private Task? _writer;
    private int _count;
    private long _lost;
    private MissingLines? _untold;
    private MissingLines? _last;
    private (DateTimeOffset Since, string Reason)? _failing;

    /// <summary>Told when the disk begins to fail; not again before it has recovered.</summary>
    public Action<Exception>? Failing { get; init; }

    /// <summary>Lines lost so far.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>What an administrator should know: that it cannot be written now, or that lines are missing; null as a rule.</summary>
    public string? Warning
    {
        get
        {
            lock (_gate)
            {
                return _failing is { } failing ? string.Create(CultureInfo.InvariantCulture, $"The {name} cannot be written since {failing.Since:u}, and mail goes on without it; lines missing so far: {_lost}. {failing.Reason}")
                    : _last is { } last ? string.Create(CultureInfo.InvariantCulture, $"Lines missing in the {name} since the relay was started: {_lost}, the last from {last.Since:u} on. {last.Reason}")
                    : null;
            }
        }
    }

    /// <summary>Begins to write what is handed over; nothing where it has begun.</summary>
    public void Begin()
    {
        lock (_gate) _writer ??= Task.Run(WriteAsync);
    }

    /// <summary>Hands a line over; it is lost where too many wait.</summary>
    public void Hand(T line)
    {
        var fits = Interlocked.Increment(ref _count) <= maxWaiting;
        if (fits && _waiting.Writer.TryWrite(line)) return;
        Interlocked.Decrement(ref _count);
        Lose(1, fits ? "They came when the relay had stopped and the log was closed." : "They came faster than the disk took them.");
    }

    /// <summary>Completes when what was handed over has been written, or could not be.</summary>
    public Task FlushAsync()
    {
        if (_writer is not { } writer) return Task.CompletedTask;
        var marker = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_waiting.Writer.TryWrite(marker)) return writer;   // it is being closed, which writes everything
        _hurry.Release();
        return Task.WhenAny(marker.Task, writer);
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_waiting.Writer.TryComplete()) _hurry.Release();
        if (_writer is { } writer) await writer.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        while (await ComesAsync().ConfigureAwait(false))
        {
            await _hurry.WaitAsync(Gathering).ConfigureAwait(false);
            var (lines, markers) = TakeWaiting();
            WriteBatch(lines);
            foreach (var marker in markers) marker.TrySetResult();   // who waits, waits for the attempt and not for its success
        }
        if (_untold is not null) WriteBatch([]);   // the last chance to say it
    }

    // Whether something comes, or no more. On an idle relay that may take hours, which a disk that was full for a moment does not.
    private async Task<bool> ComesAsync()
    {
        var comes = _waiting.Reader.WaitToReadAsync().AsTask();
        while (_failing is not null && !comes.IsCompleted)
        {
            await ((Task)comes).WaitAsync(Retry, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!comes.IsCompleted) WriteBatch([]);
        }
        return await comes.ConfigureAwait(false);
    }

    private void WriteBatch(List<T> lines)
    {
        MissingLines? untold;
        lock (_gate) (untold, _untold) = (_untold, null);
        if (lines.Count == 0 && untold is null && _failing is null) return;
        LinesWritten written;
        try
        {
            written = write(lines, untold);
        }
        catch (Exception e)   // the edge of this task: whatever a line does to the one who writes it, the lines after it are written
        {
            written = new LinesWritten(lines.Count, false, e);
        }
        var begins = false;
        lock (_gate)
        {
            if (untold is not null && !written.ToldMissing) _untold = untold with { Count = untold.Count + (_untold?.Count ?? 0) };
            if (written.Fault is not null && written.Lost > 0) Lose(written.Lost, written.Fault.Message);
            begins = written.Fault is not null && _failing is null;
            _failing = written.Fault is { } fault ? (_failing?.Since ?? clock.GetUtcNow(), fault.Message) : null;
        }
        if (begins) Failing?.Invoke(written.Fault!);
    }

    private void Lose(long count, string reason)
    {
        lock (_gate)
        {
            Interlocked.Add(ref _lost, count);
            var since = _untold?.Since ?? clock.GetUtcNow();
            _untold = new MissingLines((_untold?.Count ?? 0) + count, since, reason);
            _last = new MissingLines(count, since, reason);
        }
    }

    private (List<T> Lines, List<TaskCompletionSource> Markers) TakeWaiting()
    {
        var (lines, markers) = (new List<T>(), new List<TaskCompletionSource>());
        while (lines.Count < MaxBatch && _waiting.Reader.TryRead(out var item))
        {
            if (item is TaskCompletionSource marker) markers.Add(marker);
            else lines.Add((T)item);
        }
        Interlocked.Add(ref _count, -lines.Count);
        return (lines, markers);
    }
}
