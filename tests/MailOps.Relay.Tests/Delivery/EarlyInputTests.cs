using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

public sealed class EarlyInputTests
{
    [Fact]
    public async Task What_is_known_of_a_server_that_throws_away_early_input_outlives_its_queue()
    {
        using var all = new ManualResetEventSlim();
        await using var other = new FakeMailServer();
        await using var server = new FakeMailServer { Extensions = ["PIPELINING"], HeldReplies = 1, Overhears = true };
        server.On = line =>
        {
            if (line.StartsWith("EHLO", StringComparison.Ordinal)) all.Wait(DeliveryScene.Ended);
            return null;
        };
        await using var scene = new DeliveryScene
        {
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("deaf.test", server), DeliveryScene.Route("*", other)], Delivery = new DeliveryOptions { MaxConnectionsPerDestination = 1 } },
        };
        await scene.StartAsync();
        await SendAsync(2);
        await Poll.UntilAsync(() =>
        {
            if (server.Connections == 1) scene.Clock.Advance(TimeSpan.FromSeconds(5));
            return server.Connections == 2;
        });
        await scene.UntilEmptyAsync();

        all.Reset();
        for (var i = 0; i < 2; i++)
        {
            scene.Clock.Advance(TimeSpan.FromMinutes(2));   // after which its queue is forgotten with the next claim
            await scene.SendAsync("user@example.test");
            await scene.UntilEmptyAsync();
        }
        server.OnContent = _ =>
        {
            Thread.Sleep(200);   // time enough for what must not come behind it any more
            return null;
        };
        await SendAsync(3);
        await scene.UntilEmptyAsync();   // the clock stands still

        Assert.Equal((5, 3, 0), (server.Mail.Count, server.Connections, scene.Agent.Deferred));

        async Task SendAsync(int count)
        {
            for (var i = 0; i < count; i++) await scene.SendAsync("user@deaf.test");
            await Poll.UntilAsync(() => scene.Queue.Snapshot().All(m => m.Claimed));
            all.Set();
        }
    }

    [Fact]
    public void The_oldest_are_forgotten_where_there_are_too_many()
    {
        var servers = new EarlyInput(capacity: 2);
        foreach (var server in (string[])["a:25", "b:25", "a:25", "c:25"]) servers.Add(server);
        Assert.Equal([false, true, true], ((string[])["a:25", "b:25", "c:25"]).Select(servers.IsThrownAwayBy));
    }
}
