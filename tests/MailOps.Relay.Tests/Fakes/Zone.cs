using System.Net;
using MailOps.Dns;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>The DNS as a value: what is not in it does not exist.</summary>
public sealed class Zone : IDnsResolver
{
    public Dictionary<string, (int Preference, string Exchange)[]> Mx { get; init; } = [];

    public Dictionary<string, string[]> Addresses { get; init; } = [];

    public Dictionary<string, TlsaRecord[]> Tlsa { get; init; } = [];

    public Dictionary<string, string[]> Txt { get; init; } = [];

    /// <summary>Aliases: the name on the left has the addresses of the name on the right.</summary>
    public Dictionary<string, string> Aliases { get; init; } = [];

    /// <summary>Names whose answers, TLSA's and the denials included, DNSSEC proves; <c>*</c> for all.</summary>
    public HashSet<string> Secure { get; init; } = [];

    /// <summary>Names whose answers DNSSEC does not prove, whatever <see cref="Secure"/> says.</summary>
    public HashSet<string> Unproven { get; init; } = [];

    /// <summary>Questions that get no answer, as in <c>MX example.test</c> or <c>A mx.example.test</c>.</summary>
    public HashSet<string> Fail { get; init; } = [];

    /// <summary>What happens before each answer.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) =>
        AnswerAsync("MX", domain, Mx.GetValueOrDefault(domain)?.Select(r => new MxRecord(r.Preference, r.Exchange)), cancellationToken);

    public async ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken)
    {
        var canonical = Aliases.GetValueOrDefault(host);
        var answer = await AnswerAsync("A", canonical ?? host, Addresses.GetValueOrDefault(canonical ?? host)?.Select(IPAddress.Parse), cancellationToken);
        return answer with { CanonicalName = canonical, IsSecure = answer.IsSecure && IsSecure(host) };
    }

    public ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken) => AnswerAsync("TLSA", name, Tlsa.GetValueOrDefault(name), cancellationToken);

    public ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken) => AnswerAsync("TXT", name, Txt.GetValueOrDefault(name), cancellationToken);

    public ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken) =>
        AnswerAsync<string>("CNAME", name, Aliases.TryGetValue(name, out var target) ? [target] : null, cancellationToken);

    private bool IsSecure(string name) =>
        !Unproven.Contains(name) && (Secure.Contains("*") || Secure.Contains(name) || (name.StartsWith("_", StringComparison.Ordinal) && Secure.Contains(name.Split('.', 3)[2])));

    private async ValueTask<DnsAnswer<T>> AnswerAsync<T>(string type, string name, IEnumerable<T>? records, CancellationToken cancellationToken)
    {
        await Before(cancellationToken);
        if (Fail.Contains($"{type} {name}")) return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, "the zone says so");
        if (records is not null) return new DnsAnswer<T>(DnsStatus.Found, [.. records], TimeSpan.FromHours(1)) { IsSecure = IsSecure(name) };
        var exists = Mx.ContainsKey(name) || Addresses.ContainsKey(name) || Tlsa.ContainsKey(name) || Txt.ContainsKey(name) || Aliases.ContainsKey(name);
        return new DnsAnswer<T>(exists ? DnsStatus.NoRecords : DnsStatus.NoSuchDomain, [], TimeSpan.FromHours(1)) { IsSecure = IsSecure(name) };
    }
}
