using System.Net;
using MailOps.Dns;

namespace MailOps.Core.Tests.Dns;

public sealed class MailExchangerLookupTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Two = IPAddress.Parse("2001:db8::2");

    [Fact]
    public async Task Hosts_come_by_preference_and_equal_ones_as_shuffled()
    {
        var zone = new Zone
        {
            Mx = { ["example.test"] = [(20, "last.test"), (10, "b.test"), (10, "a.test"), (10, "c.test")] },
            Addresses = { ["a.test"] = [One], ["b.test"] = [Two], ["c.test"] = [One], ["last.test"] = [One, Two] },
        };

        var found = await FindAsync(zone, "example.test", names => [.. names.OrderByDescending(n => n, StringComparer.Ordinal)]);

        Assert.Equal(["10 c.test", "10 b.test", "10 a.test", "20 last.test"], found.Hosts.Select(h => $"{h.Preference} {h.Name}"));
        Assert.Equal([One, Two], found.Hosts[3].Addresses);
        Assert.False(found.Implicit);
    }

    [Fact]
    public async Task Equal_hosts_are_shuffled_at_random_and_none_is_lost()
    {
        var zone = new Zone { Mx = { ["example.test"] = [.. Enumerable.Range(0, 20).Select(i => (10, $"mx{i}.test"))] } };

        var orders = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var found = await FindAsync(zone, "example.test", addresses: false);
            Assert.Equal(20, found.Hosts.Select(h => h.Name).Distinct().Count());
            orders.Add(string.Join(' ', found.Hosts.Select(h => h.Name)));
        }

        Assert.True(orders.Count > 1);
    }

    [Fact]
    public async Task A_host_named_twice_is_tried_once_at_its_better_place()
    {
        var zone = new Zone { Mx = { ["example.test"] = [(30, "MX.test"), (10, "mx.test"), (10, "Mx.test")] } };

        Assert.Equal(["10 mx.test"], (await FindAsync(zone, "example.test", addresses: false)).Hosts.Select(h => $"{h.Preference} {h.Name}"));
    }

    [Fact]
    public async Task A_domain_without_mx_is_its_own_host()
    {
        var found = await FindAsync(new Zone { Addresses = { ["host.test"] = [One] } }, "host.test");

        Assert.True(found.Implicit);
        Assert.Equal([new MailHostView(0, "host.test", "192.0.2.1")], found.Hosts.Select(MailHostView.Of));
    }

    [Fact]
    public async Task A_domain_whose_mx_have_no_address_does_not_fall_back_to_its_own()
    {
        // RFC 5321 section 5.1: unusable MX records are an error, not a reason to use the address.
        var found = await FindAsync(new Zone { Mx = { ["example.test"] = [(10, "gone.test")] }, Addresses = { ["example.test"] = [One] } }, "example.test");

        Assert.Equal(MailExchangersStatus.NoAddress, found.Status);
        Assert.Contains("gone.test", found.Detail);
    }

    [Fact]
    public async Task A_null_mx_takes_no_mail_although_there_is_an_address()
    {
        var found = await FindAsync(new Zone { Mx = { ["nomail.test"] = [(0, "")] }, Addresses = { ["nomail.test"] = [One] } }, "nomail.test");

        Assert.Equal(MailExchangersStatus.NullMx, found.Status);
        Assert.Empty(found.Hosts);
    }

    [Fact]
    public async Task A_null_mx_among_others_means_nothing()
    {
        var found = await FindAsync(new Zone { Mx = { ["odd.test"] = [(0, ""), (10, "mx.test")] }, Addresses = { ["mx.test"] = [One] } }, "odd.test");

        Assert.Equal(["mx.test"], found.Hosts.Select(h => h.Name));
    }

    [Fact]
    public async Task A_host_without_address_stays_in_the_list_of_those_with_one()
    {
        var found = await FindAsync(new Zone { Mx = { ["example.test"] = [(10, "gone.test"), (20, "mx.test")] }, Addresses = { ["mx.test"] = [One] } }, "example.test");

        Assert.Equal(MailExchangersStatus.Found, found.Status);
        Assert.Equal(["gone.test:0", "mx.test:1"], found.Hosts.Select(h => $"{h.Name}:{h.Addresses.Count}"));
    }

    [Theory]
    [InlineData("MX example.test", MailExchangersStatus.Failed)]
    [InlineData("A gone.test", MailExchangersStatus.Failed)]       // may get an address yet
    [InlineData("A example.test", MailExchangersStatus.NoAddress)] // not asked for, as there is an MX
    public async Task A_failed_question_is_temporary_where_it_matters(string fails, MailExchangersStatus status)
    {
        var found = await FindAsync(new Zone { Mx = { ["example.test"] = [(10, "gone.test")] }, Fail = [fails] }, "example.test");

        Assert.Equal(status, found.Status);
    }

    [Fact]
    public async Task Absent_and_empty_domains_differ()
    {
        var zone = new Zone { Addresses = { ["empty.test"] = [] } };

        Assert.Equal(MailExchangersStatus.NoSuchDomain, (await FindAsync(zone, "absent.test")).Status);
        Assert.Equal(MailExchangersStatus.NoAddress, (await FindAsync(zone, "empty.test")).Status);
    }

    [Theory]
    [InlineData("[192.0.2.1]", "192.0.2.1")]
    [InlineData("[IPv6:2001:db8::2]", "2001:db8::2")]
    public async Task An_address_literal_is_its_own_host(string domain, string address)
    {
        var found = await FindAsync(new Zone { Fail = ["everything"] }, domain);

        Assert.Equal([new MailHostView(0, domain, address)], found.Hosts.Select(MailHostView.Of));
    }

    [Theory]
    [InlineData("bücher.test", "xn--bcher-kva.test")]
    [InlineData("xn--bcher-kva.test", "xn--bcher-kva.test")]
    [InlineData("Example.TEST.", "example.test")]
    public async Task Names_are_asked_for_as_a_labels_and_answered_as_given(string given, string asked)
    {
        var zone = new Zone { Mx = { [asked] = [(10, "mx.test")] }, Addresses = { ["mx.test"] = [One] } };

        var found = await FindAsync(zone, given);

        Assert.Equal((given, MailExchangersStatus.Found), (found.Domain, found.Status));
        Assert.Equal("MX " + asked, zone.Asked[0]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words.test")]
    [InlineData("-dash.test")]
    [InlineData("a..test")]
    [InlineData("user@example.test")]
    [InlineData("[300.0.0.1]")]
    public async Task What_is_no_domain_is_refused(string domain)
    {
        var error = await Assert.ThrowsAsync<MailOpsException>(() => FindAsync(new Zone(), domain));

        Assert.Equal(ErrorCode.InvalidDomain, error.Code);
    }

    [Fact]
    public async Task What_dnssec_proves_is_told_for_the_list_and_for_each_host()
    {
        var zone = new Zone
        {
            Mx = { ["signed.test"] = [(1, "a.test"), (2, "b.test")], ["plain.test"] = [(1, "a.test")] },
            Addresses = { ["a.test"] = [IPAddress.Loopback], ["b.test"] = [IPAddress.Loopback], ["own.test"] = [IPAddress.Loopback] },
            Secure = ["MX signed.test", "A a.test", "A own.test"],
            Canonical = { ["a.test"] = "real.test" },
        };

        var signed = await FindAsync(zone, "signed.test");
        var plain = await FindAsync(zone, "plain.test");
        var own = await FindAsync(zone, "own.test");

        Assert.True(signed.IsSecure);
        Assert.Equal([(true, "real.test"), (false, null)], signed.Hosts.Select(host => (host.IsSecure, host.CanonicalName)));
        Assert.False(plain.IsSecure);
        Assert.True(plain.Hosts.Single().IsSecure);
        Assert.False(own.IsSecure);
        Assert.True(own.Hosts.Single().IsSecure);
    }

    private static Task<MailExchangers> FindAsync(
        Zone zone, string domain, Func<IReadOnlyList<string>, IReadOnlyList<string>>? shuffle = null, bool addresses = true) =>
        new MailExchangerLookup(zone, shuffle).FindAsync(domain, addresses, TestContext.Current.CancellationToken).AsTask();

    private sealed record MailHostView(int Preference, string Name, string Addresses)
    {
        public static MailHostView Of(MailHost host) => new(host.Preference, host.Name, string.Join(' ', host.Addresses));
    }

    /// <summary>A DNS that is a value.</summary>
    private sealed class Zone : IDnsResolver
    {
        public Dictionary<string, (int Preference, string Exchange)[]> Mx { get; init; } = [];
        public Dictionary<string, IPAddress[]> Addresses { get; init; } = [];
        public string[] Fail { get; init; } = [];
        public string[] Secure { get; init; } = [];
        public Dictionary<string, string> Canonical { get; init; } = [];
        public List<string> Asked { get; } = [];

        public ValueTask<DnsAnswer<MxRecord>> ResolveMxAsync(string domain, CancellationToken cancellationToken) =>
            Answer("MX", domain, Mx.TryGetValue(domain, out var records) ? [.. records.Select(r => new MxRecord(r.Preference, r.Exchange))] : Array.Empty<MxRecord>());

        public ValueTask<DnsAnswer<IPAddress>> ResolveAddressesAsync(string host, CancellationToken cancellationToken) =>
            Answer("A", host, Addresses.GetValueOrDefault(host) ?? []);

        public ValueTask<DnsAnswer<TlsaRecord>> ResolveTlsaAsync(string name, CancellationToken cancellationToken) => Answer<TlsaRecord>("TLSA", name, []);

        public ValueTask<DnsAnswer<string>> ResolveTxtAsync(string name, CancellationToken cancellationToken) => Answer<string>("TXT", name, []);

        public ValueTask<DnsAnswer<string>> ResolveAliasAsync(string name, CancellationToken cancellationToken) => Answer<string>("CNAME", name, []);

        private ValueTask<DnsAnswer<T>> Answer<T>(string type, string name, T[] records)
        {
            Asked.Add($"{type} {name}");
            var status = Fail.Contains($"{type} {name}") ? DnsStatus.Failed
                : records.Length > 0 ? DnsStatus.Found
                : Mx.ContainsKey(name) || Addresses.ContainsKey(name) ? DnsStatus.NoRecords
                : DnsStatus.NoSuchDomain;
            return new(new DnsAnswer<T>(status, status == DnsStatus.Found ? records : [], TimeSpan.FromMinutes(5), status == DnsStatus.Failed ? "SERVFAIL" : null)
            {
                IsSecure = Secure.Contains($"{type} {name}"),
                CanonicalName = Canonical.GetValueOrDefault(name),
            });
        }
    }
}
