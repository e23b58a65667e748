using MailOps.Dns;
using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Delivery.Reports;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// Takes what is due out of the queue and brings it to its next hops, in three parts. Plan: claim messages, group the due recipients of each by next
/// hop, and hand each group to that next hop's <see cref="Destination"/>. Attempt: one transaction a group, one outcome a recipient. Settle: when all
/// groups of a message are through, decide for each recipient (done, again at a time, given up), queue the reports, record it.
/// </summary>
/// <param name="queue">The durable queue.</param>
/// <param name="options">Routes, retries, limits.</param>
/// <param name="hostName">The relay's name towards others.</param>
/// <param name="dns">Who knows the mail exchangers.</param>
/// <param name="trace">What happened to each message.</param>
/// <param name="clock">Time.</param>
/// <param name="room">
/// How many messages are claimed at a time, so that memory stays bounded however much is due: 10,000, half of what Postfix has by default
/// (qmgr_message_active_limit), because each takes some KiB.
/// </param>
/// <param name="reports">Where reports go, on their way into the queue; null is the queue itself.</param>
/// <param name="folder">Where it remembers how much was sent to those with limits; null for nowhere.</param>
public sealed partial class DeliveryAgent(
    IMailQueue queue, SmtpRelayOptions options, string hostName, IDnsResolver dns, IMailTrace trace, TimeProvider clock, int room = 10_000, IMailTarget? reports = null, string? folder = null) : IAsyncDisposable
{
    private const int FirstClaimSize = 20, ClaimSize = 200, SparingClaimSize = 20;
    private const int RecipientsAPlace = 50;   // a message with more takes more than one place: a thousand recipients are a lot of memory, too
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1), FirstHoldDown = TimeSpan.FromMinutes(1), FaultPause = TimeSpan.FromSeconds(1), Breath = TimeSpan.FromMilliseconds(10);

    private readonly RouteTable _routes = new(options);
    private readonly Settler _settler = new(queue, new RetrySchedule(options.Retry), new Postmaster(reports ?? queue, hostName, trace, clock), trace, clock);
    private readonly Lock _gate = new();
    private readonly Dictionary<NextHop, (Destination Destination, IMailTarget Target)> _destinations = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly SemaphoreSlim _room = new(room);
    private readonly ConnectionLimit _connections = new(options.Delivery.MaxConnections);
    private readonly BrokenTls _brokenTls = new(options.Delivery.BrokenTlsMemory, clock);
    private readonly EarlyInput _earlyInput = new();
    private readonly CredentialStore _credentials = new(trace, clock);
    private readonly RetrySchedule _schedule = new(options.Retry);
    private readonly SiteTable _sites = new(
        options.Delivery,
        dns,
        (profiles, changed) => new SiteContext(clock, trace, profiles, changed),
        folder is null ? null : new PaceFile(new LocalDisk(), folder, trace));
    private readonly OwnEndPoints _own = OwnEndPoints.Of(options.Listeners);
    private Task? _claiming;
    private Task? _finished;
    private bool _disposed;
    private DateTimeOffset _swept;

    /// <summary>The policies of domains, and who counts what became of TLS.</summary>
    internal TlsServices Tls { get; init; } = TlsServices.None;

    /// <summary>Recipients delivered since the start.</summary>
    public long Delivered => _settler.Counts.Delivered;

    /// <summary>Attempts deferred since the start, counted by recipient.</summary>
    public long Deferred => _settler.Counts.Deferred;

    /// <summary>Recipients failed since the start.</summary>
    public long Failed => _settler.Counts.Failed;

    /// <summary>What an administrator should know of it.</summary>
    public IReadOnlyList<string> Warnings => [.. _credentials.Warnings, .. Destinations().Where(d => d.Destination.Missed is not null).Select(d => $"{d.Destination.Hop}: {d.Destination.Missed}").Distinct()];

    /// <summary>That the secrets which routes refer to are where they should be.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/>: one is not.</exception>
    public static void CheckCredentials(IReadOnlyList<RouteOptions> routes, TimeProvider clock)
    {
        foreach (var route in routes) CredentialStore.Check(route, clock);
    }

    /// <summary>Starts to deliver; at once, in the background.</summary>
    public void Start() => _claiming = Task.Run(ClaimAsync);

    /// <summary>
    /// Starts nothing more, lets what is under way finish within the time given, and cuts it off then; at once where the next hop has nothing of the message yet. What has no outcome stays in the
    /// queue, due.
    /// </summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await CancelAsync(_stop).ConfigureAwait(false);
        if (_claiming is not null) await _claiming.ConfigureAwait(false);
        _connections.Close();
        foreach (var (destination, _) in Destinations()) destination.Close();

        var finished = _finished ??= AllFinishedAsync();   // two at a time would wait for each other's places
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (grace <= TimeSpan.Zero || await Task.WhenAny(finished, Task.Delay(grace, clock, limit.Token)).ConfigureAwait(false) != finished) await CancelAsync(_abort).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        await finished.ConfigureAwait(false);
        await Task.WhenAll(Destinations().Select(d => CloseAsync(d.Target).AsTask())).ConfigureAwait(false);
        await _sites.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops at once; what is under way stays in the queue.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        _credentials.Dispose();
        _stop.Dispose();
        _abort.Dispose();
        _room.Dispose();
    }

    private async Task ClaimAsync()
    {
        var (size, spares) = (FirstClaimSize, false);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _room.WaitAsync(_stop.Token).ConfigureAwait(false);
                _room.Release();
                var claimed = await queue.ClaimAsync(Math.Min(spares ? SparingClaimSize : size, _room.CurrentCount), _stop.Token).ConfigureAwait(false);
                // It grows while there is more: by what became of the first of each domain, the queue knows from which ones to take fewer.
                size = claimed.Count < size ? FirstClaimSize : Math.Min(2 * size, ClaimSize);
                var moves = claimed.Count == 0;
                foreach (var message in claimed) moves |= await PlanAsync(message).ConfigureAwait(false);
                Sweep();
                // What can only be set aside leaves the processor to what is on its way.
                spares = !moves && _room.CurrentCount < room;
                if (spares) await Task.Delay(Breath, TimeProvider.System, _stop.Token).ConfigureAwait(false);   // of the real clock, as the processor
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                trace.Fault("claiming mail for delivery", e);
                await Task.Delay(FaultPause, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Whether anything of it goes on, and is not only set aside.
    private async ValueTask<bool> PlanAsync(QueuedMessage message)
    {
        if (!await TryTakeRoomAsync(PlacesOf(message)).ConfigureAwait(false))
        {
            queue.Release(message);
            return true;
        }
        if (message.Hold is MessageHold.Remove or MessageHold.RemoveWithReport)
        {
            _ = RemoveAsync(message);
            return true;
        }
        var delivery = new MessageInDelivery(message, clock, SettleAsync);
        if (message.Due.Count == 0) _ = SettleAsync(delivery, new SettledPart([], IsLast: true));   // nobody to try: it goes back
        var moves = message.Due.Count == 0;
        foreach (var group in message.Due.Count == 0 ? [] : GroupsOf(delivery)) moves |= Add(group);
        return moves;
    }

    private int PlacesOf(QueuedMessage message) => Math.Min(room, 1 + (message.Due.Count / RecipientsAPlace));

    /// <summary>Waits for places, which nobody else takes; false where the relay is stopped meanwhile.</summary>
    private async ValueTask<bool> TryTakeRoomAsync(int places)
    {
        for (var taken = 0; taken < places; taken++)
        {
            try
            {
                await _room.WaitAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                if (taken > 0) _room.Release(taken);
                return false;
            }
        }
        return true;
    }

    // A message that cannot be planned, or a next hop that cannot be made, is deferred like one that cannot be reached; the others go on.
    private IReadOnlyList<DeliveryGroup> GroupsOf(MessageInDelivery delivery)
    {
        try
        {
            return DeliveryPlan.Of(delivery, _routes);
        }
        catch (Exception e)
        {
            trace.Fault($"planning the delivery of {delivery.Queued.Id}", e);
            var nowhere = new NextHop(RouteKind.Mx, delivery.Queued.Due[0].Recipient.ForwardPath.Domain);
            _ = new DeliveryGroup(delivery, nowhere, delivery.Queued.Due).CompleteAsync(DeliveryAttempt.Fault);
            return [];
        }
    }

    private bool Add(DeliveryGroup group)
    {
        if (DeliveryDeadline.IsOver(group.Message.Queued.Sender, clock.GetUtcNow()))
        {
            _ = group.CompleteUntriedAsync(DeliveryDeadline.Over);   // also where its next hop hangs
            return true;
        }
        Destination destination;
        try
        {
            destination = DestinationOf(group.Hop);
        }
        catch (Exception e)
        {
            trace.Fault($"planning the delivery of {group.Message.Queued.Id} to {group.Hop}", e);
            _ = group.CompleteAsync(DeliveryAttempt.Fault);
            return true;
        }
        if (!destination.TryAdd(group, out var isAside)) _ = group.AbandonAsync();
        return !isAside;
    }

    private async Task SettleAsync(MessageInDelivery delivery, SettledPart part)
    {
        try
        {
            await _settler.SettleAsync(delivery.Queued, part, _abort.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            // The disk has not answered in time; the queue writes what it was given when it is closed.
        }
        catch (Exception e)
        {
            trace.Fault($"settling {delivery.Queued.Id}", e);
        }
        finally
        {
            if (part.IsLast) _room.Release(PlacesOf(delivery.Queued));
        }
    }

    private Destination DestinationOf(NextHop hop)
    {
        lock (_gate)
        {
            if (_destinations.TryGetValue(hop, out var found)) return found.Destination;
            var target = hop.IsLocal
                ? LocalTarget.Of(hop, hostName, trace, clock)
                : new SmtpTarget(hop, new DeliveryContext(hostName, _own, dns, options.Delivery, trace, clock, _abort.Token) { Stopping = _stop.Token, Tls = Tls, BrokenTls = _brokenTls, EarlyInput = _earlyInput, Credentials = _credentials });
            var schedule = _schedule.For(hop);
            var limits = new DestinationLimits(
                options.Delivery.MaxConnectionsPerDestination, HoldDownOf(schedule.Options), hop.IsLocal ? null : _connections, () => _disposed ? 0 : _room.CurrentCount, schedule.LookAt);
            var destination = new Destination(hop, target, _sites, limits, queue, trace, clock, _abort.Token);
            destination.Recall();   // whoever suspends it later finds it among the others
            _destinations.Add(hop, (destination, target));
            return destination;
        }
    }

    // As the schedule of a message that was first tried a minute sooner, so that it is never later than that.
    private static HoldDown HoldDownOf(RetryOptions retry) => new(retry.FirstDelay < FirstHoldDown ? retry.FirstDelay : FirstHoldDown, retry.MaxDelay);

    private List<(Destination Destination, IMailTarget Target)> Destinations()
    {
        lock (_gate) return [.. _destinations.Values];
    }

    // Next hops that are done with are forgotten, or a relay for the whole world would remember the whole world.
    private void Sweep()
    {
        var now = clock.GetUtcNow();
        if (now - _swept < SweepInterval) return;
        _swept = now;
        foreach (var (destination, target) in Destinations().Where(d => d.Destination.TryRetire()))
        {
            lock (_gate) _destinations.Remove(destination.Hop);
            _ = CloseAsync(target).AsTask();
        }
        _sites.Sweep(Destinations().Select(d => d.Destination.Site).OfType<Site>().ToHashSet());
    }

    // What waits is told so on the thread that cancels, and what it throws then must not keep the rest of the end from happening.
    private async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException e)
        {
            trace.Fault("delivery, ending what is under way", e);
        }
    }

    private async Task AllFinishedAsync()
    {
        for (var i = 0; i < room; i++) await _room.WaitAsync().ConfigureAwait(false);
        _room.Release(room);
    }

    private static ValueTask CloseAsync(IMailTarget target) => target is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
}
