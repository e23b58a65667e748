using System.Collections.Concurrent;
using MailOps.Dns;
using MailOps.Messages;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// Finds the site of a next hop: a smart host's by its name and credential, a domain's by the profile of its mail exchangers, or, where none knows them, by the set of their names. So a
/// thousand domains with one provider share its limits, whatever those domains are called.
/// </summary>
internal sealed class SiteTable : IAsyncDisposable
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(5), ShortestMemory = TimeSpan.FromMinutes(1), LongestMemory = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Site> _sites = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, SavedSite> _saved;
    private readonly DeliveryOptions _options;
    private readonly IDnsResolver _dns;
    private readonly Profiles _profiles;
    private readonly SiteContext _context;
    private readonly PaceFile? _file;
    private readonly ITimer _timer;
    private HashSet<Site> _unused = [];
    private int _changed;
    private int _disposed;

    /// <param name="options">Limits and profiles.</param>
    /// <param name="dns">Who knows the mail exchangers.</param>
    /// <param name="context">Makes what all sites have in common, from the profiles and who is told of a change.</param>
    /// <param name="file">What is remembered over a restart; null for nothing.</param>
    public SiteTable(DeliveryOptions options, IDnsResolver dns, Func<Profiles, Action, SiteContext> context, PaceFile? file)
    {
        (_options, _dns, _file) = (options, dns, file);
        _profiles = new Profiles(options);
        _context = context(_profiles, () => Volatile.Write(ref _changed, 1));
        var now = _context.Clock.GetUtcNow();
        _saved = new((file?.Read() ?? []).Where(saved => saved.Says(now)).Select(saved => KeyValuePair.Create(saved.Name, saved)), StringComparer.OrdinalIgnoreCase);
        _timer = _context.Clock.CreateTimer(static table => ((SiteTable)table!).SaveSoon(), this, SaveInterval, SaveInterval);
    }

    /// <summary>The site of a next hop, and until when that is known; null for what needs no connection, and has no limits.</summary>
    public async ValueTask<(Site? Site, DateTimeOffset Until)> OfAsync(NextHop hop, CancellationToken cancellationToken)
    {
        if (hop.IsLocal) return (null, DateTimeOffset.MaxValue);
        var pace = hop.Way?.Options.Pace;
        var named = (pace?.Profile ?? _options.Pace?.Profile) is { } name ? _profiles.Named(name) : null;
        if (hop.Servers is { Count: > 0 } given)
        {
            var profile = named ?? (hop.Kind == RouteKind.SmartHost ? _profiles.Of(null, [.. given.Select(server => server.Host)]) : null);
            // A smart host counts by account.
            return (Site(SiteName.OfHost(profile, hop), profile, pace), DateTimeOffset.MaxValue);
        }
        var (servers, ttl) = await ServersAsync(hop.Name, cancellationToken).ConfigureAwait(false);
        var found = named ?? _profiles.Of(hop.Name, servers);
        var joined = found is { Options.Joined: true } && (named is not null || Profiles.IsAll(found, hop.Name, servers));
        return (Site(SiteName.OfExchangers(found, joined, servers.Count > 0 ? servers : [hop.Name]), found, pace), _context.Clock.GetUtcNow() + ttl);
    }

    /// <summary>Forgets the sites that nobody uses and of which nothing is to be remembered; at the second time, for somebody may just be about to use one.</summary>
    public void Sweep(IReadOnlySet<Site> used)
    {
        lock (_gate)
        {
            var unused = _sites.Values.Where(site => !used.Contains(site) && !site.Remembers).ToHashSet();
            foreach (var site in unused.Where(_unused.Contains))
            {
                _sites.Remove(site.Name.Key);
                site.Dispose();
            }
            _unused = unused;
        }
    }

    /// <summary>Remembers all of it once more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _timer.DisposeAsync().ConfigureAwait(false);
        Volatile.Write(ref _changed, 1);
        await Task.Run(Save).ConfigureAwait(false);
        foreach (var site in Sites()) site.Dispose();
    }

    private Site Site(SiteName name, Profile? profile, PaceOptions? pace)
    {
        var bounds = PaceBounds.Of(_options);
        // What the options say of all next hops is for those of which nobody knows more.
        bounds = bounds.Under(profile?.Options).Under(pace);
        lock (_gate)
        {
            if (_sites.TryGetValue(name.Key, out var known))
            {
                known.Tighten(bounds);
                _unused.Remove(known);
                return known;
            }
            var site = new Site(name, profile, bounds, _context);
            if (_saved.TryRemove(name.Key, out var saved)) site.Restore(saved);
            _sites.Add(name.Key, site);
            return site;
        }
    }

    // Where the DNS says nothing of use, the attempt that follows meets the same and says so.
    private async ValueTask<(IReadOnlyList<string> Servers, TimeSpan Ttl)> ServersAsync(string domain, CancellationToken cancellationToken)
    {
        if (!DomainName.TryToAscii(domain, out _)) return ([], LongestMemory);
        try
        {
            var found = await new MailExchangerLookup(_dns, static same => same).FindAsync(domain, addresses: false, cancellationToken).ConfigureAwait(false);
            var ttl = found.Ttl < ShortestMemory ? ShortestMemory : found.Ttl > LongestMemory ? LongestMemory : found.Ttl;
            return ([.. found.Hosts.Select(host => host.Name)], ttl);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _context.Trace.Fault($"looking for the provider of {domain}", e);
            return ([], ShortestMemory);
        }
    }

    private List<Site> Sites()
    {
        lock (_gate) return [.. _sites.Values];
    }

    private void SaveSoon()
    {
        if (_file is not null && Volatile.Read(ref _changed) != 0) _ = Task.Run(Save);   // the clock's thread waits for no disk
    }

    private void Save()
    {
        if (_file is null || Interlocked.Exchange(ref _changed, 0) == 0) return;
        if (!_file.Write(Saved)) Volatile.Write(ref _changed, 1);
    }

    // What was remembered of sites to which nothing has gone since the start stays remembered, as long as it says something.
    private IReadOnlyList<SavedSite> Saved()
    {
        var now = _context.Clock.GetUtcNow();
        foreach (var over in _saved.Values.Where(saved => !saved.Says(now))) _saved.TryRemove(KeyValuePair.Create(over.Name, over));
        return [.. Sites().Select(site => site.Save()).OfType<SavedSite>(), .. _saved.Values];
    }
}
