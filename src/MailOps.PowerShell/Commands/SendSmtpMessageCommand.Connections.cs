using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.PowerShell.Commands;

/// <summary>Messages under way: over several connections, a bounded number at a time, and what comes of them back on the pipeline thread.</summary>
public sealed partial class SendSmtpMessageCommand
{
    private const string Activity = "Sending messages";

    /// <summary>Messages made and not yet settled for each connection: enough that none waits for PowerShell, and no more memory for many records than for some.</summary>
    private const int AheadPerConnection = 8;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan EndOfStop = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<Action> _events = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private CancellationTokenSource? _sending;   // of messages, which outlive the record that brought them
    private SubmissionPool? _pool;
    private SubmissionOptions? _poolOptions;
    private TimeSpan _shown;
    private long _records;
    private long _settled;
    private int _underWay;   // changed by any thread, like the next
    private int _wakeAt;
    private int _expected;

    /// <summary>A message before it is made.</summary>
    /// <param name="Make">Makes it; on any thread.</param>
    /// <param name="Fingerprint">What tells it from others.</param>
    /// <param name="Recipients">Who gets it; empty for those whom the headers of its file name.</param>
    /// <param name="Row">What errors about it are about.</param>
    private sealed record Planned(Func<CancellationToken, Task<OutgoingMessage>> Make, Func<string> Fingerprint, IReadOnlyList<string> Recipients, Row Row)
    {
        /// <summary>Its recipients who do not get it again; null for none.</summary>
        public HashSet<string>? LeftOut { get; init; }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sending?.Cancel();   // whatever ended the pipeline: what is not out yet stays here
            // What is under way ends at once now, but what may have arrived must get into the log first.
            if (_log is not null) SpinWait.SpinUntil(() => Volatile.Read(ref _underWay) == 0, EndOfStop);
            _log?.Dispose();
            _pool?.Dispose();
            _transcript?.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>Gives a message to the connections; with one connection, until it is settled, otherwise until there is room for another.</summary>
    private async Task StartAsync(Planned planned, SubmissionOptions options, CancellationToken cancellationToken)
    {
        if (_pool is null || options != _poolOptions)
        {
            await CloseAsync(cancellationToken);
            _pool = new SubmissionPool(options, _connections, Log());
            _poolOptions = options;
            if (_log is not null) _quota?.Remember(_log.Recent(options.Endpoint));
        }
        var (pool, number, token) = (_pool, _records, _sending!.Token);
        Interlocked.Increment(ref _underWay);
        var sent = Task.Run(() => SendAsync(planned, pool, number, token), CancellationToken.None);
        _ = sent.ContinueWith(done => Finish(() => Settle(done, planned.Row)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var room = _connections == 1 ? 1 : _connections * AheadPerConnection;
        if (Volatile.Read(ref _underWay) < room) TakeEvents();
        else await WaitAsync(room / 2, cancellationToken);   // and not for room for one: to be woken for each message costs more than to make it
    }

    /// <summary>Makes and sends a message; null where all its recipients are left out.</summary>
    private async Task<SubmissionResult?> SendAsync(Planned planned, SubmissionPool pool, long number, CancellationToken cancellationToken)
    {
        using var message = await MakeAsync(planned, number, cancellationToken).ConfigureAwait(false);
        message.RecordNumber = number;
        var fingerprint = _log is null ? "" : planned.Fingerprint();
        if (planned.LeftOut is { } leftOut && !message.LeaveOut(recipient => leftOut.Contains(recipient.ToString()))) return null;
        Action<SubmissionResult>? record = _log is { } log ? result => Record(log, pool, fingerprint, result) : null;
        if (_quota is { } quota) return await pool.SendAsync(message, quota, record, cancellationToken).ConfigureAwait(false);
        var result = await pool.SendAsync(message, cancellationToken).ConfigureAwait(false);
        record?.Invoke(result);
        return result;
    }

    // What nobody could tell was sent must not go: what waits is refused as soon as the log is, and what is under way is at most one message a connection.
    private static void Record(SendLog log, SubmissionPool pool, string fingerprint, SubmissionResult result)
    {
        try
        {
            log.Write(fingerprint, result);
        }
        catch (MailOpsException e)
        {
            pool.Refuse(e);
            throw;
        }
    }

    private async Task<OutgoingMessage> MakeAsync(Planned planned, long number, CancellationToken cancellationToken)
    {
        try
        {
            return await planned.Make(cancellationToken).ConfigureAwait(false);
        }
        catch (MailOpsException e)
        {
            _log?.Write(number, planned.Row.Target, e);
            throw;
        }
    }

    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(0, cancellationToken);
        if (_pool is null) return;
        await _pool.CloseAsync(cancellationToken);
        TakeEvents();
        _pool.Dispose();
        _pool = null;
        if (_shown > TimeSpan.Zero) WriteProgress(new ProgressRecord(1, Activity, " ") { RecordType = ProgressRecordType.Completed });
        _shown = TimeSpan.Zero;
    }

    private SubmissionLog Log()
    {
        // Only where they are read: for many messages they would cost more than the sending.
        Action<string>? line = IsShown("Debug") ? text => Raise(() => WriteDebug(text)) : null;
        if (_transcript is { } transcript) line += transcript.Add;
        return new SubmissionLog(IsShown("Verbose") ? step => Raise(() => WriteVerbose(step)) : null, line, warning => Raise(() => WriteWarning(warning)));
    }

    private bool IsShown(string stream) => MyInvocation.BoundParameters.ContainsKey(stream) || GetVariableValue(stream + "Preference") is not ActionPreference.SilentlyContinue;

    /// <summary>Has something done on the pipeline thread, as soon as that is in this cmdlet: between two records it is not.</summary>
    private void Raise(Action action)
    {
        _events.Enqueue(action);
        Wake();
    }

    /// <summary>As <see cref="Raise"/>, at the end of a message; wakes the pipeline thread only when enough have ended.</summary>
    private void Finish(Action action)
    {
        _events.Enqueue(action);
        if (Interlocked.Decrement(ref _underWay) <= Volatile.Read(ref _wakeAt)) Wake();
    }

    private void Wake()
    {
        if (_signal.CurrentCount == 0) _signal.Release();
    }

    /// <summary>Waits until no more messages than that are under way, and does meanwhile what is raised.</summary>
    private async Task WaitAsync(int underWay, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _wakeAt, underWay);
        while (true)
        {
            var enough = Volatile.Read(ref _underWay) <= underWay;   // before the events are taken: those that have ended are among them
            TakeEvents();
            if (enough) return;
            await _signal.WaitAsync(ProgressInterval, cancellationToken);
        }
    }

    private void TakeEvents()
    {
        while (_events.TryDequeue(out var action)) action();
        ShowProgress();
    }

    private void Settle(Task<SubmissionResult?> sent, Row row)
    {
        _settled++;
        try
        {
            if (sent.GetAwaiter().GetResult() is not { } result) return;
            if (PassThru) WriteObject(result.Message);
            foreach (var error in result.Errors) WriteError(In(row, error.Error), error.Target);
        }
        catch (MailOpsException e) when (e.Code == ErrorCode.FileUnwritable)
        {
            ThrowTerminating(e, LogPath);   // to go on would be to send what nobody could tell was sent
        }
        catch (MailOpsException e)
        {
            WriteError(In(row, e), row.Target);
        }
    }

    // A bar that is drawn for each message would take longer than the message; one message alone needs none.
    private void ShowProgress()
    {
        if (_clock.Elapsed - _shown < ProgressInterval || (_records < 2 && _quota?.Waiting is null)) return;
        _shown = _clock.Elapsed;
        ShowTranscriptFault();
        if (ShowWaiting()) return;
        var rate = _settled / _shown.TotalSeconds;
        var progress = new ProgressRecord(1, Activity, string.Format(CultureInfo.CurrentCulture, "{0} messages, {1:0.#} a second", _settled, rate));
        if (_expected >= _settled && _expected > 0)
        {
            progress.StatusDescription = string.Format(CultureInfo.CurrentCulture, "{0} of {1} messages, {2:0.#} a second", _settled, _expected, rate);
            progress.PercentComplete = (int)(100L * _settled / _expected);
            if (rate > 0) progress.SecondsRemaining = (int)Math.Min((_expected - _settled) / rate, int.MaxValue);
        }
        WriteProgress(progress);
    }
}
