using MailOps.Relay.Control;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Delivery;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Control;

/// <summary>A delivering relay without its server, and an administrator. Mail for <c>*.test</c> goes to one server, mail for origin.test, where the reports go, to another.</summary>
internal sealed class AdminScene : IAsyncDisposable
{
    private readonly MessageActions _messages;
    private readonly QueueActions _queues;

    private AdminScene(DeliveryScene scene, FakeMailServer server, FakeMailServer origin)
    {
        (Scene, Server, Origin) = (scene, server, origin);
        var trace = new AdminTrace(scene.Trace, scene.Clock);
        _messages = new MessageActions(scene.Queue, scene.Queue, scene.Agent, trace, scene.Clock);
        _queues = new QueueActions(scene.Queue, scene.Agent, _messages, trace);
    }

    public DeliveryScene Scene { get; }

    public FakeMailServer Server { get; }

    public FakeMailServer Origin { get; }

    /// <summary>The queue of the server.</summary>
    public string Hop => $"127.0.0.1:{Server.Port}";

    public static async Task<AdminScene> StartAsync(FakeMailServer server, Func<IMailQueue, IMailQueue>? between = null, params RouteOptions[] first)
    {
        var origin = new FakeMailServer();
        var scene = new DeliveryScene
        {
            Between = between ?? (queue => queue),
            Options = new SmtpRelayOptions { QueuePath = "", Routes = [.. first, DeliveryScene.Route("origin.test", origin), DeliveryScene.Route("*", server)] },
        };
        await scene.StartAsync();
        return new AdminScene(scene, server, origin);
    }

    public async Task<SmtpRelayActionResult> MessageAsync(string id, SmtpRelayActionKind kind, string? target = null, bool withReport = true) =>
        Assert.Single(await MessagesAsync([id], kind, target, withReport));

    public Task<IReadOnlyList<SmtpRelayActionResult>> MessagesAsync(IReadOnlyList<string> ids, SmtpRelayActionKind kind, string? target = null, bool withReport = true) =>
        _messages.ActAsync(ids, new SmtpRelayAction(kind) { Target = target, WithReport = withReport, By = "ada" }, DeliveryScene.Ended);

    public async Task<SmtpRelayActionResult> QueueAsync(string nextHop, SmtpRelayActionKind kind) =>
        Assert.Single(await _queues.ActAsync([nextHop], new SmtpRelayAction(kind) { By = "ada" }, DeliveryScene.Ended));

    public IReadOnlyList<SmtpRelayQueue> Queues() => new QueueViews("lab", Scene.Agent.NextHopOf, Scene.Agent.PaceOf).Queues(Scene.Queue.Sketches(), Scene.Queue.SuspendedHops, Scene.Clock.GetUtcNow());

    public SmtpRelayMessage? Message(string id) =>
        Scene.Queue.Find(id) is { } found ? new QueueViews("lab", Scene.Agent.NextHopOf, Scene.Agent.PaceOf).Message(found, Scene.Options.Retry, Scene.Clock.GetUtcNow()) : null;

    /// <summary>Waits until nothing is claimed.</summary>
    public Task UntilQuietAsync() => Poll.UntilAsync(() => Scene.Queue.Snapshot().All(message => !message.Claimed));

    public async ValueTask DisposeAsync()
    {
        await Scene.DisposeAsync();
        await Origin.DisposeAsync();
    }
}
