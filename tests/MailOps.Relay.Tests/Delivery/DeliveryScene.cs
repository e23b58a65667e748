using System.Text;
using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>A delivery agent over a real queue on disk, with a clock turned by hand and a DNS that is a value.</summary>
public sealed class DeliveryScene : IAsyncDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("mailops-delivery-");
    private LogQueue? _queue;
    private DeliveryAgent? _agent;

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public RecordingTrace Trace { get; } = new();

    public Zone Zone { get; init; } = new();

    public SmtpRelayOptions Options { get; set; } = new() { QueuePath = "" };

    /// <summary>How many messages delivery may have in its hands.</summary>
    public int Room { get; init; } = 10_000;

    /// <summary>What stands between the agent and its queue, where something does.</summary>
    public Func<IMailQueue, IMailQueue> Between { get; init; } = queue => queue;

    public LogQueue Queue => _queue!;

    public DeliveryAgent Agent => _agent!;

    public static CancellationToken Ended => TestContext.Current.CancellationToken;

    public string Temporary(string name) => Path.Combine(_temporary.FullName, name);

    public async Task<DeliveryScene> StartAsync()
    {
        _queue ??= await LogQueue.OpenAsync(Temporary("queue"), 0, Trace, Clock, Ended);
        _agent = new DeliveryAgent(Between(_queue), Options, "relay.test", Zone, Trace, Clock, Room, folder: Temporary("queue"));
        _agent.Start();
        return this;
    }

    /// <summary>Stops it, queue and all, and starts it over the same folder with other options.</summary>
    public async Task RestartAsync(SmtpRelayOptions options)
    {
        await _agent!.DisposeAsync();
        await _queue!.DisposeAsync();
        (_queue, Options) = (null, options);
        await StartAsync();
    }

    /// <summary>Routes all mail for a domain to a server on loopback.</summary>
    public static RouteOptions Route(string domain, FakeMailServer server) =>
        new() { Domain = domain, Kind = server.IsLmtp ? RouteKind.Lmtp : RouteKind.SmartHost, Host = $"127.0.0.1:{server.Port}" };

    public Task<string> SendAsync(params string[] recipients) => SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")), "Subject: x\r\n\r\nHello\r\n", recipients);

    public Task<string> SendAsync(MailSender sender, string text, params string[] recipients) =>
        SendAsync(sender, Encoding.UTF8.GetBytes(text), [.. recipients.Select(r => new MailRecipient(EmailAddress.Parse(r)))]);

    public async Task<string> SendAsync(MailSender sender, byte[] content, params MailRecipient[] recipients)
    {
        var begun = await Queue.BeginAsync(sender, Ended);
        await using var transaction = begun.Transaction!;
        foreach (var recipient in recipients) Assert.True((await transaction.AddRecipientAsync(recipient, Ended)).IsPositive);
        var outcomes = await transaction.CommitAsync(new MemoryContent(content), Ended);
        Assert.All(outcomes, o => Assert.Equal(DeliveryStatus.Delivered, o.Status));
        return transaction.Id;
    }

    public Task UntilEmptyAsync() => Queue.WaitUntilEmptyAsync(Ended).WaitAsync(TimeSpan.FromSeconds(60), Ended);

    /// <summary>Waits until a number of attempts have been deferred.</summary>
    public Task UntilDeferredAsync(int count) => Poll.UntilAsync(() => Agent.Deferred >= count && Queue.Snapshot().All(m => !m.Claimed));

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null) await _agent.DisposeAsync();
        if (_queue is not null) await _queue.DisposeAsync();
        _temporary.Delete(recursive: true);
        Assert.Empty(Trace.Faults);
    }
}
