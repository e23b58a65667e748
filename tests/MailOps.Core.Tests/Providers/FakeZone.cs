using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MailOps.Dns;

namespace MailOps.Core.Tests.Providers;

/// <summary>The DNS as tables; a name that is in none of them has no records.</summary>
internal sealed class FakeZone : IDnsInspector
{
    public Dictionary<string, SrvRecord[]> Srv { get; } = [];

    public Dictionary<string, MxRecord[]> Mx { get; } = [];

    public HashSet<string> Hosts { get; } = [];

    /// <summary>Whether DNSSEC proves all of it.</summary>
    public bool Secure { get; init; }

    /// <summary>What the DNS says of what is in no table.</summary>
    public DnsStatus Otherwise { get; init; } = DnsStatus.NoRecords;

    public ConcurrentQueue<string> Asked { get; } = new();

    public ValueTask<DnsAnswer<SrvRecord>> ResolveSrvAsync(string name, CancellationToken cancellationToken) => Say(Srv, name);

    public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) => Say(Mx, domain);

    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken) =>
        Say(Hosts.ToDictionary(name => name, _ => new[] { IPAddress.Loopback }), host);

    public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, AddressFamily family, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<string>> ResolveNamesAsync(IPAddress address, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

    private ValueTask<DnsAnswer<T>> Say<T>(Dictionary<string, T[]> table, string name)
    {
        Asked.Enqueue(name);
        return new(table.TryGetValue(name, out var records)
            ? new DnsAnswer<T>(DnsStatus.Found, records, TimeSpan.FromMinutes(5)) { IsSecure = Secure }
            : new DnsAnswer<T>(Otherwise, [], TimeSpan.FromMinutes(5), Otherwise == DnsStatus.Failed ? "no server answered" : null) { IsSecure = Secure });
    }
}
