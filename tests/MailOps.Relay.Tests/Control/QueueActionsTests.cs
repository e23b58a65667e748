using MailOps.Relay.Tests.Delivery;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using static MailOps.SmtpRelayActionKind;

namespace MailOps.Relay.Tests.Control;

/// <summary>What an administrator does with the queues of next hops.</summary>
public sealed class QueueActionsTests
{
    [Fact]
    public async Task Of_two_ways_to_one_server_each_is_shown_and_suspended_by_its_own_name()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("b.test", server) with { Name = "partner", Tls = TlsMode.None }, DeliveryScene.Route("c.test", server));
        var name = admin.Hop + "#2";   // the route for c.test; the first way has the server's name
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(name, SmtpRelayActionKind.Suspend)).Outcome);
        await admin.Scene.SendAsync("u@b.test");
        var waits = await admin.Scene.SendAsync("u@c.test");
        await Poll.UntilAsync(() => server.Mail.Count == 1 && admin.Scene.Queue.Count == 1);
        await admin.UntilQuietAsync();
        var queue = Assert.Single(admin.Queues());
        Assert.Equal(($@"lab\{name}", name, "Suspended"), (queue.Identity, queue.NextHopDomain, queue.Status));
        Assert.Equal([$@"lab\{name}"], admin.Message(waits)!.Queue);

        Assert.Equal(SmtpRelayActionOutcome.NotFound, (await admin.QueueAsync(admin.Hop + "#9", SmtpRelayActionKind.Retry)).Outcome);
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(name, SmtpRelayActionKind.Resume)).Outcome);
        await admin.Scene.UntilEmptyAsync();
    }

    [Fact]
    public async Task To_retry_a_queue_is_one_line_of_the_tracking_log_and_what_is_done_to_a_message_says_whose_it_is()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 Later" : null };
        await using var admin = await AdminScene.StartAsync(server);
        for (var i = 0; i < 5; i++) await admin.Scene.SendAsync($"u{i}@x.test");
        await admin.Scene.UntilDeferredAsync(5);
        await admin.QueueAsync(admin.Hop, SmtpRelayActionKind.Retry);
        var line = Assert.Single(admin.Scene.Trace.Of("RETRY"));
        Assert.Equal((admin.Hop, null, "ada", "5 messages"), (line.ServerHostname, line.InternalMessageId, line.SourceContext, Assert.Single(line.RecipientStatus)));

        await admin.Scene.UntilDeferredAsync(10);
        var id = admin.Scene.Queue.Snapshot().First().Id;
        foreach (var (kind, target) in ((SmtpRelayActionKind, string?)[])[(SmtpRelayActionKind.Suspend, null), (SmtpRelayActionKind.Redirect, "127.0.0.1:9"), (SmtpRelayActionKind.Resume, null)])
        {
            await admin.MessageAsync(id, kind, target);
            var told = Assert.Single(admin.Scene.Trace.Of(kind.ToString().ToUpperInvariant()));
            Assert.Equal((id, "sender@origin.test", "u0@x.test", target), (told.InternalMessageId, told.Sender, Assert.Single(told.Recipients), told.ServerHostname));
        }
    }

    [Fact]
    public async Task Mail_for_a_suspended_destination_waits_and_other_mail_goes()
    {
        await using var server = new FakeMailServer();
        await using var live = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("live.test", live));
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(admin.Hop, Suspend)).Outcome);
        Assert.Equal(("Suspended", "Undefined", 0), View(Assert.Single(admin.Queues())));
        for (var i = 0; i < 50; i++) await admin.Scene.SendAsync($"u{i}@example.test", $"u{i}@live.test");
        await Poll.UntilAsync(() => admin.Scene.Agent.Delivered == 50);
        await admin.UntilQuietAsync();
        Assert.Equal((0, 50, 50L, 0L), (server.Connections, live.Mail.Count, admin.Scene.Queue.Count, admin.Scene.Agent.Deferred));
        Assert.Equal(("Suspended", "SmartHost", 50), View(Assert.Single(admin.Queues())));
        Assert.All(admin.Scene.Queue.Snapshot(), m => Assert.Equal(0, m.Recipients[0].Attempts));

        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(admin.Hop, Resume)).Outcome);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal((50, 50), (server.Mail.Count, live.Mail.Count));
        Assert.Equal([("SUSPEND", admin.Hop, "ada"), ("RESUME", admin.Hop, "ada")], admin.Scene.Trace.Events.Where(e => e.Source == "ADMIN").Select(e => (e.EventId, e.ServerHostname!, e.SourceContext!)));
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(admin.Hop, Resume)).Outcome);   // as it was asked to be
    }

    [Fact]
    public async Task Several_that_are_resumed_at_once_get_the_mail_that_waits_for_all_of_them()
    {
        await using var server = new FakeMailServer();
        await using var live = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("live.test", live));
        await admin.QueueAsync(admin.Hop, Suspend);
        await admin.QueueAsync($"127.0.0.1:{live.Port}", Suspend);
        await admin.Scene.SendAsync("u@example.test", "u@live.test");
        await admin.UntilQuietAsync();
        Assert.Equal(0, server.Connections + live.Connections);
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync("*", Resume)).Outcome);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal((1, 1), (server.Mail.Count, live.Mail.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("typo\nexample.test")]
    [InlineData("a\0b")]
    public async Task What_cannot_be_a_next_hop_is_not_suspended(string name)
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server);
        Assert.Equal(SmtpRelayActionOutcome.Failed, (await admin.QueueAsync(name, Suspend)).Outcome);
        Assert.Empty(admin.Scene.Queue.SuspendedHops);
    }

    [Theory]
    [InlineData("example.test", "is taken for a domain, and its mail goes to '127.0.0.1:")]
    [InlineData("[192.0.2.1]", "is taken for a domain, and its mail goes to '127.0.0.1:")]
    [InlineData("smtp.test:26", "is taken for a server, and no route leads there")]
    [InlineData("[no address]", "is neither a domain nor a server")]
    [InlineData("a b", "is neither a domain nor a server")]
    [InlineData("direct.test", null)]
    [InlineData("ARCHIVE.test", null)]
    [InlineData("*", null)]
    [InlineData("the destination", null)]
    public async Task A_queue_to_which_no_mail_comes_is_suspended_and_what_it_was_taken_for_is_said(string name, string? reason)
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(
            server, null, new RouteOptions { Domain = "direct.test" }, new RouteOptions { Domain = "archive.test", Kind = RouteKind.Maildir, MailboxPath = "unused" });
        var hop = name == "the destination" ? admin.Hop : name;
        var result = await admin.QueueAsync(hop, Suspend);
        Assert.Equal(SmtpRelayActionOutcome.Done, result.Outcome);
        Assert.Single(admin.Scene.Queue.SuspendedHops);
        if (reason is null) Assert.Null(result.Reason);
        else Assert.StartsWith($"'{name}' {reason}", result.Reason, StringComparison.Ordinal);
        var again = await admin.QueueAsync(hop, Retry);   // a row of Get-SmtpRelayQueue, like any
        Assert.Equal(SmtpRelayActionOutcome.Pending, again.Outcome);
        Assert.Null((await admin.QueueAsync(hop, Resume)).Reason);
    }

    [Fact]
    public async Task A_server_for_which_redirected_mail_waits_is_no_odd_queue()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Overloaded" };
        await using var admin = await AdminScene.StartAsync(server);
        var id = await admin.Scene.SendAsync("u@example.test");
        await admin.Scene.UntilDeferredAsync(1);
        await admin.MessageAsync(id, Redirect, "127.0.0.1:1");
        Assert.Null((await admin.QueueAsync("127.0.0.1:1", Suspend)).Reason);
        Assert.NotNull((await admin.QueueAsync("127.0.0.1:2", Suspend)).Reason);
    }

    [Fact]
    public async Task A_suspended_destination_with_more_mail_than_is_claimed_at_a_time_delays_no_other()
    {
        const int more = 20_500;
        await using var server = new FakeMailServer();
        await using var live = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("live.test", live));
        await admin.QueueAsync(admin.Hop, Suspend);
        await Parallel.ForEachAsync(Enumerable.Range(0, more), new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = DeliveryScene.Ended }, async (_, _) => await admin.Scene.SendAsync("u@example.test"));
        await admin.Scene.SendAsync("u@live.test");
        await Poll.UntilAsync(() => live.Mail.Count == 1);
        await admin.UntilQuietAsync();
        Assert.Equal((0, (long)more), (server.Connections, admin.Scene.Queue.Count));
        Assert.Equal(("Suspended", "SmartHost", more), View(Assert.Single(admin.Queues())));
    }

    [Theory]
    [InlineData("the destination")]
    [InlineData("*")]
    public async Task What_is_under_way_when_a_destination_is_suspended_finishes_and_what_waits_goes_back(string what)
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer();
        server.OnContent = _ =>
        {
            gate.Wait();
            return null;
        };
        await using var admin = await AdminScene.StartAsync(server);
        for (var i = 0; i < 20; i++) await admin.Scene.SendAsync("u@example.test");
        await Poll.UntilAsync(() => server.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));
        await admin.QueueAsync(what == "*" ? "*" : admin.Hop, Suspend);
        await Poll.UntilAsync(() => admin.Scene.Queue.Snapshot().Count(m => m.Claimed) == 1);
        gate.Release(100);
        await Poll.UntilAsync(() => admin.Scene.Queue.Count == 19);
        await admin.UntilQuietAsync();
        Assert.Single(server.Mail);
        Assert.Equal(("Suspended", "SmartHost", 19), View(Assert.Single(admin.Queues())));
        await admin.QueueAsync(what == "*" ? "*" : admin.Hop, Resume);
        await admin.Scene.UntilEmptyAsync();
        Assert.Equal(20, server.Mail.Count);
    }

    [Fact]
    public async Task Nothing_is_delivered_while_the_whole_queue_is_suspended_and_to_resume_it_resumes_each()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server);
        await admin.QueueAsync("*", Suspend);
        await admin.QueueAsync("BÜCHER.test", Suspend);
        Assert.Equal(["*", "xn--bcher-kva.test"], admin.Scene.Queue.SuspendedHops);
        await admin.Scene.SendAsync("u@example.test");
        Assert.Equal(("Suspended", "SmartHost", 1), View(admin.Queues()[0]));
        var pending = await admin.QueueAsync("xn--bcher-kva.test", Resume);
        Assert.Equal(SmtpRelayActionOutcome.Pending, pending.Outcome);
        Assert.Contains("whole queue is suspended", pending.Reason, StringComparison.Ordinal);
        await admin.QueueAsync("other.test", Suspend);
        Assert.Equal((0, 1L), (server.Connections, admin.Scene.Queue.Count));
        await admin.QueueAsync("*", Resume);
        Assert.Empty(admin.Scene.Queue.SuspendedHops);
        await admin.Scene.UntilEmptyAsync();
    }

    [Fact]
    public async Task A_retry_forgets_that_the_destination_was_down_and_makes_all_that_waits_for_it_due()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Overloaded" };
        await using var other = new FakeMailServer { Greeting = "421 4.3.2 Overloaded too" };
        await using var admin = await AdminScene.StartAsync(server, null, DeliveryScene.Route("other.test", other));
        for (var i = 0; i < 5; i++) await admin.Scene.SendAsync($"u{i}@example.test");
        var elsewhere = await admin.Scene.SendAsync("u@other.test");
        var suspended = await admin.Scene.SendAsync("suspended@example.test");
        await admin.Scene.UntilDeferredAsync(7);
        await admin.MessageAsync(suspended, Suspend);
        server.Greeting = other.Greeting = "220 Back";

        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(admin.Hop, Retry)).Outcome);
        await Poll.UntilAsync(() => admin.Scene.Queue.Count == 2);
        Assert.Equal((5, 0), (server.Mail.Count, other.Mail.Count));
        Assert.Equal(("Retry", "Suspended"), (admin.Message(elsewhere)!.Status, admin.Message(suspended)!.Status));
        Assert.Equal(SmtpRelayActionOutcome.NotFound, (await admin.QueueAsync("nowhere.test", Retry)).Outcome);

        await admin.QueueAsync("*", Retry);
        await Poll.UntilAsync(() => admin.Scene.Queue.Count == 1);
        Assert.Single(other.Mail);
    }

    [Fact]
    public async Task A_retry_of_a_suspended_destination_says_that_it_is()
    {
        await using var server = new FakeMailServer();
        await using var admin = await AdminScene.StartAsync(server);
        await admin.QueueAsync(admin.Hop, Suspend);
        await admin.Scene.SendAsync("u@example.test");
        var result = await admin.QueueAsync(admin.Hop, Retry);
        Assert.Equal(SmtpRelayActionOutcome.Pending, result.Outcome);
        Assert.Contains("is suspended", result.Reason, StringComparison.Ordinal);
        await admin.UntilQuietAsync();
        Assert.Equal((0, 1L), (server.Connections, admin.Scene.Queue.Count));
    }

    [Fact]
    public async Task What_is_under_way_when_its_queue_is_resubmitted_begins_anew_when_the_attempt_is_over()
    {
        using var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer();
        var contents = 0;
        server.OnContent = _ =>
        {
            if (Interlocked.Increment(ref contents) > 1) return null;
            gate.Wait();
            return "450 4.2.0 Not now";
        };
        await using var admin = await AdminScene.StartAsync(server);
        await admin.Scene.SendAsync("u@example.test");
        await Poll.UntilAsync(() => Volatile.Read(ref contents) == 1);
        Assert.Equal(SmtpRelayActionOutcome.Done, (await admin.QueueAsync(admin.Hop, Resubmit)).Outcome);
        gate.Release();
        await admin.Scene.UntilEmptyAsync();   // the clock stands still: without the wish it would wait for its retry
        Assert.Single(server.Mail);
        Assert.Equal((admin.Hop, "1 message"), Assert.Single(admin.Scene.Trace.Of("RESUBMIT").Select(e => (e.ServerHostname, e.RecipientStatus[0]))));
    }

    private static (string Status, string Type, int Count) View(SmtpRelayQueue queue) => (queue.Status, queue.DeliveryType, queue.MessageCount);
}
