using System.Collections.Concurrent;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Server.Pickup;

/// <summary>
/// Sends the files of a folder. A file <c>x.eml</c> is taken when it has been left alone for a while: renamed <c>x.eml.taken.tmp</c>, queued, and deleted when it is on disk in the queue. A crash
/// between the two sends it twice and never loses it: what a relay that is gone had taken is taken again. What can never be sent becomes <c>x.bad</c>, and the tracking log says why.
/// </summary>
internal sealed class PickupFolder : IAsyncDisposable
{
    private const string Taken = ".taken.tmp", Bad = ".bad", Source = "PICKUP";

    // At a time: enough for their messages to share flushes.
    private const int AtATime = 8;
    private const int MaxRemembered = 10_000;

    private readonly PickupOptions _options;
    private readonly PickupFile _file;
    private readonly IMailTarget _target;
    private readonly IMailTrace _trace;
    private readonly TimeProvider _clock;
    private readonly Action<string> _delete;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, bool> _queued = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _later = new(StringComparer.Ordinal);
    private Dictionary<string, FileStamp> _seen = new(StringComparer.Ordinal);
    private string? _fault;
    private Task _work = Task.CompletedTask;

    public PickupFolder(SmtpRelayOptions options, string hostName, string spoolFolder, IMailTarget target, IMailTrace trace, TimeProvider clock, Action<string>? delete = null)
    {
        (_options, _target, _trace, _clock) = (options.Pickup!, target, trace, clock);
        _delete = delete ?? File.Delete;
        _file = new PickupFile(options, hostName, spoolFolder, clock);
    }

    /// <summary>That others may write there; null as a rule.</summary>
    public string? Warning { get; private set; }

    /// <summary>Makes the folder where there is none, and begins.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>: there can be no such folder.</exception>
    public void Start()
    {
        try
        {
            OwnerOnly.CreateFolder(_options.Path);
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(_options.Path).HasFlag(UnixFileMode.OtherWrite))
                Warning = $"Anyone on this machine can write to the pickup folder {_options.Path}, and so send mail as anyone: take that right from others (chmod o-w).";
            foreach (var left in Directory.GetFiles(_options.Path, "*.eml" + Taken)) TakeUp(left);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            throw new MailOpsException(ErrorCode.RelayConfigurationInvalid, $"The pickup folder {_options.Path} cannot be used: {e.Message}", "Check the path and that the relay's user may write there.", e);
        }
        _work = Task.Run(RunAsync);
    }

    /// <summary>Takes no more, and ends when what is taken is queued.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                foreach (var taken in _queued.Keys) Delete(taken);
                var many = new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = _stop.Token };
                await Parallel.ForEachAsync(Ready(), many, async (path, _) => await TakeAsync(path).ConfigureAwait(false)).ConfigureAwait(false);
                _fault = null;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Tell($"pickup folder {_options.Path}", e);
            }
            await Task.Delay(_options.ScanInterval, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Once, and not each second.
    private void Tell(string where, Exception e)
    {
        if (_fault == e.Message) return;
        _fault = e.Message;
        _trace.Fault(where, e);
    }

    // What is renamed into the folder keeps its time and is ready at once, mostly; what is written there must have stayed the same from one look to the next. An empty file is not written yet, or is
    // a pipe, which to open would be to wait for good.
    private IEnumerable<string> Ready()
    {
        var (seen, now) = (new Dictionary<string, FileStamp>(StringComparer.Ordinal), _clock.GetUtcNow());
        foreach (var (name, _) in _later.Where(later => later.Value <= now).ToList()) _later.TryRemove(name, out _);
        foreach (var path in Directory.EnumerateFiles(_options.Path, "*.eml"))
        {
            if (!path.EndsWith(".eml", StringComparison.OrdinalIgnoreCase) || _later.ContainsKey(path)) continue;
            var stamp = FileStamp.Of(path);
            if (stamp.Length == 0) continue;
            if (now - stamp.Changed >= _options.ScanInterval || (_seen.TryGetValue(path, out var before) && before == stamp)) yield return path;
            else if (seen.Count < MaxRemembered) seen[path] = stamp;
        }
        _seen = seen;
    }

    private async Task TakeAsync(string path)
    {
        string? taken = null;
        try
        {
            taken = Take(path);
            var received = _clock.GetUtcNow();
            var result = await _file.SendAsync(taken, _target, CancellationToken.None).ConfigureAwait(false);
            if (result.Reply.IsPositive)
            {
                Record("RECEIVE", path, result, received);
                Delete(taken);
            }
            else if (result.Reply.IsPermanent) SetAside(path, taken, result.Reply.ToString());
            else Postpone(path, taken);
        }
        catch (FormatException e)
        {
            SetAside(path, taken, e.Message);
        }
        catch (Exception e)
        {
            _trace.Fault($"pickup of {path}", e);
            Postpone(path, taken);
        }
    }

    // One of that name may still be on its way, or wait to be deleted.
    private static string Take(string path)
    {
        var taken = (File.Exists(path + Taken) ? Another(path, ".eml") : path) + Taken;
        File.Move(path, taken, overwrite: false);
        return taken;
    }

    private static string Another(string path, string extension) => Path.ChangeExtension(path, "." + Guid.NewGuid().ToString("N") + extension);

    // The message is queued: whatever the disk says, its file is not sent again by this relay. Told once, tried with each look at the folder.
    private void Delete(string taken)
    {
        try
        {
            _delete(taken);
            _queued.TryRemove(taken, out _);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            if (_queued.TryAdd(taken, true)) _trace.Fault($"pickup, deleting {taken}, whose message is queued; it is tried again", e);
        }
    }

    private void Postpone(string path, string? taken)
    {
        if (_later.Count < MaxRemembered) _later[path] = _clock.GetUtcNow() + _options.RetryDelay;
        if (taken is not null && File.Exists(taken)) TakeUp(taken);
    }

    // One that cannot be given back is no reason for the others to wait; the next start tries again.
    private void TakeUp(string taken)
    {
        try
        {
            GiveBack(taken);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            _trace.Fault($"pickup, giving {taken} its name back; it is sent after the next start", e);
        }
    }

    // Under a name of its own where the application has used that again meanwhile.
    private static void GiveBack(string taken)
    {
        var name = taken[..^Taken.Length];
        if (!DiskFault.Ignored(() => File.Move(taken, name, overwrite: false))) File.Move(taken, Another(name, ".eml"), overwrite: false);
    }

    private void SetAside(string path, string? taken, string reason)
    {
        var bad = Path.ChangeExtension(path, Bad);
        if (File.Exists(bad)) bad = Another(path, Bad);
        _trace.Record(new SmtpRelayTrackingEvent { Timestamp = _clock.GetUtcNow(), EventId = "BADMAIL", Source = Source, SourceContext = bad, RecipientStatus = [reason] });
        try
        {
            File.Move(taken ?? path, bad, overwrite: false);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            _trace.Fault($"pickup of {path}, setting it aside", e);
            Postpone(path, taken);
        }
    }

    private void Record(string eventId, string path, PickupFile.Result result, DateTimeOffset received) => _trace.Record(new SmtpRelayTrackingEvent
    {
        Timestamp = received,
        EventId = eventId,
        Source = Source,
        InternalMessageId = result.Id,
        MessageId = result.Glance.MessageId,
        MessageSubject = result.Glance.Subject,
        Sender = result.Header!.Sender?.ToString() ?? "<>",
        Recipients = [.. result.Header.Recipients.Select(r => r.ToString())],
        SourceContext = Path.GetFileName(path),
        TotalBytes = result.Size,
    });
}
