using System.Globalization;
using System.Net;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Transcripts;

/// <summary>
/// What is said in sessions, for whom somebody asked: switched on and off while the relay runs, for all, a listener, or the clients of a network. It is written
/// behind the sessions and never in their way: they only hand lines over, and where the disk cannot keep up lines are dropped, and their number is written down.
/// </summary>
internal sealed class ProtocolLog : IAsyncDisposable
{
    /// <summary>The lines that may wait for the disk.</summary>
    public const int MaxWaiting = 20_000;

    private readonly TimeProvider _clock;
    private readonly ProtocolFolder _files;
    private readonly WriteBehind<string> _lines;
    private readonly Lock _gate = new();
    private volatile List<ProtocolRule>? _rules;
    private long _sessions;
    private long _written;

    /// <param name="folder">Where its files are; made with the first line.</param>
    /// <param name="options">How much is kept.</param>
    /// <param name="trace">Where it is told that the disk does not take it.</param>
    /// <param name="clock">The time.</param>
    /// <param name="disk">The disk; this machine's by default.</param>
    public ProtocolLog(string folder, ProtocolLogOptions options, IMailTrace trace, TimeProvider clock, IQueueDisk? disk = null)
    {
        (_clock, _sessions) = (clock, clock.GetUtcNow().UtcTicks);
        _files = new ProtocolFolder(folder, options, clock, disk ?? new LocalDisk());
        _lines = new WriteBehind<string>($"protocol log in '{Folder}'", MaxWaiting, clock, Write)
        {
            Failing = e => trace.Fault($"protocol log in '{Folder}'; sessions go on, and lines are missing until it can be written again", e),
        };
    }

    /// <summary>Whose sessions are written down; null while nobody's are. Another object whenever that changes.</summary>
    public IReadOnlyList<ProtocolRule>? Rules => _rules;

    /// <summary>Where its files are.</summary>
    public string Folder => _files.Path;

    /// <summary>Lines on disk since the relay was started.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Lines that are missing, because they came faster than the disk took them or it took none.</summary>
    public long Dropped => _lines.Lost;

    /// <summary>What an administrator should know: that the disk does not take it, or that lines are missing; null as a rule.</summary>
    public string? Warning => _lines.Warning;

    /// <summary>Begins to write sessions down, open ones too. What was asked for the same listener and network before counts no more.</summary>
    /// <param name="listener">The listener's address and port; null for all.</param>
    /// <param name="network">The clients; null for all.</param>
    /// <param name="duration">After which it ends by itself; null for never.</param>
    public ProtocolRule Enable(string? listener, IPNetwork? network, TimeSpan? duration)
    {
        var now = _clock.GetUtcNow();
        var rule = new ProtocolRule(listener, network, now, duration is { } time ? now + time : null);
        lock (_gate)
        {
            _lines.Begin();
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
        var now = _clock.GetUtcNow();
        foreach (var rule in rules)
            if (rule.Until <= now) Disable(rule.Name);
    }

    /// <summary>A number for a session, another one for each, also after a restart.</summary>
    public string NextSession() => Interlocked.Increment(ref _sessions).ToString("X16", CultureInfo.InvariantCulture);

    /// <summary>Hands a line over; it is dropped where too many wait.</summary>
    public void Write(string line) => _lines.Hand(line);

    /// <summary>Waits until what was handed over has been written, or could not be.</summary>
    public Task FlushAsync() => _lines.FlushAsync();

    /// <summary>Writes what waits.</summary>
    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private List<ProtocolRule> Without(string name) => [.. (_rules ?? []).Where(rule => rule.Name != name)];

    private LinesWritten Write(IReadOnlyList<string> lines, MissingLines? missing)
    {
        var done = _files.Append(missing is null ? lines : [ProtocolLine.Missing(_clock.GetUtcNow(), missing.Count), .. lines]);
        var told = missing is not null && done.Lines > 0;
        var written = told ? done.Lines - 1 : done.Lines;
        Interlocked.Add(ref _written, written);
        return new LinesWritten(lines.Count - written, told, done.Fault);
    }
}
