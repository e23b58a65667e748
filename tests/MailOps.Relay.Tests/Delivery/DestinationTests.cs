using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

public sealed class DestinationTests
{
    [Fact]
    public async Task A_dead_destination_costs_one_connection_for_all_that_waits_and_delays_no_other()
    {
        await using var dead = new FakeMailServer { Greeting = "554 Out of order" };
        await using var live = new FakeMailServer();
        await using var scene = Scene(dead, live);
        await scene.StartAsync();

        for (var i = 0; i < 50; i++) await scene.SendAsync($"u{i}@dead.test", $"u{i}@live.test");
        await Poll.UntilAsync(() => scene.Agent.Delivered == 50 && scene.Queue.Snapshot().All(m => !m.Claimed && m.Recipients[0].Status == DeliveryStatus.Deferred));

        Assert.Equal(1, dead.Connections);
        Assert.All(scene.Queue.Snapshot(), m => Assert.Contains("554 Out of order", m.Recipients[0].LastReply, StringComparison.Ordinal));
        Assert.Equal((0, 50), (scene.Agent.Failed, scene.Queue.Count));
    }

    [Fact]
    public async Task A_destination_that_hangs_delays_no_other_and_what_waited_for_it_shares_its_one_attempt()
    {
        await using var dead = new FakeMailServer { Greeting = FakeMailServer.Silence };
        await using var live = new FakeMailServer();
        await using var scene = Scene(dead, live);
        await scene.StartAsync();

        for (var i = 0; i < 10; i++) await scene.SendAsync("u@dead.test");
        await Poll.UntilAsync(() => dead.Connections == 1 && scene.Queue.Snapshot().All(m => m.Claimed));
        for (var i = 0; i < 10; i++) await scene.SendAsync("u@live.test");
        await Poll.UntilAsync(() => scene.Agent.Delivered == 10 && scene.Queue.Count == 10);
        Assert.Equal(10, live.Mail.Count);
        Assert.All(scene.Queue.Snapshot(), m => Assert.True(m.Claimed));

        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await scene.UntilDeferredAsync(10);
        Assert.Equal(1, dead.Connections);
        Assert.All(scene.Queue.Snapshot(), m => Assert.Contains("timed out while waiting for the greeting", m.Recipients[0].LastReply, StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_failure_a_destination_is_left_alone_for_a_minute_and_then_tried_again()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Overloaded" };
        await using var scene = Scene(server, server);
        await scene.StartAsync();
        await scene.SendAsync("u@dead.test");
        await scene.UntilDeferredAsync(1);

        server.Greeting = "220 Back";
        await scene.SendAsync("v@dead.test");
        await scene.UntilDeferredAsync(2);
        Assert.Equal(1, server.Connections);

        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        await scene.SendAsync("w@dead.test");
        await Poll.UntilAsync(() => scene.Agent.Delivered == 1 && scene.Queue.Count == 2);
        scene.Clock.Advance(TimeSpan.FromMinutes(4));
        await scene.UntilEmptyAsync();
        Assert.Equal(3, server.Mail.Count);
    }

    [Fact]
    public async Task A_route_leaves_it_alone_for_no_longer_than_its_own_first_delay()
    {
        await using var server = new FakeMailServer { Greeting = "421 4.3.2 Overloaded" };
        await using var scene = Scene(server, server);
        scene.Options = scene.Options with { Routes = [DeliveryScene.Route("quick.test", server) with { Retry = new() { FirstDelay = TimeSpan.FromSeconds(10) } }, .. scene.Options.Routes] };
        await scene.StartAsync();
        await scene.SendAsync("u@quick.test", "u@dead.test");   // the same server, by two queues
        await scene.UntilDeferredAsync(2);
        Assert.Equal(2, server.Connections);

        server.Greeting = "220 Back";
        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        await Poll.UntilAsync(() => scene.Agent.Delivered == 1);
        await scene.SendAsync("v@dead.test");
        await scene.UntilDeferredAsync(3);
        Assert.Equal((3, "u@quick.test"), (server.Connections, Assert.Single(server.Mail).To[0].Trim('<', '>')));
    }

    [Fact]
    public async Task Connections_grow_with_success_and_stay_within_the_limit()
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
        await using var scene = Scene(server, server);
        scene.Options = scene.Options with { Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 3 } };
        await scene.StartAsync();
        for (var i = 0; i < 20; i++) await scene.SendAsync("u@live.test");
        await Poll.UntilAsync(() => server.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));
        Assert.Equal(1, server.Connections);

        gate.Release();
        await Poll.UntilAsync(() => server.Open == 2);
        gate.Release(2);
        await Poll.UntilAsync(() => server.Open == 3);
        gate.Release(17);
        await scene.UntilEmptyAsync();

        Assert.Equal((3, 20), (server.Connections, server.Mail.Count));
    }

    [Fact]
    public async Task A_server_that_wants_no_more_connections_still_gets_all_mail_over_those_it_has()
    {
        await using var server = new FakeMailServer();
        server.OnContent = _ =>
        {
            server.Greeting = "421 4.7.0 Too many connections";
            return null;
        };
        await using var scene = Scene(server, server);
        await scene.StartAsync();

        for (var i = 0; i < 30; i++) await scene.SendAsync("u@live.test");
        await scene.UntilEmptyAsync();

        Assert.Equal((30, 0), (server.Mail.Count, scene.Agent.Deferred));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_for_a_place_among_all_connections_goes_back_when_it_is_suspended(bool wholeHop)
    {
        using var gate = new ManualResetEventSlim();
        await using var busy = new FakeMailServer
        {
            OnContent = _ =>
            {
                gate.Wait();
                return null;
            },
        };
        await using var live = new FakeMailServer();
        await using var scene = Scene(busy, live);
        scene.Options = scene.Options with { Delivery = new DeliveryOptions { MaxConnections = 1 } };
        await scene.StartAsync();
        await scene.SendAsync("u@dead.test");
        await Poll.UntilAsync(() => busy.Commands.Any(c => c.StartsWith("BDAT", StringComparison.Ordinal)));
        var id = await scene.SendAsync("u@live.test");
        await Poll.UntilAsync(() => scene.Queue.Snapshot().Single(m => m.Id == id).Claimed);
        await Task.Delay(50, DeliveryScene.Ended);

        if (wholeHop) await scene.Queue.SuspendHopsAsync([scene.Agent.NextHopOf(EmailAddress.Parse("u@live.test"), null, null).Name], true, DeliveryScene.Ended);
        else await scene.Queue.ChangeAsync([id], new QueueChange { Hold = MessageHold.Suspended }, DeliveryScene.Ended);
        scene.Agent.Recall();
        gate.Set();
        await Poll.UntilAsync(() => scene.Queue.Snapshot().ToList() is [{ Claimed: false }]);

        Assert.Equal((1, 0), (busy.Mail.Count, live.Connections));
    }

    [Fact]
    public async Task A_fault_in_delivery_is_told_and_the_message_deferred()
    {
        var scene = new DeliveryScene();
        scene.Options = new SmtpRelayOptions { QueuePath = "", LocalDomains = [new() { Name = "local.test", MailboxPath = scene.Temporary("mail") }] };
        await File.WriteAllTextAsync(scene.Temporary("mail"), "a file where the folder should be", DeliveryScene.Ended);
        await scene.StartAsync();
        await scene.SendAsync("user@local.test");
        await scene.UntilDeferredAsync(1);

        var reply = Assert.Single(scene.Queue.Snapshot()).Recipients[0].LastReply;
        Assert.Equal("451 4.3.0 The mailbox cannot be written", reply);
        Assert.Contains("Maildir", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        scene.Trace.Forget();
        await scene.DisposeAsync();
    }

    private static DeliveryScene Scene(FakeMailServer dead, FakeMailServer live) =>
        new() { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("dead.test", dead), DeliveryScene.Route("*", live)] } };
}
