using System.Collections.Concurrent;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>How many messages delivery claims at a time.</summary>
public sealed class ClaimSizeTests : IAsyncDisposable
{
    private readonly ConcurrentQueue<(int Limit, int Count)> _claims = new();
    private readonly FakeMailServer _good = new(), _slow = new() { Greeting = FakeMailServer.Silence };
    private readonly DeliveryScene _scene;

    public ClaimSizeTests()
    {
        var dead = new RouteOptions { Domain = "dead.test", Kind = RouteKind.SmartHost, Host = "127.0.0.1:1" };
        _scene = new DeliveryScene
        {
            Options = new() { QueuePath = "", Routes = [DeliveryScene.Route("good.test", _good), DeliveryScene.Route("slow.test", _slow), dead] },
            Between = queue => new Counted(queue, _claims),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        foreach (var server in (FakeMailServer[])[_good, _slow]) await server.DisposeAsync();
    }

    [Fact]
    public async Task The_first_claims_are_small_and_grow_while_there_is_more()
    {
        await _scene.StartAsync();
        await _scene.SendAsync("u@good.test");
        await _scene.UntilEmptyAsync();   // or most would be set aside until it is known that it can be reached
        _claims.Clear();
        await SendAtOnceAsync(400, "u@good.test");
        await _scene.UntilEmptyAsync();
        Assert.Equal([(20, 20), (40, 40), (80, 80), (160, 160)], _claims.Take(4));
        Assert.All(_claims, claim => Assert.InRange(claim.Limit, 20, 200));
    }

    [Fact]
    public async Task What_can_only_be_set_aside_is_claimed_in_small_numbers_while_something_is_on_its_way()
    {
        await _scene.StartAsync();
        await _scene.SendAsync("u@slow.test");
        await Poll.UntilAsync(() => _slow.Connections == 1);
        await _scene.SendAsync("u@dead.test");
        await Poll.UntilAsync(() => _scene.Agent.Deferred == 1);
        _claims.Clear();
        await SendAtOnceAsync(300, "u@dead.test");
        await Poll.UntilAsync(() => _claims.Sum(claim => claim.Count) == 300);
        Assert.All(_claims.Skip(1), claim => Assert.InRange(claim.Limit, 1, 40));   // the first of them are told, which is more than to be set aside
        Assert.Contains(_claims, claim => claim == (20, 20));
    }

    // So that the first claim finds all of them.
    private async Task SendAtOnceAsync(int count, string recipient)
    {
        await _scene.Queue.SuspendHopsAsync([IQueueControl.WholeQueue], suspend: true, DeliveryScene.Ended);
        _scene.Agent.Recall();
        for (var i = 0; i < count; i++) await _scene.SendAsync(recipient);
        await _scene.Queue.SuspendHopsAsync([IQueueControl.WholeQueue], suspend: false, DeliveryScene.Ended);
        _scene.Agent.Recall();
    }

    private sealed class Counted(IMailQueue queue, ConcurrentQueue<(int Limit, int Count)> claims) : PassingQueue(queue)
    {
        public override async ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken)
        {
            var claimed = await base.ClaimAsync(limit, cancellationToken);
            claims.Enqueue((limit, claimed.Count));
            return claimed;
        }
    }
}
