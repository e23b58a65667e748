using System.Security.Cryptography;
using System.Text;
using MailOps.Dns;
using MailOps.Policies;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Trust.Reports;

/// <summary>
/// Counts what became of TLS, and tells each domain that asks for it once a day (RFC 8460): after midnight UTC, spread over four hours; what was missed while the relay did not run is made
/// up for, three days back. A report that is not taken is tried for a day. What is counted survives a restart but for the last minutes.
/// </summary>
internal sealed class TlsReporter : ITlsResults, IAsyncDisposable
{
    /// <summary>How often it is looked which reports are due.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    /// <summary>Over which time after midnight the reports of a day are spread.</summary>
    public static readonly TimeSpan Spread = TimeSpan.FromHours(4);

    /// <summary>How long a report is tried (RFC 8460 section 5.5).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private const int MissedDays = 3, MaxTargets = 5, SentAtOnce = 4;
    private static readonly TimeSpan WriteAfter = TimeSpan.FromMinutes(5), FirstPause = TimeSpan.FromMinutes(15), LongestPause = TimeSpan.FromHours(4);

    private readonly Lock _gate = new();
    private readonly TlsResultCounts _counts;
    private readonly List<PendingReport> _pending = [];
    private readonly TlsReportOrigin _origin;
    private readonly IDnsResolver _dns;
    private readonly TlsReportMail _mail;
    private readonly TlsReportPost _post;
    private readonly IMailTrace _trace;
    private readonly TimeProvider _clock;
    private readonly DelayedWrite _write;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private Task _turn = Task.CompletedTask;
    private DateOnly _full;
    private bool _isDisposed;

    /// <param name="origin">Who reports.</param>
    /// <param name="dns">Who knows where reports go.</param>
    /// <param name="ways">How they go.</param>
    /// <param name="file">Where what is counted is kept.</param>
    /// <param name="trace">Where it is told that a report was sent, or could not be.</param>
    /// <param name="clock">Time.</param>
    /// <param name="maxDomains">Domains of which results are kept.</param>
    public TlsReporter(TlsReportOrigin origin, IDnsResolver dns, (TlsReportMail Mail, TlsReportPost Post) ways, TrustFile<TlsReportFile> file, IMailTrace trace, TimeProvider clock, int maxDomains = 10_000)
    {
        (_origin, _dns, (_mail, _post), _trace, _clock, _counts) = (origin, dns, ways, trace, clock, new TlsResultCounts(maxDomains));
        if (file.Read(content => content.Check()) is { } kept)
        {
            foreach (var results in kept.Counted) _counts.Add(results);
            _pending.AddRange(kept.Pending);
        }
        _write = new DelayedWrite(() => file.Write(Content()), WriteAfter, clock);
        _timer = clock.CreateTimer(_ => BeginTurn(), null, Turn, Turn);
    }

    private DateOnly Today => DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);

    /// <inheritdoc/>
    public void Count(TlsResult result)
    {
        var today = Today;
        if (_counts.Add(today, result))
        {
            _write.Changed();
            return;
        }
        lock (_gate)
        {
            if (_full == today) return;
            _full = today;
        }
        _trace.Fault("TLS reports", new InvalidOperationException("TLS results of more domains, or by more policies of one, than are counted: some are missing in the reports of today."));
    }

    public async ValueTask DisposeAsync()
    {
        Task turn;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            turn = _turn;
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await turn.ConfigureAwait(false);
        await _write.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private TlsReportFile Content()
    {
        lock (_gate) return TlsReportFile.Of(_counts.All(), [.. _pending]);
    }

    private void BeginTurn()
    {
        lock (_gate)
        {
            if (_isDisposed || !_turn.IsCompleted) return;
            _turn = Task.Run(TurnAsync);
        }
    }

    private async Task TurnAsync()
    {
        try
        {
            var now = _clock.GetUtcNow();
            List<PendingReport> due;
            lock (_gate)
            {
                foreach (var results in _counts.Take(Today))
                {
                    if (results.Day.AddDays(MissedDays) >= Today) _pending.Add(new PendingReport(results, DueOf(results)));
                    _write.Changed();
                }
                due = [.. _pending.Where(report => report.Due <= now)];
            }
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = SentAtOnce, CancellationToken = _stop.Token }, TryAsync).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The relay is stopped; what is not sent is kept.
        }
    }

    private async ValueTask TryAsync(PendingReport report, CancellationToken cancellationToken)
    {
        PendingReport? left;
        try
        {
            left = await SendAsync(report, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)   // the edge: what one report does must not keep others from being sent
        {
            _trace.Fault($"TLS report to {report.Results.Domain}", e);
            left = Later(report, report.Targets, "it failed");
        }
        lock (_gate)
        {
            _pending.Remove(report);
            if (left is not null) _pending.Add(left);
        }
        _write.Changed();
    }

    /// <summary>Sends a report wherever it still has to go; what is left to do, or null where nothing is.</summary>
    private async ValueTask<PendingReport?> SendAsync(PendingReport pending, CancellationToken cancellationToken)
    {
        var targets = pending.Targets;
        if (targets is null)
        {
            var answer = await _dns.ResolveTxtAsync(TlsRptRecord.NameFor(pending.Results.Domain), cancellationToken).ConfigureAwait(false);
            if (answer.Status == DnsStatus.Failed) return Later(pending, null, $"the DNS gave no answer: {answer.Detail}");
            if (TlsRptRecord.Choose(answer.Records).Value is not { } record) return null;   // it wants none
            targets = [.. record.Uris.Distinct(StringComparer.Ordinal).Take(MaxTargets)];
        }
        var report = new TlsReport(pending.Results, _origin);
        var left = new List<string>();
        var reason = "";
        foreach (var target in targets)
        {
            if (await SendAsync(report, target, cancellationToken).ConfigureAwait(false) is not { } refusal) continue;
            left.Add(target);
            reason = $"{target}: {refusal}";
        }
        return left.Count == 0 ? null : Later(pending, left, reason);
    }

    // Null where there is nothing more to do.
    private async ValueTask<string?> SendAsync(TlsReport report, string target, CancellationToken cancellationToken)
    {
        string? id = null;
        if (TlsReportMail.AddressOf(target) is { } address)
        {
            id = await _mail.SendAsync(report, address, cancellationToken).ConfigureAwait(false);
            if (id is null) return "the queue does not take it";
        }
        else if (TlsReportPost.TargetOf(target) is { } url)
        {
            if (await _post.SendAsync(report, url, cancellationToken).ConfigureAwait(false) is { } refusal) return refusal;
        }
        else
        {
            return null;   // RFC 8460 section 3: no scheme but those two; and a stranger's other ports are left alone
        }
        _trace.Record(new SmtpRelayTrackingEvent
        {
            Timestamp = _clock.GetUtcNow(),
            EventId = "TLSREPORT",
            Source = "TLSREPORT",
            InternalMessageId = id,
            Sender = "<>",
            Recipients = [target],
            SourceContext = report.Id,
        });
        return null;
    }

    private PendingReport? Later(PendingReport report, IReadOnlyList<string>? targets, string reason)
    {
        var now = _clock.GetUtcNow();
        var first = report.First ?? now;
        var pause = TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(report.Attempts, 8), LongestPause.Ticks));
        if (now + pause - first <= Lifetime) return report with { Targets = targets, Attempts = report.Attempts + 1, First = first, Due = now + pause };
        _trace.Fault($"TLS report to {report.Results.Domain}", new IOException($"The TLS report to {report.Results.Domain} on {report.Results.Day:O} could not be sent for a day and is given up; {reason}."));
        return null;
    }

    // Each domain has its minute, the same each day, and another with each relay.
    private DateTimeOffset DueOf(DomainResults results)
    {
        var sum = SHA256.HashData(Encoding.UTF8.GetBytes($"{_origin.HostName} {results.Domain}"));
        var minutes = BitConverter.ToUInt16(sum) % (int)Spread.TotalMinutes;
        return new DateTimeOffset(results.Day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) + TimeSpan.FromMinutes(minutes);
    }
}
