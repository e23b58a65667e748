using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>A next hop that is slow, beside those of the same message that are not.</summary>
public sealed class SlowNextHopTests : IAsyncDisposable
{
    private readonly FakeMailServer _good = new(), _full = new() { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 No such user" : null };
    private readonly FakeMailServer _slow = new() { Greeting = FakeMailServer.Silence };
    private readonly DeliveryScene _scene;

    public SlowNextHopTests() => _scene = new DeliveryScene { Options = Options() };

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        foreach (var server in (FakeMailServer[])[_good, _full, _slow]) await server.DisposeAsync();
    }

    [Fact]
    public async Task What_became_of_others_is_known_a_moment_later_and_their_sender_told()
    {
        await _scene.StartAsync();
        var id = await _scene.SendAsync("a@good.test", "b@slow.test", "c@full.test");
        await Poll.UntilAsync(() => _good.Mail.Count == 1 && _full.Commands.Count > 2 && _slow.Connections == 1);
        await UntilAsync(() => _good.Mail.Count == 2 && _scene.Queue.Find(id)!.Recipients[2].Status is not null);

        var state = _scene.Queue.Find(id)!;
        Assert.True(state.Claimed);
        Assert.Equal([DeliveryStatus.Delivered, null, DeliveryStatus.Failed], state.Recipients.Select(recipient => recipient.Status));
        Assert.Contains("c@full.test", _good.Mail[1].Text, StringComparison.Ordinal);
        Assert.Equal((1, 1), (_scene.Trace.Events.Count(e => e.EventId == "SEND" && e.InternalMessageId == id), _scene.Trace.Events.Count(e => e.EventId == "FAIL")));
    }

    [Fact]
    public async Task After_a_stop_only_what_was_under_way_is_tried_again()
    {
        await _scene.StartAsync();
        var id = await _scene.SendAsync("a@good.test", "b@slow.test");
        await Poll.UntilAsync(() => _good.Mail.Count == 1 && _slow.Connections == 1);
        await UntilAsync(() => _scene.Queue.Find(id)!.Recipients[0].Status is not null);
        await _scene.RestartAsync(Options());
        await Poll.UntilAsync(() => _slow.Connections == 2);
        Assert.Equal([DeliveryStatus.Delivered, null], _scene.Queue.Find(id)!.Recipients.Select(recipient => recipient.Status));
        Assert.Single(_good.Mail);
    }

    // The timer begins with the outcome, which comes a little later than what the servers see.
    private Task UntilAsync(Func<bool> condition) => Poll.UntilAsync(() =>
    {
        if (condition()) return true;
        _scene.Clock.Advance(TimeSpan.FromSeconds(1));
        return false;
    });

    private SmtpRelayOptions Options() => new()
    {
        QueuePath = "",
        Routes = [DeliveryScene.Route("good.test", _good), DeliveryScene.Route("origin.test", _good), DeliveryScene.Route("full.test", _full), DeliveryScene.Route("slow.test", _slow)],
    };
}
