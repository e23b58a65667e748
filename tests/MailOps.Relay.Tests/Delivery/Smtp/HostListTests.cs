using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class HostListTests
{
    private static readonly OwnEndPoints Own = OwnEndPoints.Of([new() { Endpoint = "127.0.0.1:25" }, new() { Endpoint = "[2001:db8::9]:25" }]);

    private static readonly Zone Dns = new()
    {
        Mx =
        {
            ["example.test"] = [(20, "backup.test"), (10, "mx1.test")],
            ["loop.test"] = [(10, "mx1.test"), (20, "Relay.test"), (20, "backup.test"), (30, "last.test")],
            ["ours.test"] = [(10, "relay.test"), (20, "backup.test")],
            ["renamed.test"] = [(10, "mx1.test"), (20, "alias.test"), (30, "last.test")],
            ["any.test"] = [(10, "unspecified.test"), (20, "backup.test")],
            ["only-any.test"] = [(10, "unspecified.test")],
            ["home.test"] = [(10, "loopback.test")],
            ["null.test"] = [(0, "")],
            ["many.test"] = [.. Enumerable.Range(1, 9).Select(i => (i, "mx1.test"))],
            ["dangling.test"] = [(10, "gone.test")],
            ["shaky.test"] = [(10, "shaky-mx.test")],
        },
        Addresses =
        {
            ["mx1.test"] = ["2001:db8::1", "192.0.2.1"],
            ["backup.test"] = ["192.0.2.2"],
            ["last.test"] = ["192.0.2.3"],
            ["alias.test"] = ["2001:db8::9"],
            ["unspecified.test"] = ["0.0.0.0", "::"],
            ["loopback.test"] = ["127.0.0.1"],
            ["relay.test"] = ["192.0.2.9"],
            ["implicit.test"] = ["192.0.2.4"],
            ["full.test"] = [.. Enumerable.Range(1, 20).Select(i => $"192.0.2.{i}")],
        },
        Fail = { "MX dark.test", "A shaky-mx.test", "A dark-host.test" },
    };

    [Theory]
    [InlineData("example.test", "mx1.test [2001:db8::1]:25, mx1.test [192.0.2.1]:25, backup.test [192.0.2.2]:25")]
    [InlineData("loop.test", "mx1.test [2001:db8::1]:25, mx1.test [192.0.2.1]:25")]
    [InlineData("renamed.test", "mx1.test [2001:db8::1]:25, mx1.test [192.0.2.1]:25")]
    [InlineData("any.test", "backup.test [192.0.2.2]:25")]
    [InlineData("implicit.test", "implicit.test [192.0.2.4]:25")]
    [InlineData("full.test", "full.test [192.0.2.1]:25, full.test [192.0.2.2]:25, full.test [192.0.2.3]:25, full.test [192.0.2.4]:25, full.test [192.0.2.5]:25")]
    public async Task Mail_exchangers_are_tried_by_preference_but_for_ourselves_and_those_behind_us(string domain, string expected) =>
        Assert.Equal(expected, string.Join(", ", (await FindAsync(new NextHop(RouteKind.Mx, domain) { Port = 25 })).Select(h => h.Peer)));

    [Theory]
    [InlineData("null.test", 556, "5.1.10")]
    [InlineData("nowhere.test", 550, "5.1.2")]
    [InlineData("dangling.test", 550, "5.4.4")]
    [InlineData("ours.test", 550, "5.4.6")]
    [InlineData("home.test", 550, "5.4.6")]
    [InlineData("only-any.test", 550, "5.4.4")]
    [InlineData("dark.test", 451, "4.4.3")]
    [InlineData("shaky.test", 451, "4.4.3")]
    public async Task A_domain_without_a_host_for_mail_says_why(string domain, int code, string enhanced)
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => FindAsync(new NextHop(RouteKind.Mx, domain) { Port = 25 }));

        Assert.Equal((SmtpStep.Route, code, enhanced), (failure.Step, failure.Reply.Code, failure.Reply.EnhancedCode));
        Assert.Contains(domain, failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_ours_with_another_port_is_somebody_else() =>
        Assert.Equal("loopback.test [127.0.0.1]:26", Assert.Single(await FindAsync(new NextHop(RouteKind.Mx, "home.test") { Port = 26 })).Peer);

    [Theory]
    [InlineData("127.0.0.1", 25, true)]
    [InlineData("::1", 25, true)]
    [InlineData("::ffff:127.0.0.1", 25, true)]
    [InlineData("127.0.0.1", 26, false)]
    [InlineData("2001:db8::1", 25, false)]
    [InlineData("0.0.0.0", 25, false)]
    public void A_relay_that_listens_everywhere_is_at_every_address_of_this_machine(string address, int port, bool isOurs) =>
        Assert.Equal(isOurs, OwnEndPoints.Of([new() { Endpoint = "[::]:25" }]).Contains(System.Net.IPAddress.Parse(address), port));

    [Theory]
    [InlineData("mx1.test", 587, "mx1.test [2001:db8::1]:587, mx1.test [192.0.2.1]:587")]
    [InlineData("192.0.2.7", 25, "192.0.2.7 [192.0.2.7]:25")]
    [InlineData("2001:db8::7", 25, "2001:db8::7 [2001:db8::7]:25")]
    public async Task A_named_server_is_tried_at_its_addresses(string host, int port, string expected) =>
        Assert.Equal(expected, string.Join(", ", (await FindAsync(new NextHop(RouteKind.SmartHost, host) { Server = new HostPort(host, port) })).Select(h => h.Peer)));

    [Theory]
    [InlineData("typo.test", "4.4.4")]
    [InlineData("dark-host.test", "4.4.3")]
    public async Task A_named_server_that_the_DNS_does_not_know_keeps_mail_queued(string host, string enhanced)
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => FindAsync(new NextHop(RouteKind.SmartHost, host) { Server = new HostPort(host, 25) }));

        Assert.Equal((451, enhanced), (failure.Reply.Code, failure.Reply.EnhancedCode));
    }

    private static async Task<IReadOnlyList<SmtpHost>> FindAsync(NextHop hop) => await new HostList(hop, "relay.test", Own, Dns).FindAsync(TestContext.Current.CancellationToken);
}
