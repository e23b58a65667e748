using System.Net;
using System.Net.Sockets;
using MailOps.Dns;

namespace MailOps.Core.Tests.Dns;

/// <summary>A DNS that is a table: what is not in it does not exist.</summary>
internal sealed class ZoneInspector : IDnsInspector
{
    private readonly Dictionary<string, List<object>> _records = new(StringComparer.OrdinalIgnoreCase);
    private int _waiting;

    /// <summary>The names, or questions, for which the DNS fails.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>Whether no server answers.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The names that DNSSEC proves.</summary>
    public Func<string, bool> IsSecure { get; set; } = _ => false;

    /// <summary>What was asked, as "TXT example.test".</summary>
    public List<string> Asked { get; } = [];

    /// <summary>How long each answer takes; for ever with <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The most questions that waited for their delay at one time.</summary>
    public int MostAtOnce { get; private set; }

    public void Remove(string type, string name) => _records.Remove($"{type} {name}");

    public void Add(string type, string name, object value)
    {
        var key = $"{type} {name.TrimEnd('.')}";
        if (!_records.TryGetValue(key, out var values)) _records[key] = values = [];
        values.Add(value);
    }

    public ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken) => AskAsync<string>("TXT", name, cancellationToken);

    public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) => AskAsync<MxRecord>("MX", domain, cancellationToken);

    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, AddressFamily family, CancellationToken cancellationToken) =>
        AskAsync<IPAddress>(family == AddressFamily.InterNetwork ? "A" : "AAAA", host, cancellationToken);

    public ValueTask<DnsAnswer<string>> ResolveNamesAsync(IPAddress address, CancellationToken cancellationToken) => AskAsync<string>("PTR", address.ToString(), cancellationToken);

    public async ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken)
    {
        var four = await AskAsync<IPAddress>("A", host, cancellationToken);
        return four.Status == DnsStatus.Found || !_records.ContainsKey($"AAAA {host}") ? four : await AskAsync<IPAddress>("AAAA", host, cancellationToken);
    }

    public ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken) => AskAsync<TlsaRecord>("TLSA", name, cancellationToken);

    public ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken) => AskAsync<string>("CNAME", name, cancellationToken);

    public ValueTask<DnsAnswer<SrvRecord>> ResolveSrvAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (Asked) MostAtOnce = Math.Max(MostAtOnce, ++_waiting);
        await Task.Delay(Delay, cancellationToken);
        lock (Asked) _waiting--;
    }

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(string type, string name, CancellationToken cancellationToken)
    {
        lock (Asked) Asked.Add($"{type} {name}");
        if (IsSilent) return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, "no DNS server answered") { IsUnanswered = true };
        if (Delay != TimeSpan.Zero) await WaitAsync(cancellationToken);
        var (end, secure) = (name, IsSecure(name));
        for (var aliases = 0; type != "CNAME" && _records.TryGetValue($"CNAME {end}", out var alias); aliases++)
        {
            if (aliases == 8) return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, "aliases in a circle");
            end = (string)alias[0];
            secure &= IsSecure(end);
        }
        var canonical = end == name ? null : end;
        if (Fails(end) || Fails($"{type} {end}")) return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, $"SERVFAIL for {type} {end}");
        if (_records.TryGetValue($"{type} {end}", out var values)) return new DnsAnswer<T>(DnsStatus.Found, [.. values.Cast<T>()], TimeSpan.FromMinutes(5)) { IsSecure = secure, CanonicalName = canonical };
        var status = _records.Keys.Any(key => key.EndsWith(" " + end, StringComparison.OrdinalIgnoreCase)) ? DnsStatus.NoRecords : DnsStatus.NoSuchDomain;
        return new DnsAnswer<T>(status, [], TimeSpan.Zero) { IsSecure = secure, CanonicalName = canonical };
    }
}
