using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Trust;

/// <summary>
/// The MTA-STS policies of the domains that mail goes to (RFC 8461 section 3.3 and 5.1). A domain's record is asked for when mail goes there, at most every five minutes; its policy is
/// fetched when the record has another id, and once a day. What is kept counts until it expires, whatever the DNS and the web server say or do not say, and survives a restart.
/// </summary>
internal sealed class MtaStsCache : IMtaStsPolicies, IAsyncDisposable
{
    /// <summary>How long what a look-up found stands, good or bad: RFC 8461 section 3.3 asks not to try more often.</summary>
    public static readonly TimeSpan CheckEvery = TimeSpan.FromMinutes(5);

    /// <summary>How often it is looked which policies are to be fetched again although no mail asks for them.</summary>
    public static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(10);

    // How long mail for a domain whose policy is known waits to hear whether it has changed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteAfter = TimeSpan.FromSeconds(10);
    private const int RefreshesAtOnce = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Domain> _domains = new(StringComparer.Ordinal);
    private readonly MtaStsLookup _lookup;
    private readonly IMailTrace _trace;
    private readonly TimeProvider _clock;
    private readonly int _maxDomains;
    private readonly CancellationTokenSource _stop = new();
    private readonly DelayedWrite _write;
    private readonly ITimer _refresh;
    private Task _refreshing = Task.CompletedTask;
    private bool _isDisposed;

    /// <param name="lookup">Asks a domain.</param>
    /// <param name="file">Where the policies are kept.</param>
    /// <param name="trace">Where an administrator hears that a policy cannot be refreshed.</param>
    /// <param name="clock">Time.</param>
    /// <param name="maxDomains">Domains of which anything is remembered; of more, those that were asked for longest ago are forgotten, those without a policy first.</param>
    public MtaStsCache(MtaStsLookup lookup, TrustFile<MtaStsFile> file, IMailTrace trace, TimeProvider clock, int maxDomains = 10_000)
    {
        (_lookup, _trace, _clock, _maxDomains) = (lookup, trace, clock, maxDomains);
        var now = clock.GetUtcNow();
        foreach (var (domain, kept) in file.Read(content => content.Read())?.Read() ?? [])
        {
            var sane = kept.Fetched > now ? kept with { Fetched = now } : kept;   // the clock was wrong then, or is now
            if (sane.Expires > now && _domains.Count < maxDomains) _domains[domain] = new Domain(domain) { Kept = sane };
        }
        _write = new DelayedWrite(() => file.Write(Content()), WriteAfter, clock);
        _refresh = clock.CreateTimer(_ => BeginRefresh(), null, RefreshEvery, RefreshEvery);
    }

    /// <inheritdoc/>
    public async ValueTask<MtaStsAnswer> FindAsync(string domain, CancellationToken cancellationToken)
    {
        Task running;
        Domain known;
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            known = Remembered(domain);
            known.Asked = now;
            var isFresh = known.Checked is { } last && now >= last && now - last < CheckEvery;
            if (_isDisposed || (isFresh && known.Running is null)) return known.Answer(now);
            running = known.Running ??= Task.Run(() => RunAsync(known), CancellationToken.None);
        }
        if (known.IsKept(_clock.GetUtcNow()))
            await running.WaitAsync(Patience, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) return known.Answer(_clock.GetUtcNow());
    }

    public async ValueTask DisposeAsync()
    {
        List<Task> running;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            running = [.. _domains.Values.Select(domain => domain.Running).OfType<Task>(), _refreshing];
        }
        await _refresh.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
        await _write.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(Domain domain)
    {
        MtaStsFound? found = null;
        try
        {
            found = await _lookup.RunAsync(domain.Name, domain.Kept, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The relay is stopped; what is kept stays as it is.
        }
        catch (Exception e)   // the edge of this task: mail goes on as if nothing had been found
        {
            _trace.Fault($"MTA-STS policy of {domain.Name}", e);
        }
        string? alert;
        lock (_gate)
        {
            alert = domain.Take(found, _clock.GetUtcNow(), out var isChanged);
            domain.Running = null;
            if (isChanged) _write.Changed();
        }
        // RFC 8461 section 3.3: administrators should hear that a policy cannot be refreshed.
        if (alert is not null) _trace.Fault($"MTA-STS policy of {domain.Name}", new IOException($"The policy kept of {domain.Name} could not be refreshed; it counts until {domain.Kept?.Expires:u}: {alert}."));
    }

    private void BeginRefresh()
    {
        lock (_gate)
        {
            if (_isDisposed || !_refreshing.IsCompleted) return;
            var now = _clock.GetUtcNow();
            foreach (var gone in _domains.Values.Where(domain => domain.Running is null && domain.Kept is { } kept && kept.Expires <= now).ToList())
            {
                _domains.Remove(gone.Name);
                _write.Changed();
            }
            List<Domain> due = [.. _domains.Values.Where(domain => domain.Kept is { } kept && kept.IsDue(now) && !(now - domain.Checked < CheckEvery))];
            if (due.Count > 0) _refreshing = Task.Run(() => Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = RefreshesAtOnce }, RefreshAsync));
        }
    }

    private async ValueTask RefreshAsync(Domain domain, CancellationToken cancellationToken)
    {
        Task running;
        lock (_gate)
        {
            if (_isDisposed) return;
            running = domain.Running ??= Task.Run(() => RunAsync(domain), CancellationToken.None);
        }
        await running.ConfigureAwait(false);
    }

    private Domain Remembered(string name)
    {
        if (_domains.TryGetValue(name, out var known)) return known;
        if (_domains.Count >= _maxDomains)
        {
            // A tenth at a time, so that it is not looked for with each new domain.
            foreach (var old in _domains.Values.Where(domain => domain.Running is null).OrderBy(domain => domain.Kept is not null).ThenBy(domain => domain.Asked).Take(1 + (_maxDomains / 10)).ToList())
            {
                _domains.Remove(old.Name);
                if (old.Kept is not null) _write.Changed();
            }
        }
        return _domains[name] = new Domain(name);
    }

    private MtaStsFile Content()
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            return MtaStsFile.Of(_domains.Values.Where(domain => domain.IsKept(now) && domain.Kept!.Policy.Mode != MtaStsMode.None).Select(domain => (domain.Name, domain.Kept!)).ToList());
        }
    }

    /// <summary>What is known of one domain.</summary>
    private sealed class Domain(string name)
    {
        private MtaStsAnswer _failure = MtaStsAnswer.None;
        private bool _isAlerted;

        public string Name => name;

        public KeptPolicy? Kept { get; set; }

        /// <summary>When it was looked up last; null for not since the start.</summary>
        public DateTimeOffset? Checked { get; private set; }

        /// <summary>When mail asked for it last.</summary>
        public DateTimeOffset Asked { get; set; }

        /// <summary>The look-up under way.</summary>
        public Task? Running { get; set; }

        public bool IsKept(DateTimeOffset now) => Kept is { } kept && kept.Expires > now;

        // A policy that lives shorter than the pause between look-ups, 0 seconds even, counts for the mail that waited for it.
        public MtaStsAnswer Answer(DateTimeOffset now) => Kept is { } kept && (kept.Expires > now || kept.Fetched == Checked)
            ? kept.Policy.Mode == MtaStsMode.None ? MtaStsAnswer.None : new MtaStsAnswer(kept.Policy)
            : _failure;

        /// <summary>Remembers what was found; what an administrator should hear of it, once.</summary>
        public string? Take(MtaStsFound? found, DateTimeOffset now, out bool isChanged)
        {
            isChanged = found is not null && found.Kept != Kept;
            Checked = now;
            if (found is null)
            {
                _failure = _failure with { IsUnknown = true };
                return null;
            }
            Kept = isChanged ? found.Kept! with { Fetched = now } : found.Kept;
            _failure = found.Failure is null && !found.IsUnknown ? MtaStsAnswer.None : new MtaStsAnswer(null, found.Failure, found.Detail) { IsUnknown = found.IsUnknown };
            var fails = found.Detail is not null && IsKept(now) && Kept!.Policy.Mode != MtaStsMode.None;
            var alert = fails && !_isAlerted ? found.Detail : null;
            _isAlerted = fails;
            return alert;
        }
    }
}
