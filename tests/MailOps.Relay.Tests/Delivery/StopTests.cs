using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>What a stop waits for: a server that may have the message, and no other.</summary>
public sealed class StopTests
{
    private static readonly string[] WithData = ["PIPELINING", "8BITMIME"];
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("greeting", "PIPELINING CHUNKING")]
    [InlineData("EHLO", "PIPELINING CHUNKING")]
    [InlineData("MAIL", "PIPELINING")]
    [InlineData("MAIL", "")]
    [InlineData("RCPT", "")]
    [InlineData("DATA", "PIPELINING")]
    [InlineData("DATA", "")]
    public async Task A_server_that_has_nothing_of_a_message_is_not_waited_for(string hangsAt, string extensions)
    {
        await using var server = new FakeMailServer { Extensions = extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries), On = line => line.StartsWith(hangsAt, StringComparison.Ordinal) ? FakeMailServer.Silence : null };
        if (hangsAt == "greeting") server.Greeting = FakeMailServer.Silence;
        await using var scene = await StartAsync(server);
        await scene.SendAsync("user@example.test");
        await Poll.UntilAsync(() => hangsAt == "greeting" ? server.Open == 1 : server.Commands.Any(line => line.StartsWith(hangsAt, StringComparison.Ordinal)));

        await scene.Agent.StopAsync(Grace, DeliveryScene.Ended).WaitAsync(TimeSpan.FromSeconds(10), DeliveryScene.Ended);   // whose clock stands still

        Assert.Equal((1, 0, 0, 0), (scene.Queue.Count, scene.Agent.Delivered, scene.Agent.Deferred, scene.Agent.Failed));
        Assert.False(Assert.Single(scene.Queue.Snapshot()).Claimed);

        await using var good = new FakeMailServer();
        await scene.RestartAsync(scene.Options with { Routes = [DeliveryScene.Route("*", good)] });
        await scene.UntilEmptyAsync();
        Assert.Equal((0, 1), (server.Mail.Count, good.Mail.Count));
    }

    [Theory]
    [InlineData("PIPELINING CHUNKING")]
    [InlineData("PIPELINING")]
    [InlineData("CHUNKING")]
    [InlineData("")]
    public async Task A_server_that_has_the_message_may_answer_within_the_grace(string extensions)
    {
        using var release = new ManualResetEventSlim();
        using var has = new ManualResetEventSlim();
        await using var server = new FakeMailServer
        {
            Extensions = extensions.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            OnContent = _ =>
            {
                has.Set();
                release.Wait(DeliveryScene.Ended);
                return null;
            },
        };
        await using var scene = await StartAsync(server);
        await scene.SendAsync("user@example.test");
        await Task.Run(() => has.Wait(DeliveryScene.Ended), DeliveryScene.Ended).WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);

        var stopping = scene.Agent.StopAsync(Grace, DeliveryScene.Ended);
        await Task.Delay(300, DeliveryScene.Ended);   // in which it would be cut off
        Assert.False(stopping.IsCompleted);
        release.Set();
        await stopping.WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);

        Assert.Equal((0, 1, 1), (scene.Queue.Count, scene.Agent.Delivered, server.Mail.Count));
    }

    // Over one connection: the first is answered, and the second has only its envelope there.
    [Fact]
    public async Task What_has_begun_behind_a_message_takes_nothing_of_its_grace()
    {
        using var release = new ManualResetEventSlim();
        var contents = 0;
        await using var server = new FakeMailServer
        {
            Extensions = WithData,
            OnContent = _ =>
            {
                if (Interlocked.Increment(ref contents) == 2) release.Wait(DeliveryScene.Ended);
                return null;
            },
        };
        await using var scene = await StartAsync(server);
        await scene.SendAsync("a@example.test");
        await scene.UntilEmptyAsync();
        for (var i = 0; i < 3; i++) await scene.SendAsync("b@example.test");
        await Poll.UntilAsync(() => Volatile.Read(ref contents) >= 2);

        var stopping = scene.Agent.StopAsync(Grace, DeliveryScene.Ended);
        await Task.Delay(300, DeliveryScene.Ended);
        Assert.False(stopping.IsCompleted);
        release.Set();
        await stopping.WaitAsync(TimeSpan.FromSeconds(60), DeliveryScene.Ended);

        Assert.Equal((0L, scene.Agent.Delivered), (scene.Agent.Deferred, (long)server.Mail.Count));
        Assert.Equal(4 - server.Mail.Count, scene.Queue.Count);   // none is lost, none is there twice
    }

    private static async Task<DeliveryScene> StartAsync(FakeMailServer server) =>
        await new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("*", server)] } }.StartAsync();
}
