using System.Net;
using System.Net.Sockets;
using MailOps.Dns;

namespace MailOps.Core.Tests.Dns;

/// <summary>A DNS that is a table: what is not in it does not exist.</summary>
internal sealed class ZoneInspector : IDnsInspector
{
    private readonly Dictionary<string, List<object>> _records = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names for which the DNS fails.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>What was asked, as "TXT example.test".</summary>
    public List<string> Asked { get; } = [];

    /// <summary>How long each answer takes; for ever with <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan Delay { get; set; }

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

    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<SrvRecord>> ResolveSrvAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async ValueTask<DnsAnswer<T>> AskAsync<T>(string type, string name, CancellationToken cancellationToken)
    {
        lock (Asked) Asked.Add($"{type} {name}");
        if (Delay != TimeSpan.Zero) await Task.Delay(Delay, cancellationToken);
        if (Fails(name)) return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, $"SERVFAIL for {type} {name}");
        if (_records.TryGetValue($"{type} {name}", out var values)) return new DnsAnswer<T>(DnsStatus.Found, [.. values.Cast<T>()], TimeSpan.FromMinutes(5));
        return new DnsAnswer<T>(_records.Keys.Any(key => key.EndsWith(" " + name, StringComparison.OrdinalIgnoreCase)) ? DnsStatus.NoRecords : DnsStatus.NoSuchDomain, [], TimeSpan.Zero);
    }
}
