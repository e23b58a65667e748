using System.Net;
using MailOps.Dns;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>The DNS as a value: what is not in it does not exist.</summary>
public sealed class Zone : IDnsResolver
{
    public Dictionary<string, (int Preference, string Exchange)[]> Mx { get; init; } = [];

    public Dictionary<string, string[]> Addresses { get; init; } = [];

    /// <summary>Questions that get no answer, as in <c>MX example.test</c> or <c>A mx.example.test</c>.</summary>
    public HashSet<string> Fail { get; init; } = [];

    public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) =>
        Answer("MX", domain, Mx.GetValueOrDefault(domain)?.Select(r => new MxRecord(r.Preference, r.Exchange)));

    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken) =>
        Answer("A", host, Addresses.GetValueOrDefault(host)?.Select(IPAddress.Parse));

    private ValueTask<DnsAnswer<T>> Answer<T>(string type, string name, IEnumerable<T>? records)
    {
        if (Fail.Contains($"{type} {name}")) return ValueTask.FromResult(new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, "the zone says so"));
        if (records is not null) return ValueTask.FromResult(new DnsAnswer<T>(DnsStatus.Found, [.. records], TimeSpan.FromHours(1)));
        var exists = Mx.ContainsKey(name) || Addresses.ContainsKey(name);
        return ValueTask.FromResult(new DnsAnswer<T>(exists ? DnsStatus.NoRecords : DnsStatus.NoSuchDomain, [], TimeSpan.FromHours(1)));
    }
}
