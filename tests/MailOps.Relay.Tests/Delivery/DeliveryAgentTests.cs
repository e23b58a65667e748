using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using MimeKit;

namespace MailOps.Relay.Tests.Delivery;

public sealed class DeliveryAgentTests
{
    [Fact]
    public async Task A_message_that_cannot_be_planned_is_deferred_and_the_others_are_delivered()
    {
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [new() { Domain = "wrong.test", Kind = RouteKind.SmartHost, Host = "" }, DeliveryScene.Route("*", server)] },
        };
        await scene.StartAsync();

        await scene.SendAsync("a@wrong.test");
        await scene.SendAsync("b@right.test");
        await scene.UntilDeferredAsync(1);
        await Poll.UntilAsync(() => scene.Queue.Count == 1);

        var left = Assert.Single(Assert.Single(scene.Queue.Snapshot()).Recipients);
        Assert.Equal((scene.Clock.GetUtcNow().AddMinutes(5), 1), (left.NextAttempt, server.Mail.Count));
        Assert.Contains("wrong.test", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        scene.Trace.Forget();
        await scene.Agent.StopAsync(TimeSpan.FromMinutes(1), DeliveryScene.Ended).WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);
    }

    [Fact]
    public async Task A_fault_in_deciding_leaves_no_message_claimed_and_what_was_delivered_is_not_sent_again()
    {
        await using var server = new FakeMailServer { On = line => line.Contains("later@", StringComparison.Ordinal) ? "450 4.2.0 Later" : null };
        await using var scene = new DeliveryScene
        {
            // A time no calendar holds: the sum overflows.
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)], Retry = new RetryOptions { DelayNotice = TimeSpan.MaxValue } },
        };
        await scene.StartAsync();

        await scene.SendAsync("now@example.test", "later@example.test");
        await scene.UntilDeferredAsync(1);

        var recipients = Assert.Single(scene.Queue.Snapshot()).Recipients;
        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Deferred], recipients.Select(r => r.Status!.Value));
        Assert.Equal(scene.Clock.GetUtcNow().AddMinutes(5), recipients[1].NextAttempt);
        Assert.Contains("deciding", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        scene.Trace.Forget();
    }

    [Fact]
    public async Task Connections_to_all_next_hops_together_stay_within_the_limit()
    {
        var gate = new SemaphoreSlim(0);
        await using var server = new FakeMailServer
        {
            OnContent = _ =>
            {
                gate.Wait();
                return null;
            },
        };
        var zone = new Zone { Addresses = { ["mx.test"] = ["127.0.0.1"] } };
        for (var i = 0; i < 6; i++) zone.Mx[$"d{i}.test"] = [(10, "mx.test")];
        await using var scene = new DeliveryScene
        {
            Zone = zone,
            Options = new SmtpRelayOptions { QueuePath = "", Delivery = new DeliveryOptions { MxPort = server.Port, MaxConnections = 2 } },
        };
        await scene.StartAsync();

        for (var i = 0; i < 6; i++) await scene.SendAsync($"u@d{i}.test");
        await Poll.UntilAsync(() => server.Connections == 2);
        await Task.Delay(200, DeliveryScene.Ended);
        Assert.Equal(2, server.Connections);
        gate.Release(6);
        await scene.UntilEmptyAsync();

        Assert.Equal((6, 6), (server.Mail.Count, server.Connections));
    }

    [Fact]
    public async Task No_more_is_delivered_than_there_are_connections_until_what_became_of_it_is_on_disk()
    {
        var let = new TaskCompletionSource();
        await using var server = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Between = queue => new SlowSettling(queue, let.Task),
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)], Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 2 } },
        };
        await scene.StartAsync();

        for (var i = 0; i < 10; i++) await scene.SendAsync("u@example.test");
        await Poll.UntilAsync(() => server.Mail.Count > 0);
        await Task.Delay(200, DeliveryScene.Ended);
        Assert.InRange(server.Mail.Count, 1, 2);
        let.SetResult();
        await scene.UntilEmptyAsync();

        Assert.Equal(10, server.Mail.Count);
    }

    [Fact]
    public async Task The_sender_of_a_message_whose_content_is_lost_is_told_without_it()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? "451 4.3.0 Not today" : null };
        await using var origin = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Options = new SmtpRelayOptions
            {
                QueuePath = "",
                Routes = [DeliveryScene.Route("origin.test", origin), DeliveryScene.Route("*", server)],
                Retry = new RetryOptions { Lifetime = TimeSpan.FromHours(1) },
            },
        };
        await scene.StartAsync();
        await scene.SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")), new byte[5 * 1024 * 1024], new MailRecipient(EmailAddress.Parse("user@example.test")));
        await scene.UntilDeferredAsync(1);

        File.Delete(Assert.Single(Directory.GetFiles(scene.Temporary("queue/content"))));
        scene.Clock.Advance(TimeSpan.FromHours(1));
        await scene.UntilEmptyAsync();

        var report = Assert.IsType<MultipartReport>((await MimeMessage.LoadAsync(new MemoryStream(Assert.Single(origin.Mail).Content), DeliveryScene.Ended)).Body);
        Assert.Equal(2, report.Count);
        Assert.Equal("failed", RetryTests.Report(origin.Mail[0])["Action"]);
        Assert.Contains("451 4.3.0 The queue cannot read the content of the message", System.Text.Encoding.UTF8.GetString(origin.Mail[0].Content).ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains(scene.Trace.Faults, f => f.Contains("content of", StringComparison.Ordinal));
        scene.Trace.Forget();
    }

    [Fact]
    public async Task Messages_with_very_many_recipients_take_more_of_the_room()
    {
        await using var one = new FakeMailServer { On = Hangs };
        await using var two = new FakeMailServer { On = Hangs };
        await using var three = new FakeMailServer();
        await using var scene = new DeliveryScene
        {
            Room = 100,
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("one.test", one), DeliveryScene.Route("two.test", two), DeliveryScene.Route("*", three)] },
        };
        await scene.StartAsync();

        foreach (var domain in (string[])["one.test", "two.test"]) await SendAsync(domain);
        await Poll.UntilAsync(() => one.Connections == 1 && two.Connections == 1);
        await SendAsync("three.test");
        await Poll.UntilAsync(() => scene.Queue.Sketches().All(message => message.Claimed));
        await Task.Delay(1000, DeliveryScene.Ended);

        Assert.Equal(0, three.Connections);
        await scene.Agent.StopAsync(TimeSpan.Zero, DeliveryScene.Ended).WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);
        Assert.All(scene.Queue.Sketches(), message => Assert.False(message.Claimed));

        Task SendAsync(string domain) => scene.SendAsync([.. Enumerable.Range(0, 2000).Select(i => $"u{i}@{domain}")]);
    }

    [Fact]
    public async Task At_the_end_all_servers_are_taken_leave_of_at_once()
    {
        await using var one = new FakeMailServer { On = NoGoodbye };
        await using var two = new FakeMailServer { On = NoGoodbye };
        await using var scene = await IdleAsync(one, two);

        var stopping = scene.Agent.StopAsync(TimeSpan.FromMinutes(1), DeliveryScene.Ended);
        await Poll.UntilAsync(() => one.Commands[^1] == "QUIT" && two.Commands[^1] == "QUIT");
        Assert.False(stopping.IsCompleted);
        scene.Clock.Advance(TimeSpan.FromSeconds(2));

        await stopping.WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);
    }

    [Fact]
    public async Task Stopped_at_once_nothing_waits_for_a_server_to_say_goodbye()
    {
        await using var one = new FakeMailServer { On = NoGoodbye };
        await using var two = new FakeMailServer { On = NoGoodbye };
        await using var scene = await IdleAsync(one, two);

        await scene.Agent.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);
    }

    [Fact]
    public async Task What_throws_when_it_is_cut_off_keeps_no_end_from_coming()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = new DeliveryScene();
        scene.Zone.Before = async token =>
        {
            await using var thrower = token.Register(() => throw new InvalidOperationException("told"));
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        await scene.StartAsync();
        await scene.SendAsync("a@example.test");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);

        await scene.Agent.StopAsync(TimeSpan.Zero, DeliveryScene.Ended).WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);
        Assert.Contains("ending what is under way", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        scene.Trace.Forget();
    }

    [Fact]
    public async Task A_second_end_does_not_wait_for_the_first_nor_the_first_for_it()
    {
        var asked = 0;
        await using var scene = new DeliveryScene();
        scene.Zone.Before = async token =>
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(Timeout.Infinite, token);
        };
        await scene.StartAsync();
        foreach (var domain in (string[])["one.test", "two.test", "three.test"]) await scene.SendAsync($"a@{domain}");
        await Poll.UntilAsync(() => Volatile.Read(ref asked) == 3);

        var patient = scene.Agent.StopAsync(TimeSpan.FromHours(1), DeliveryScene.Ended);
        await Task.Delay(200, DeliveryScene.Ended);   // until it waits
        var other = scene.Agent.StopAsync(TimeSpan.Zero, DeliveryScene.Ended);
        await Task.WhenAll(patient, other).WaitAsync(TimeSpan.FromSeconds(20), DeliveryScene.Ended);
    }

    private static string? Hangs(string line) => line.StartsWith("EHLO", StringComparison.Ordinal) ? FakeMailServer.Silence : null;

    private static string? NoGoodbye(string line) => line == "QUIT" ? FakeMailServer.Silence : null;

    private static async Task<DeliveryScene> IdleAsync(FakeMailServer one, FakeMailServer two)
    {
        var scene = new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("one.test", one), DeliveryScene.Route("*", two)] } };
        await scene.StartAsync();
        await scene.SendAsync("a@one.test", "b@two.test");
        await scene.UntilEmptyAsync();
        return scene;
    }
}
