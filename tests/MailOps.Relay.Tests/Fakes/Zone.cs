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

    /// <summary>What happens before each answer.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) =>
        AnswerAsync("MX", domain, Mx.GetValueOrDefault(domain)?.Select(r => new MxRecord(r.Preference, r.Exchange)), cancellationToken);

    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken) =>
        AnswerAsync("A", host, Addresses.GetValueOrDefault(host)?.Select(IPAddress.Parse), cancellationToken);

    private async ValueTask<DnsAnswer<T>> AnswerAsync<T>(string type, string name, IEnumerable<T>? records, CancellationToken cancellationToken)
    {
        await Before(cancellationToken);
        if (Fail.Contains($"{type} {name}")) return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, "the zone says so");
        if (records is not null) return new DnsAnswer<T>(DnsStatus.Found, [.. records], TimeSpan.FromHours(1));
        var exists = Mx.ContainsKey(name) || Addresses.ContainsKey(name);
        return new DnsAnswer<T>(exists ? DnsStatus.NoRecords : DnsStatus.NoSuchDomain, [], TimeSpan.FromHours(1));
    }
}
