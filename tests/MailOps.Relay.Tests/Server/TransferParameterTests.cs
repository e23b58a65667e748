using System.Net;
using MailOps.Relay.Mail;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server;

/// <summary>REQUIRETLS, FUTURERELEASE, DELIVERBY and MT-PRIORITY as the server reads them.</summary>
public sealed class TransferParameterTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);

    [Theory]
    [InlineData("HOLDFOR=60", 60)]
    [InlineData("holdfor=604800", 604800)]
    [InlineData("HOLDUNTIL=2026-03-01T12:01:30Z", 60)]
    [InlineData("HOLDUNTIL=2026-03-01t12:01:30.5z", 60.5)]
    [InlineData("HOLDUNTIL=2026-03-01T14:01:30+02:00", 60)]
    [InlineData("HOLDUNTIL=2026-03-08T12:00:30Z", 604800)]
    public async Task Mail_is_held_for_a_time_or_until_one(string parameter, double seconds) =>
        Assert.Equal(Now.AddSeconds(seconds), (await MailAsync(parameter, "250"))!.HoldUntil);

    [Theory]
    [InlineData("HOLDUNTIL=2026-03-01T12:00:29Z")]
    [InlineData("HOLDUNTIL=1999-12-31T23:59:59Z")]
    public async Task A_time_that_is_over_holds_nothing(string parameter) => Assert.Null((await MailAsync(parameter, "250"))!.HoldUntil);

    [Theory]
    [InlineData("HOLDFOR")]
    [InlineData("HOLDFOR=0")]
    [InlineData("HOLDFOR=-1")]
    [InlineData("HOLDFOR=+1")]
    [InlineData("HOLDFOR=007")]
    [InlineData("HOLDFOR=1.5")]
    [InlineData("HOLDFOR=1234567890")]
    [InlineData("HOLDFOR=60 HOLDFOR=60")]
    [InlineData("HOLDFOR=60 HOLDUNTIL=2026-03-01T12:01:30Z")]
    [InlineData("HOLDUNTIL")]
    [InlineData("HOLDUNTIL=tomorrow")]
    [InlineData("HOLDUNTIL=2026-03-02")]
    [InlineData("HOLDUNTIL=2026-03-02T12:00:00")]
    [InlineData("HOLDUNTIL=2026-02-30T12:00:00Z")]
    [InlineData("HOLDUNTIL=2026-03-02T25:00:00Z")]
    [InlineData("HOLDFOR=604801")]
    [InlineData("HOLDUNTIL=2026-03-08T12:00:31Z")]
    public async Task A_hold_that_is_wrong_or_too_long_is_refused(string parameter) => await MailAsync(parameter, "501 5.5.4");

    [Fact]
    public async Task Without_a_longest_hold_it_is_neither_offered_nor_known()
    {
        await MailAsync("HOLDFOR=60", "555 5.5.4", TestServer.Limits(l => l with { MaxHold = TimeSpan.Zero }));
        await MailAsync("HOLDUNTIL=2026-03-02T12:00:00Z", "555 5.5.4", TestServer.Limits(l => l with { MaxHold = TimeSpan.Zero }));
    }

    [Fact]
    public async Task The_longest_hold_is_told_with_its_date_which_moves_on()
    {
        var clock = new FakeTimeProvider(Now);
        await using var server = TestServer.Start(clock: clock, with: TestServer.Limits(l => l with { MaxHold = TimeSpan.FromDays(7) }));
        Assert.Contains("\r\n250-FUTURERELEASE 604800 2026-03-08T12:00:00Z\r\n", await server.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Contains("2026-03-08T12:00:00Z\r\n", await server.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("2026-03-08T12:01:00Z\r\n", await server.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BY=120;R", 120, true, false)]
    [InlineData("by=+120;r", 120, true, false)]
    [InlineData("BY=120;RT", 120, true, true)]
    [InlineData("BY=0;N", 0, false, false)]
    [InlineData("BY=-999999999;nt", -999999999, false, true)]
    public async Task A_deadline_is_counted_from_now(string parameter, int seconds, bool returns, bool trace) =>
        Assert.Equal(new DeliverBy(Now.AddSeconds(seconds), returns, trace), (await MailAsync(parameter, "250"))!.DeliverBy);

    [Theory]
    [InlineData("BY")]
    [InlineData("BY=120")]
    [InlineData("BY=;R")]
    [InlineData("BY=120;")]
    [InlineData("BY=120;X")]
    [InlineData("BY=120;RX")]
    [InlineData("BY=120;TR")]
    [InlineData("BY=120;RTT")]
    [InlineData("BY=120;N;R")]
    [InlineData("BY=0;R")]
    [InlineData("BY=-1;R")]
    [InlineData("BY=-0;R")]
    [InlineData("BY=--1;N")]
    [InlineData("BY=1.5;N")]
    [InlineData("BY=1234567890;N")]
    [InlineData("BY=60;R HOLDFOR=60")]
    public async Task A_deadline_that_is_wrong_is_refused(string parameter) => await MailAsync(parameter, "501 5.5.4");

    [Fact]
    public async Task The_shortest_deadline_is_told_and_holds_for_mode_R_alone()
    {
        var with = TestServer.Limits(l => l with { MinDeliverBy = TimeSpan.FromMinutes(2) });
        await MailAsync("BY=119;R", "550 5.4.7", with);
        Assert.NotNull((await MailAsync("BY=120;R", "250", with))!.DeliverBy);
        Assert.NotNull((await MailAsync("BY=1;N", "250", with))!.DeliverBy);
        await using var server = TestServer.Start(with: with);
        Assert.Contains("\r\n250-DELIVERBY 120\r\n", await server.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MT-PRIORITY=9", 9)]
    [InlineData("mt-priority=0", 0)]
    [InlineData("MT-PRIORITY=-9", -9)]
    public async Task A_priority_is_read(string parameter, int priority) => Assert.Equal(priority, (await MailAsync(parameter, "250"))!.Priority);

    [Theory]
    [InlineData("MT-PRIORITY")]
    [InlineData("MT-PRIORITY=10")]
    [InlineData("MT-PRIORITY=-10")]
    [InlineData("MT-PRIORITY=+1")]
    [InlineData("MT-PRIORITY=-0")]
    [InlineData("MT-PRIORITY=00")]
    [InlineData("MT-PRIORITY=high")]
    [InlineData("MT-PRIORITY=\u00b2")]
    public async Task A_priority_that_is_none_is_refused(string parameter) => await MailAsync(parameter, "501 5.5.4");

    [Fact]
    public async Task A_priority_that_is_not_granted_is_told_at_MAIL_and_again_when_the_message_is_taken()
    {
        var target = new RecordingTarget { MailReply = new SmtpReply(250, "2.3.6", "0 is the priority given") };
        await using var server = TestServer.Start(target);
        var said = await server.TalkAsync("EHLO x\r\nMAIL FROM:<a@example.test> MT-PRIORITY=5\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n");
        Assert.Contains("\r\n250 2.3.6 0 is the priority given\r\n", said, StringComparison.Ordinal);
        Assert.EndsWith("\r\n250 2.3.6 0 is the priority given; id1 queued\r\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain("priority", target.Taken.Single().Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_priority_that_is_granted_stands_in_the_trace_header()
    {
        await using var server = TestServer.Start();
        await server.TalkAsync("EHLO x\r\nMAIL FROM:<a@example.test> MT-PRIORITY=-3\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n");
        Assert.Contains(" id id1\r\n\tpriority -3\r\n\tfor <b@example.test>;\r\n", server.Target.Taken.Single().Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task REQUIRETLS_is_offered_and_taken_inside_TLS_only()
    {
        await MailAsync("REQUIRETLS", "530 5.7.10");
        MailSender? seen = null;
        await using var server = TestServer.Start(See(s => seen = s));
        await using var client = await server.ConnectAsync();
        Assert.DoesNotContain("REQUIRETLS", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        await using var secure = await client.StartTlsAsync();
        Assert.Contains("\r\n250 REQUIRETLS", (await secure.AskAsync("EHLO x")).Replace("250-REQUIRETLS", "250 REQUIRETLS", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("501 5.5.4", await secure.AskAsync("MAIL FROM:<a@example.test> REQUIRETLS=yes"), StringComparison.Ordinal);
        Assert.StartsWith("250", await secure.AskAsync("MAIL FROM:<a@example.test> REQUIRETLS"), StringComparison.Ordinal);
        Assert.True(seen!.RequireTls);
    }

    private static RecordingTarget See(Action<MailSender> see) => new()
    {
        RefuseSender = s =>
        {
            see(s);
            return null;
        },
    };

    private static async Task<MailSender?> MailAsync(string parameters, string reply, Func<SmtpRelayOptions, SmtpRelayOptions>? with = null)
    {
        MailSender? seen = null;
        await using var server = TestServer.Start(See(s => seen = s), new FakeTimeProvider(Now), with ?? TestServer.Limits(l => l with { MaxHold = TimeSpan.FromDays(7) }));
        var said = (await server.TalkAsync("EHLO x\r\nMAIL FROM:<a@example.test> " + parameters + "\r\n", client: IPAddress.Loopback)).TrimEnd().Split("\r\n")[^1];
        Assert.StartsWith(reply, said, StringComparison.Ordinal);
        Assert.Equal(reply == "250", seen is not null);
        return seen;
    }
}
