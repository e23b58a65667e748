using System.Globalization;
using System.Net;
using System.Threading.Channels;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>
/// What is said in sessions, for whom somebody asked: switched on and off while the relay runs, for all, a listener, or the clients of a network. It is written
/// behind the sessions and never in their way: they only hand lines over, and where the disk cannot keep up lines are dropped, and their number is written down.
/// </summary>
/// <param name="folder">Where its files are; made with the first line.</param>
/// <param name="options">How much is kept.</param>
/// <param name="trace">Where it is told that the disk does not take it.</param>
/// <param name="clock">The time.</param>
internal sealed class ProtocolLog(string folder, ProtocolLogOptions options, IMailTrace trace, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>The lines that may wait for the disk.</summary>
    public const int MaxWaiting = 20_000;

    // How long lines gather before they are written together.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly Channel<object> _waiting = Channel.CreateBounded<object>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });   // full, it takes none
    private readonly ProtocolFolder _files = new(folder, options, clock);
    private readonly SemaphoreSlim _hurry = new(0);
    private readonly Lock _gate = new();
    private volatile List<ProtocolRule>? _rules;
    private Task? _writer;
    private bool _isFailing;
    private long _sessions = clock.GetUtcNow().UtcTicks;
    private long _written;
    private long _dropped;
    private long _untold;

    /// <summary>Whose sessions are written down; null while nobody's are. Another object whenever that changes.</summary>
    public IReadOnlyList<ProtocolRule>? Rules => _rules;

    /// <summary>Where its files are.</summary>
    public string Folder => _files.Path;

    /// <summary>Lines on disk since the relay was started.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Lines that are missing, because they came faster than the disk took them or it took none.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Begins to write sessions down, open ones too. What was asked for the same listener and network before counts no more.</summary>
    /// <param name="listener">The listener's address and port; null for all.</param>
    /// <param name="network">The clients; null for all.</param>
    /// <param name="duration">After which it ends by itself; null for never.</param>
    public ProtocolRule Enable(string? listener, IPNetwork? network, TimeSpan? duration)
    {
        var now = clock.GetUtcNow();
        var rule = new ProtocolRule(listener, network, now, duration is { } time ? now + time : null);
        lock (_gate)
        {
            _writer ??= Task.Run(WriteAsync);
            _rules = [.. Without(rule.Name), rule];
        }
        return rule;
    }

    /// <summary>Ends what was asked for under this name; false where nothing was.</summary>
    public bool Disable(string name)
    {
        lock (_gate)
        {
            var rest = Without(name);
            if (rest.Count == (_rules?.Count ?? 0)) return false;
            _rules = rest is [] ? null : rest;
            return true;
        }
    }

    /// <summary>Ends what has been on for as long as was asked.</summary>
    public void Expire()
    {
        if (_rules is not { } rules) return;
        var now = clock.GetUtcNow();
        foreach (var rule in rules)
            if (rule.Until <= now) Disable(rule.Name);
    }

    /// <summary>A number for a session, another one for each, also after a restart.</summary>
    public string NextSession() => Interlocked.Increment(ref _sessions).ToString("X16", CultureInfo.InvariantCulture);

    /// <summary>Hands a line over; it is dropped where too many wait.</summary>
    public void Write(string line)
    {
        if (!_waiting.Writer.TryWrite(line)) Drop();
    }

    /// <summary>Waits until what was handed over has been written, or could not be.</summary>
    public async Task FlushAsync()
    {
        if (_writer is not { } writer) return;
        var marker = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _waiting.Writer.WriteAsync(marker).ConfigureAwait(false);
            _hurry.Release();
        }
        catch (ChannelClosedException)
        {
            // It is being closed, which writes everything.
        }
        await Task.WhenAny(marker.Task, writer).ConfigureAwait(false);
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_waiting.Writer.TryComplete()) _hurry.Release();
        if (_writer is { } writer) await writer.ConfigureAwait(false);
    }

    private List<ProtocolRule> Without(string name) => [.. (_rules ?? []).Where(rule => rule.Name != name)];

    private void Drop()
    {
        Interlocked.Increment(ref _dropped);
        Interlocked.Increment(ref _untold);
    }

    private async Task WriteAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            await _hurry.WaitAsync(Gathering).ConfigureAwait(false);
            var (lines, markers) = TakeWaiting();
            var missing = Interlocked.Exchange(ref _untold, 0);
            try
            {
                _files.Append(missing == 0 ? lines : [ProtocolLine.Missing(clock.GetUtcNow(), missing), .. lines]);
                Interlocked.Add(ref _written, lines.Count);
                _isFailing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Interlocked.Add(ref _untold, missing);
                foreach (var _ in lines) Drop();
                if (!_isFailing) trace.Fault($"protocol log in '{Folder}'; sessions go on, and lines are missing until it can be written again", e);
                _isFailing = true;
            }
            foreach (var marker in markers) marker.TrySetResult();
        }
    }

    private (List<string> Lines, List<TaskCompletionSource> Markers) TakeWaiting()
    {
        var (lines, markers) = (new List<string>(), new List<TaskCompletionSource>());
        while (lines.Count < MaxWaiting && _waiting.Reader.TryRead(out var item))
        {
            if (item is string line) lines.Add(line);
            else markers.Add((TaskCompletionSource)item);
        }
        return (lines, markers);
    }
}
