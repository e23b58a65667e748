using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>BY= and holds in delivery (RFC 2852, RFC 4865).</summary>
public sealed class DeliverByTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void By_mode_R_the_last_attempt_is_at_the_deadline_and_by_mode_N_the_notice()
    {
        var schedule = new RetrySchedule(new RetryOptions());
        var r = new DeliverBy(Start.AddMinutes(7), Return: true, Trace: false);
        Assert.Equal(Start.AddMinutes(7), schedule.Next(Start, 2, Start.AddMinutes(5), r));
        Assert.Null(schedule.Next(Start, 3, Start.AddMinutes(7), r));
        var n = r with { Return = false };
        Assert.Equal(Start.AddMinutes(7), schedule.Next(Start, 2, Start.AddMinutes(5), n));
        Assert.Equal(Start.AddMinutes(17), schedule.Next(Start, 3, Start.AddMinutes(7), n));   // that attempt was for the notice: the schedule itself has made one so far
        Assert.False(schedule.IsLate(Start, Start.AddMinutes(6), n));
        Assert.True(schedule.IsLate(Start, Start.AddMinutes(7), n));
        Assert.False(schedule.IsLate(Start, Start.AddHours(5), n with { Deadline = Start.AddHours(6) }));   // his time, not ours
        Assert.False(schedule.IsLate(Start, Start.AddMinutes(7), n with { Deadline = Start.AddMinutes(-1) }));   // the relay before has told him
    }

    [Fact]
    public async Task By_mode_R_it_is_returned_at_the_deadline_and_not_tried_any_more()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Later" : null };
        server.Extensions = [.. server.Extensions, "DELIVERBY"];
        await using var origin = new FakeMailServer();
        await using var scene = await Scene(server, origin).StartAsync();
        await scene.SendAsync(By(scene, 120, "R"), "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilDeferredAsync(1);
        server.On = _ => null;
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        await UntilEmptyAsync(scene);
        Assert.Empty(server.Mail);
        var report = RetryTests.Report(Assert.Single(origin.Mail));
        Assert.Equal(("failed", "5.4.7"), (report["Action"], report["Status"]));
        Assert.Contains("\r\nDeliver-By-Date: Sun, 01 Mar 2026 12:02:00 +0000\r\n", origin.Mail[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_mode_N_the_sender_is_told_at_the_deadline_and_it_is_tried_on()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Later" : null };
        server.Extensions = [.. server.Extensions, "DELIVERBY"];
        await using var origin = new FakeMailServer();
        await using var scene = await Scene(server, origin).StartAsync();
        await scene.SendAsync(By(scene, 120, "N"), "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilDeferredAsync(1);
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        await Poll.UntilAsync(() => (scene.Agent.Delivered == 1 && scene.Queue.Count == 1) || Nudge(scene));   // the notice; a clock turned far in the middle of it would time it out
        var report = RetryTests.Report(origin.Mail[0]);
        Assert.Equal(("delayed", "4.4.7"), (report["Action"], report["Status"]));
        server.On = _ => null;
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await UntilEmptyAsync(scene);
        Assert.Contains(" BY=-", Assert.Single(server.Mail).From, StringComparison.Ordinal);
        Assert.Single(origin.Mail);
    }

    [Theory]
    [InlineData("DELIVERBY", "R", true, null, " BY=90;R")]
    [InlineData("DELIVERBY", "N", true, null, " BY=90;N")]
    [InlineData("DELIVERBY 90", "R", true, null, " BY=90;R")]
    [InlineData("DELIVERBY 91", "R", false, "5.4.7", "")]
    [InlineData("DELIVERBY 91", "N", true, null, " BY=90;N")]
    [InlineData("DELIVERBY", "RT", true, "2.0.0", " BY=90;RT")]
    [InlineData("XYZZY", "R", false, "5.3.3", "")]
    [InlineData("XYZZY", "N", true, "2.0.0", "")]
    public async Task What_is_left_of_the_time_is_passed_on_and_a_server_without_it_gets_mode_N_alone(string offer, string mode, bool delivered, string? reported, string said)
    {
        await using var server = new FakeMailServer();
        server.Extensions = [.. server.Extensions, offer];
        await using var origin = new FakeMailServer();
        await using var scene = await Scene(server, origin).StartAsync();
        await scene.SendAsync(By(scene, 90, mode), "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilEmptyAsync();
        Assert.Equal(delivered ? 1 : 0, server.Mail.Count);
        if (delivered) Assert.EndsWith(said.Length > 0 ? said : " SIZE=17", server.Mail[0].From, StringComparison.Ordinal);
        if (reported is null) Assert.Empty(origin.Mail);
        else Assert.Equal((delivered ? "relayed" : "failed", reported), (RetryTests.Report(origin.Mail[0])["Action"], RetryTests.Report(origin.Mail[0])["Status"]));
    }

    [Fact]
    public async Task Mail_on_hold_is_not_tried_before_its_time_which_the_retries_count_from()
    {
        await using var server = new FakeMailServer();
        await using var scene = await Scene(server, server).StartAsync();
        await scene.SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")) { HoldUntil = Start.AddDays(6) }, "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => server.Mail.Count == 1 && scene.Queue.Count == 1);
        scene.Clock.Advance(TimeSpan.FromDays(6) - TimeSpan.FromSeconds(1));
        await Task.Delay(100, DeliveryScene.Ended);
        Assert.Equal((1, 1), (server.Mail.Count, scene.Queue.Count));
        server.On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Later" : null;
        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        await Poll.UntilAsync(() => (scene.Agent.Deferred == 1 && scene.Queue.Snapshot().All(m => !m.Claimed)) || Nudge(scene));   // the lifetime of 5 days has not begun before
        server.On = _ => null;
        scene.Clock.Advance(TimeSpan.FromMinutes(6));
        await UntilEmptyAsync(scene);
        Assert.Equal(2, server.Mail.Count);
    }

    [Theory]
    [InlineData("MT-PRIORITY", 4, " MT-PRIORITY=4")]
    [InlineData("MT-PRIORITY MIXER", -4, " MT-PRIORITY=-4")]
    [InlineData("MT-PRIORITY", 0, " SIZE=17")]
    [InlineData("XYZZY", 4, " SIZE=17")]
    public async Task A_priority_is_passed_on_where_it_is_offered(string offer, int priority, string said)
    {
        await using var server = new FakeMailServer();
        server.Extensions = [.. server.Extensions, offer];
        await using var scene = await Scene(server, server).StartAsync();
        await scene.SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")) { Priority = priority }, "Subject: x\r\n\r\nx\r\n", "user@example.test");
        await scene.UntilEmptyAsync();
        Assert.EndsWith(said, Assert.Single(server.Mail).From, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LIMITS RCPTMAX=2", 3, 1)]
    [InlineData("LIMITS MAILMAX=1", 1, 1)]
    [InlineData("LIMITS RCPTDOMAINMAX=2", 3, 3)]
    [InlineData("LIMITS RCPTMAX=0 X=1 RCPTMAX=nonsense", 1, 1)]
    public async Task The_limits_of_a_server_are_kept(string offer, int messages, int connections)
    {
        await using var server = new FakeMailServer();
        server.Extensions = [.. server.Extensions, offer];
        await using var scene = await Scene(server, server).StartAsync();
        await scene.SendAsync("a@one.test", "b@two.test", "c@three.test", "d@four.test", "e@five.test");
        await scene.UntilEmptyAsync();
        Assert.Equal((messages, connections, 5), (server.Mail.Count, server.Connections, server.Mail.Sum(m => m.To.Count)));
        Assert.Equal(5, scene.Agent.Delivered);
        if (offer.Contains("MAILMAX", StringComparison.Ordinal))
        {
            await scene.SendAsync("a@one.test");
            await scene.UntilEmptyAsync();
            Assert.Equal(2, server.Connections);
        }
    }

    private static MailSender By(DeliveryScene scene, int seconds, string mode) =>
        new(EmailAddress.Parse("sender@origin.test")) { DeliverBy = new DeliverBy(scene.Clock.GetUtcNow().AddSeconds(seconds), mode[0] == 'R', mode.Length == 2) };

    // A clock turned while the queue sets its timer reaches it late; a little more time then does.
    private static bool Nudge(DeliveryScene scene)
    {
        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        return false;
    }

    private static Task UntilEmptyAsync(DeliveryScene scene) => Poll.UntilAsync(() => scene.Queue.Count == 0 || Nudge(scene));

    private static DeliveryScene Scene(FakeMailServer server, FakeMailServer origin) =>
        new() { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("origin.test", origin), DeliveryScene.Route("*", server)] } };
}
