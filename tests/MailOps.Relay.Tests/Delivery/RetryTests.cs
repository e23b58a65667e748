using MailOps.Messages;
using MailOps.Relay.Control;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using MimeKit;

namespace MailOps.Relay.Tests.Delivery;

public sealed class RetryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_wait_doubles_up_to_the_longest_with_an_attempt_at_the_notice_and_one_at_the_end()
    {
        var schedule = new RetrySchedule(new RetryOptions { Lifetime = TimeSpan.FromHours(8) });
        var minutes = new List<double>();
        DateTimeOffset? now = Start;
        for (var attempts = 1; now is { } time; attempts++)
        {
            minutes.Add((time - Start).TotalMinutes);
            now = schedule.Next(Start, attempts, time);
        }

        Assert.Equal([0, 5, 15, 35, 75, 142, 209, 240, 307, 374, 441, 480], minutes);
    }

    [Theory]
    [InlineData(2, 1, 5)]       // by hand a minute after the first
    [InlineData(20, 4, 5)]      // however often
    [InlineData(3, 6, 10)]      // one out of turn before the second of its own
    [InlineData(2, 300, 10)]    // one that was suspended for hours has not been tried as often
    [InlineData(50, 300, 67)]
    public void Attempts_out_of_turn_do_not_lengthen_the_wait(int attempts, int age, int wait)
    {
        var schedule = new RetrySchedule(new RetryOptions { DelayNotice = TimeSpan.Zero });
        Assert.Equal(Start.AddMinutes(age + wait), schedule.Next(Start, attempts, Start.AddMinutes(age)));
    }

    [Fact]
    public void Without_a_delay_notice_there_is_no_attempt_at_four_hours()
    {
        var schedule = new RetrySchedule(new RetryOptions { DelayNotice = TimeSpan.Zero });

        Assert.Equal(Start.AddMinutes(209 + 67), schedule.Next(Start, 7, Start.AddMinutes(209)));
        Assert.False(schedule.IsLate(Start, Start.AddDays(4)));
    }

    [Fact]
    public async Task A_deferred_message_is_tried_again_on_schedule_and_delivered_when_the_server_lets_it()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : null };
        await using var scene = await Scene(server).StartAsync();
        await scene.SendAsync("user@example.test");
        await scene.UntilDeferredAsync(1);

        int[] waits = [5, 10, 20];
        for (var i = 0; i < waits.Length; i++)
        {
            scene.Clock.Advance(TimeSpan.FromMinutes(waits[i]) - TimeSpan.FromSeconds(1));
            await Task.Delay(50, DeliveryScene.Ended);
            Assert.Equal(i + 1, scene.Agent.Deferred);
            scene.Clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(scene, () => scene.Agent.Deferred == i + 2 && scene.Queue.Snapshot().All(m => !m.Claimed));
        }
        server.On = _ => null;
        scene.Clock.Advance(TimeSpan.FromMinutes(40));
        await UntilAsync(scene, () => scene.Queue.Count == 0);

        Assert.Equal((1, 4, 1), (server.Mail.Count, scene.Agent.Deferred, scene.Agent.Delivered));
    }

    [Fact]
    public async Task The_sender_is_told_once_of_a_delay_and_then_of_the_failure_when_the_lifetime_ends()
    {
        await using var dead = new FakeMailServer { On = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "451 4.3.0 Not today" : null };
        await using var origin = new FakeMailServer();
        await using var scene = Scene(dead);
        scene.Options = scene.Options with { Routes = [DeliveryScene.Route("example.test", dead), DeliveryScene.Route("origin.test", origin)], Retry = new RetryOptions { Lifetime = TimeSpan.FromHours(6) } };
        await scene.StartAsync();
        var id = await scene.SendAsync("user@example.test");

        for (var i = 0; i < 1000 && scene.Queue.Count > 0; i++)
        {
            await UntilAsync(scene, () => scene.Queue.Snapshot().All(m => !m.Claimed && m.Recipients.All(r => r.NextAttempt > scene.Clock.GetUtcNow())));
            scene.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((9, 1), (scene.Agent.Deferred, scene.Agent.Failed));   // at 0, 5, 15, 35, 75, 142, 209, 240, 307; and at 360
        Assert.Equal(2, origin.Mail.Count);
        Assert.All(origin.Mail, m => Assert.StartsWith("<>", m.From, StringComparison.Ordinal));
        var delay = Report(origin.Mail[0]);
        Assert.Equal(("delayed", "4.3.0"), (delay["Action"], delay["Status"]));
        Assert.Equal("Sun, 01 Mar 2026 18:00:00 +0000", delay["Will-Retry-Until"]);
        Assert.StartsWith("Sun, 01 Mar 2026 16:0", delay["Last-Attempt-Date"], StringComparison.Ordinal);
        var failure = Report(origin.Mail[1]);
        Assert.Equal(("failed", "4.4.7"), (failure["Action"], failure["Status"]));
        // That the time is over is ours to say, and it was temporary each time (RFC 3463 section 3.5); what the server said is told as its own.
        Assert.Equal($"x-mailops; 451 4.4.7 Not delivered within 06:00:00; the last attempt: 127.0.0.1 [127.0.0.1]:{dead.Port} said '451 4.3.0 Not today'", failure["Diagnostic-Code"]);
        Assert.DoesNotContain(" said: ", origin.Mail[1].Text, StringComparison.Ordinal);
        Assert.StartsWith("smtp; 451 4.3.0 Not today", delay["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1 [127.0.0.1]:{dead.Port} said: 451 4.3.0 Not today", origin.Mail[0].Text, StringComparison.Ordinal);
        Assert.Equal(id, scene.Trace.Of("DSN").Last().Reference);
    }

    [Fact]
    public async Task What_is_given_up_while_its_next_hop_is_left_alone_was_last_tried_when_that_was_and_shows_no_attempt_to_come()
    {
        await using var dead = new FakeMailServer { Greeting = "421 4.3.2 Not now" };
        await using var origin = new FakeMailServer();
        await using var scene = Scene(dead);
        scene.Options = scene.Options with { Routes = [DeliveryScene.Route("example.test", dead), DeliveryScene.Route("origin.test", origin)], Retry = new RetryOptions { Lifetime = TimeSpan.FromSeconds(40) } };
        await scene.StartAsync();
        var id = await scene.SendAsync("user@example.test");
        await scene.UntilDeferredAsync(1);
        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        var late = await scene.SendAsync("late@example.test");   // its next hop is left alone since before it came
        await scene.UntilDeferredAsync(2);
        var views = new QueueViews("lab", scene.Agent.NextHopOf, scene.Agent.PaceOf);
        foreach (var one in (string[])[id, late])
        {
            var message = views.Message(scene.Queue.Find(one)!, scene.Options.Retry, scene.Clock.GetUtcNow());
            Assert.Equal(("Retry", null, null), (message.Status, message.NextRetryTime, message.Recipients[0].NextRetryTime));
            Assert.Contains("Not now", message.LastError, StringComparison.Ordinal);
        }

        scene.Clock.Advance(TimeSpan.FromSeconds(30));
        await Poll.UntilAsync(() => origin.Mail.Count == 1);
        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        await Poll.UntilAsync(() => origin.Mail.Count == 2);
        Assert.Equal(1, dead.Connections);
        Assert.Equal(("failed", "Sun, 01 Mar 2026 12:00:00 +0000"), (Report(origin.Mail[0])["Action"], Report(origin.Mail[0])["Last-Attempt-Date"]));
        Assert.Equal(("failed", null), (Report(origin.Mail[1])["Action"], Report(origin.Mail[1])["Last-Attempt-Date"]));
    }

    [Fact]
    public void What_a_route_does_not_say_the_relay_says()
    {
        var relay = new RetryOptions { FirstDelay = TimeSpan.FromMinutes(2), MaxDelay = TimeSpan.FromMinutes(9), Lifetime = TimeSpan.FromHours(7), DelayNotice = TimeSpan.FromHours(1) };
        Assert.Equal(relay, new RouteRetryOptions().Over(relay));
        Assert.Equal(relay with { Lifetime = TimeSpan.FromHours(1), DelayNotice = TimeSpan.Zero }, new RouteRetryOptions { Lifetime = TimeSpan.FromHours(1), DelayNotice = TimeSpan.Zero }.Over(relay));
        Assert.Equal(relay with { FirstDelay = TimeSpan.FromMinutes(1), MaxDelay = TimeSpan.FromMinutes(3) }, new RouteRetryOptions { FirstDelay = TimeSpan.FromMinutes(1), MaxDelay = TimeSpan.FromMinutes(3) }.Over(relay));
    }

    [Fact]
    public async Task Two_recipients_of_one_message_are_each_tried_reported_and_given_up_by_their_routes()
    {
        await using var dead = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "451 4.3.0 Not today" : null };
        await using var origin = new FakeMailServer();
        await using var scene = Scene(dead);
        var quick = new RouteRetryOptions { FirstDelay = TimeSpan.FromMinutes(1), MaxDelay = TimeSpan.FromMinutes(2), Lifetime = TimeSpan.FromMinutes(6), DelayNotice = TimeSpan.FromMinutes(2) };
        scene.Options = scene.Options with
        {
            Routes = [DeliveryScene.Route("quick.test", dead) with { Retry = quick }, DeliveryScene.Route("example.test", dead), DeliveryScene.Route("origin.test", origin)],
            Retry = new RetryOptions { Lifetime = TimeSpan.FromHours(1), DelayNotice = TimeSpan.FromMinutes(30) },
        };
        await scene.StartAsync();
        await scene.SendAsync("quick@quick.test", "slow@example.test");

        for (var i = 0; i < 100 && scene.Queue.Count > 0; i++)
        {
            await UntilAsync(scene, () => scene.Queue.Snapshot().All(m => !m.Claimed && m.Recipients.All(r => r.Status is DeliveryStatus.Failed || r.NextAttempt > scene.Clock.GetUtcNow())));
            scene.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(5, Attempts("quick"));   // at 0, 1, 2, 4; and at 6
        Assert.Equal(6, Attempts("slow"));    // at 0, 5, 15, 30, 50; and at 60
        var reports = origin.Mail.Select(Report).ToList();
        Assert.Equal(
            [("rfc822; quick@quick.test", "delayed"), ("rfc822; quick@quick.test", "failed"), ("rfc822; slow@example.test", "delayed"), ("rfc822; slow@example.test", "failed")],
            reports.Select(r => (r["Final-Recipient"], r["Action"])));
        Assert.Equal(("Sun, 01 Mar 2026 12:06:00 +0000", "Sun, 01 Mar 2026 13:00:00 +0000"), (reports[0]["Will-Retry-Until"], reports[2]["Will-Retry-Until"]));
        Assert.Contains("It will be tried until Sun, 01 Mar 2026 12:06:00 +0000.", origin.Mail[0].Text, StringComparison.Ordinal);
        Assert.All([(0, 2), (1, 6), (2, 30), (3, 60)], told => Assert.InRange(DateTimeOffset.Parse(reports[told.Item1]["Last-Attempt-Date"]!, System.Globalization.CultureInfo.InvariantCulture), Start.AddMinutes(told.Item2), Start.AddMinutes(told.Item2 + 3)));
        Assert.Contains("Not delivered within 00:06:00", reports[1]["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Contains("Not delivered within 01:00:00", reports[3]["Diagnostic-Code"], StringComparison.Ordinal);

        int Attempts(string user) => dead.Commands.Count(c => c.StartsWith($"RCPT TO:<{user}@", StringComparison.Ordinal));
    }

    // RFC 3464 section 2.3.4: the status of a delay is of class 4, whatever code a server has for it. The reply itself stays what it was.
    [Theory]
    [InlineData("552 5.5.3 Too many of them", "4.5.3")]
    [InlineData("354 Go on", "4.0.0")]
    [InlineData("450 5.2.2 Full", "4.0.0")]
    public async Task The_status_of_a_delay_is_a_temporary_one(string reply, string status)
    {
        await using var odd = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? reply : null };
        await using var origin = new FakeMailServer();
        await using var scene = Scene(odd);
        scene.Options = scene.Options with { Routes = [DeliveryScene.Route("example.test", odd), DeliveryScene.Route("origin.test", origin)] };
        await scene.StartAsync();
        await scene.SendAsync("user@example.test");
        await scene.UntilDeferredAsync(1);
        scene.Clock.Advance(TimeSpan.FromHours(5));
        await UntilAsync(scene, () => origin.Mail.Count == 1);

        var delay = Report(origin.Mail[0]);
        Assert.Equal(("delayed", status, "smtp; " + reply), (delay["Action"], delay["Status"], delay["Diagnostic-Code"]));
    }

    [Fact]
    public async Task Nobody_is_told_of_the_delay_of_a_message_that_says_so()
    {
        await using var dead = new FakeMailServer { On = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "451 4.3.0 Not today" : null };
        await using var scene = await Scene(dead).StartAsync();
        await scene.SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")), "x\r\n"u8.ToArray(), new MailRecipient(EmailAddress.Parse("user@example.test")) { Notify = DsnNotify.Failure });
        await scene.UntilDeferredAsync(1);

        scene.Clock.Advance(TimeSpan.FromHours(5));
        await UntilAsync(scene, () => scene.Agent.Deferred == 2 && scene.Queue.Snapshot().All(m => !m.Claimed));

        Assert.Equal(1, scene.Queue.Count);
        Assert.Empty(scene.Trace.Of("DSN"));
    }

    // The clock may be turned just while the queue sets its timer by the time it has read before; the timer is late then, and a little more
    // of this clock's time reaches it. A real clock is never turned.
    private static Task UntilAsync(DeliveryScene scene, Func<bool> condition)
    {
        var polls = 0;
        return Poll.UntilAsync(() =>
        {
            if (condition()) return true;
            if (++polls % 50 == 0) scene.Clock.Advance(TimeSpan.FromSeconds(30));
            return false;
        });
    }

    internal static HeaderList Report(ServerMail mail)
    {
        var report = Assert.IsType<MultipartReport>(MimeMessage.Load(new MemoryStream(mail.Content), DeliveryScene.Ended).Body);
        return Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups[1];
    }

    private static DeliveryScene Scene(FakeMailServer server) => new() { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } };
}
