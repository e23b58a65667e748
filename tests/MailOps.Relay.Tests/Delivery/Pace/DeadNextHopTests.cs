using MailOps.Messages;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>What very many messages for a next hop cost that cannot be reached: counted, not timed.</summary>
public sealed class DeadNextHopTests : IAsyncDisposable
{
    private const int Many = 600, Few = 20;

    private CountingQueue? _counting;

    public ValueTask DisposeAsync() => _counting?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task In_an_interval_a_few_are_read_and_written_whatever_waits_and_all_are_delivered_when_it_is_back()
    {
        await using var dead = new FakeMailServer { Greeting = "554 Out of order" };
        await using var scene = await SceneAsync(dead);
        for (var i = 0; i < Many; i++) await scene.SendAsync($"u{i}@dead.test");
        await UntilAllWaitAsync(scene);
        Assert.InRange(_counting!.Claimed, Many, Many + Few);   // those may be brought back that came while nobody knew
        Assert.InRange(_counting.Settled, 1, Few + 1);
        Assert.Equal(1, dead.Connections);

        for (var attempt = 2; attempt <= 3; attempt++)
        {
            var (claimed, settled) = (_counting.Claimed, _counting.Settled);
            scene.Clock.Advance(TimeSpan.FromMinutes(attempt - 1));
            await Poll.UntilAsync(() => dead.Connections == attempt);
            await UntilAllWaitAsync(scene);
            Assert.InRange(_counting.Claimed - claimed, 1, 2 * Few);   // the few that are to be tried, and the few that have been written before
            Assert.InRange(_counting.Settled - settled, 1, Few + 1);
        }

        dead.Greeting = "220 Back";
        var waiting = scene.Queue.Snapshot().Count(message => message.Recipients[0].Attempts == 0);
        Assert.InRange(waiting, Many - (4 * Few), Many - 3);
        scene.Clock.Advance(TimeSpan.FromMinutes(4));
        await Poll.UntilAsync(() => dead.Mail.Count >= waiting);   // at once: their time does not have to come
        for (; scene.Queue.Count > 0; scene.Clock.Advance(TimeSpan.FromMinutes(1)))
            await Poll.UntilAsync(() => scene.Queue.Snapshot().All(message => !message.Claimed && message.Recipients[0].NextAttempt > scene.Clock.GetUtcNow()));
        Assert.Equal(Many, dead.Mail.Select(mail => mail.To[0]).Distinct().Count());
        Assert.Equal(Many, dead.Mail.Count);
    }

    [Fact]
    public async Task What_waits_unwritten_says_why_and_until_when()
    {
        await using var dead = new FakeMailServer { Greeting = "554 Out of order" };
        await using var scene = await SceneAsync(dead);
        for (var i = 0; i < 2 * Few; i++) await scene.SendAsync("u@dead.test");
        await UntilAllWaitAsync(scene);
        var untried = scene.Queue.Snapshot().Where(message => message.Recipients[0].Attempts == 0).ToList();
        Assert.NotEmpty(untried);
        Assert.All(untried, message =>
        {
            Assert.Equal((DeliveryStatus.Deferred, scene.Clock.GetUtcNow().AddMinutes(1)), (message.Recipients[0].Status, message.Recipients[0].NextAttempt));
            Assert.Contains("554 Out of order", message.Recipients[0].LastReply, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task While_it_hangs_it_has_a_few_in_its_hands()
    {
        await using var dead = new FakeMailServer { Greeting = FakeMailServer.Silence };
        await using var scene = await SceneAsync(dead);
        for (var i = 0; i < Many; i++) await scene.SendAsync("u@dead.test");
        await Poll.UntilAsync(() => dead.Connections == 1 && _counting!.Claimed >= Many);
        await Poll.UntilAsync(() => scene.Queue.Sketches().Count(message => message.Claimed) <= Few);
        Assert.Equal((Many, 0), (_counting!.Claimed, _counting.Settled));

        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await UntilAllWaitAsync(scene);
        Assert.Equal(1, dead.Connections);
        Assert.InRange(_counting.Settled, 1, Few);
    }

    [Fact]
    public async Task An_administrator_who_says_so_has_it_tried_at_once()
    {
        await using var dead = new FakeMailServer { Greeting = "554 Out of order" };
        await using var scene = await SceneAsync(dead);
        for (var i = 0; i < 2 * Few; i++) await scene.SendAsync("u@dead.test");
        await UntilAllWaitAsync(scene);
        var waiting = scene.Queue.Snapshot().Count(message => message.Recipients[0].Attempts == 0);
        dead.Greeting = "220 Back";
        scene.Agent.Retry(scene.Agent.NextHopOf(EmailAddress.Parse("u@dead.test"), null, null).Name);
        await Poll.UntilAsync(() => dead.Mail.Count == waiting);
    }

    [Fact]
    public async Task Their_senders_hear_of_the_delay_and_in_the_end_of_the_failure_and_why()
    {
        await using var dead = new FakeMailServer { Greeting = "554 Out of order" };
        await using var origin = new FakeMailServer();
        await using var scene = await SceneAsync(dead, origin);
        var sent = Few + 20;
        for (var i = 0; i < sent; i++) await scene.SendAsync("u@dead.test");
        await UntilAllWaitAsync(scene);

        foreach (var (hours, action) in ((int, string)[])[(4, "delayed"), (16, "failed")])
        {
            var before = origin.Mail.Count;
            scene.Clock.Advance(TimeSpan.FromHours(hours));
            await Poll.UntilAsync(() => origin.Mail.Count == before + sent);
            Assert.All(origin.Mail.Skip(before), mail => Assert.Equal(action, RetryTests.Report(mail)["Action"]));
            Assert.All(origin.Mail.Skip(before), mail => Assert.Contains("554 Out of order", RetryTests.Report(mail)["Diagnostic-Code"], StringComparison.Ordinal));
            if (scene.Queue.Count > 0) await UntilAllWaitAsync(scene);
        }
        await scene.UntilEmptyAsync();
    }

    private async Task<DeliveryScene> SceneAsync(FakeMailServer dead, FakeMailServer? other = null)
    {
        RouteOptions[] routes = [DeliveryScene.Route("dead.test", dead), .. other is null ? (RouteOptions[])[] : [DeliveryScene.Route("*", other)]];
        var scene = new DeliveryScene
        {
            Between = queue => _counting = new CountingQueue(queue),
            Options = new SmtpRelayOptions { QueuePath = "", Routes = routes, Retry = new RetryOptions { Lifetime = TimeSpan.FromHours(20) } },
        };
        return await scene.StartAsync();
    }

    // Deferred, on disk or in its line, and in nobody's hands.
    private static Task UntilAllWaitAsync(DeliveryScene scene) => Poll.UntilAsync(() =>
        scene.Queue.Snapshot().All(message => !message.Claimed && message.Recipients[0] is { Status: DeliveryStatus.Deferred } recipient && recipient.NextAttempt > scene.Clock.GetUtcNow()));
}
