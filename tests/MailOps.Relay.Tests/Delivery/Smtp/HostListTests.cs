using MailOps.Relay.Configuration;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class HostListTests
{
    private static readonly Zone Dns = new()
    {
        Mx =
        {
            ["example.test"] = [(20, "backup.test"), (10, "mx1.test")],
            ["loop.test"] = [(10, "mx1.test"), (20, "Relay.test"), (20, "backup.test"), (30, "last.test")],
            ["ours.test"] = [(10, "relay.test"), (20, "backup.test")],
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
            ["relay.test"] = ["192.0.2.9"],
            ["implicit.test"] = ["192.0.2.4"],
            ["full.test"] = [.. Enumerable.Range(1, 20).Select(i => $"192.0.2.{i}")],
        },
        Fail = { "MX dark.test", "A shaky-mx.test", "A dark-host.test" },
    };

    [Theory]
    [InlineData("example.test", "mx1.test [2001:db8::1]:25, mx1.test [192.0.2.1]:25, backup.test [192.0.2.2]:25")]
    [InlineData("loop.test", "mx1.test [2001:db8::1]:25, mx1.test [192.0.2.1]:25")]
    [InlineData("implicit.test", "implicit.test [192.0.2.4]:25")]
    [InlineData("full.test", "full.test [192.0.2.1]:25, full.test [192.0.2.2]:25, full.test [192.0.2.3]:25, full.test [192.0.2.4]:25, full.test [192.0.2.5]:25")]
    public async Task Mail_exchangers_are_tried_by_preference_but_for_ourselves_and_those_behind_us(string domain, string expected) =>
        Assert.Equal(expected, string.Join(", ", (await FindAsync(new NextHop(RouteKind.Mx, domain) { Port = 25 })).Select(h => h.Peer)));

    [Theory]
    [InlineData("null.test", 556, "5.1.10")]
    [InlineData("nowhere.test", 550, "5.1.2")]
    [InlineData("dangling.test", 550, "5.4.4")]
    [InlineData("ours.test", 550, "5.4.6")]
    [InlineData("dark.test", 451, "4.4.3")]
    [InlineData("shaky.test", 451, "4.4.3")]
    public async Task A_domain_without_a_host_for_mail_says_why(string domain, int code, string enhanced)
    {
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => FindAsync(new NextHop(RouteKind.Mx, domain) { Port = 25 }));

        Assert.Equal((SmtpStep.Route, code, enhanced), (failure.Step, failure.Reply.Code, failure.Reply.EnhancedCode));
        Assert.Contains(domain, failure.Reply.Text, StringComparison.Ordinal);
    }

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

    private static async Task<IReadOnlyList<SmtpHost>> FindAsync(NextHop hop) => await new HostList(hop, "relay.test", Dns).FindAsync(TestContext.Current.CancellationToken);
}
