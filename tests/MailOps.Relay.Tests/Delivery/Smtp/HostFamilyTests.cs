using System.Net;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class HostFamilyTests
{
    private static readonly Zone Dns = new()
    {
        Mx = { ["example.test"] = [(10, "a.test"), (20, "b.test")], ["six.test"] = [(10, "only6.test")] },
        Addresses = { ["a.test"] = ["2001:db8::1", "192.0.2.1"], ["b.test"] = ["192.0.2.2", "2001:db8::2"], ["only6.test"] = ["2001:db8::6"] },
    };

    [Theory]
    [InlineData(NextHopAddresses.Any, "2001:db8::1 192.0.2.1 192.0.2.2 2001:db8::2")]
    [InlineData(NextHopAddresses.IPv4, "192.0.2.1 192.0.2.2")]
    [InlineData(NextHopAddresses.IPv6, "2001:db8::1 2001:db8::2")]
    [InlineData(NextHopAddresses.PreferIPv4, "192.0.2.1 2001:db8::1 192.0.2.2 2001:db8::2")]
    [InlineData(NextHopAddresses.PreferIPv6, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2")]
    public async Task A_route_says_which_addresses_and_which_first_and_the_preference_of_hosts_stays(NextHopAddresses family, string expected)
    {
        Assert.Equal(expected, Addresses(await FindAsync("example.test", new RouteOptions { AddressFamily = family })));
        var hosts = new RouteOptions { Kind = RouteKind.SmartHost, Hosts = ["a.test", "b.test"], AddressFamily = family };
        var several = new NextHop(RouteKind.SmartHost, "a.test:25,b.test:25") { Way = new RouteWay(hosts) };
        Assert.Equal(expected, Addresses(await FindAsync(several)));
    }

    [Fact]
    public async Task A_host_without_an_address_of_the_kind_leaves_mail_waiting()
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => FindAsync("six.test", new RouteOptions { AddressFamily = NextHopAddresses.IPv4 }));
        Assert.Equal("451 4.4.4 'six.test' has no IPv4 address, and its route uses no other", failure.Reply.ToString());
    }

    [Fact]
    public async Task An_address_of_ours_is_for_its_own_kind()
    {
        var hosts = await FindAsync("example.test", new RouteOptions { SourceAddresses = ["192.0.2.99"] });
        Assert.Equal([null, "192.0.2.99", "192.0.2.99", null], hosts.Select(host => host.Source?.ToString()));
    }

    [Fact]
    public async Task Of_several_servers_none_has_all_the_places()
    {
        var dns = new Zone { Addresses = { ["many.test"] = [.. Enumerable.Range(1, 40).Select(i => $"192.0.2.{i}")], ["few.test"] = ["192.0.2.50"] } };
        var several = new NextHop(RouteKind.SmartHost, "x") { Way = new RouteWay(new RouteOptions { Kind = RouteKind.SmartHost, Hosts = ["many.test", "few.test"] }) };
        Assert.Equal("192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.50", Addresses(await FindAsync(several, dns)));
    }

    private static string Addresses(IEnumerable<SmtpHost> hosts) => string.Join(' ', hosts.Select(host => ((IPEndPoint)host.EndPoint).Address));

    private static Task<IReadOnlyList<SmtpHost>> FindAsync(string domain, RouteOptions route) => FindAsync(new NextHop(RouteKind.Mx, domain) { Port = 25, Way = new RouteWay(route) });

    private static Task<IReadOnlyList<SmtpHost>> FindAsync(NextHop hop, Zone? dns = null) =>
        new HostList(hop, "relay.test", OwnEndPoints.Of([]), dns ?? Dns).FindAsync(TestContext.Current.CancellationToken).AsTask();
}
