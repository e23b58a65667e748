using System.Globalization;
using System.Net.NetworkInformation;
using System.Text;
using MailOps.Dns;
using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Control;
using MailOps.Relay.Delivery;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Mail;
using MailOps.Relay.Policy;
using MailOps.Relay.Queue;
using MailOps.Relay.Server;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Pickup;
using MailOps.Relay.Trace;

namespace MailOps.Relay;

/// <summary>
/// A relay: the one place where its parts meet. Mail goes server → policy → queue (250 only now: it is on disk) → delivery, and every step is traced.
/// </summary>
/// <remarks>Starting opens the queue before the listeners, and stopping closes them in the other order, so no message is accepted that cannot be kept.</remarks>
public sealed class SmtpRelay : IRelay, IAsyncDisposable
{
    private readonly SmtpRelayOptions _options;
    private readonly string _hostName;
    private readonly DateTimeOffset _started;
    private readonly TrackingLog _trace;
    private readonly LogQueue _queue;
    private readonly OutboundTls _tls;
    private readonly DeliveryAgent _delivery;
    private readonly SmtpServer _server;
    private readonly IUserDirectory _users;
    private readonly PickupFolder? _pickup;
    private readonly AliasesFile? _aliases;
    private readonly QueueViews _views;
    private readonly MessageActions _messages;
    private readonly QueueActions _queues;
    private readonly ProtocolLogActions _protocolLogs;
    private readonly IReadOnlyList<string> _warnings;
    private readonly Lock _stopping = new();
    private Task? _stop;

    private SmtpRelay(SmtpRelayOptions options, string hostName, DateTimeOffset started, TrackingLog trace, LogQueue queue, OutboundTls tls, DeliveryAgent delivery, SmtpServer server, IUserDirectory users, PickupFolder? pickup, AliasesFile? aliases)
    {
        (_options, _hostName, _started, _trace, _queue, _tls, _delivery, _server, _users, _pickup, _aliases) = (options, hostName, started, trace, queue, tls, delivery, server, users, pickup, aliases);
        _warnings = OptionsValidator.Warnings(options);
        var admin = new AdminTrace(trace, TimeProvider.System);
        _views = new QueueViews(options.Name, delivery.NextHopOf, delivery.PaceOf);
        _messages = new MessageActions(queue, queue, delivery, admin, TimeProvider.System);
        _queues = new QueueActions(queue, delivery, _messages, admin);
        _protocolLogs = new ProtocolLogActions(options.Name, server);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <summary>Starts a relay; when it returns, the relay listens and delivers.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="cancellationToken">Gives up starting; nothing stays behind but the queue's folder.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.RelayConfigurationInvalid"/>, <see cref="ErrorCode.RelayQueueUnusable"/> or <see cref="ErrorCode.RelayListenFailed"/>.
    /// </exception>
    public static async Task<SmtpRelay> StartAsync(SmtpRelayOptions options, CancellationToken cancellationToken)
    {
        OptionsValidator.Validate(options);
        var clock = TimeProvider.System;
        var hostName = options.HostName is { } given ? DomainName.ToAscii(given) : MachineName();
        DeliveryAgent.CheckCredentials(options.Routes, clock);   // one that leads nowhere is told now, not by mail that waits
        var dns = new DnsResolver(options.Delivery.DnsServers, trustDnssec: options.Delivery.TrustDnssec);

        var queue = await OpenQueueAsync(options, clock, cancellationToken).ConfigureAwait(false);
        OutboundTls? tls = null;
        DeliveryAgent? delivery = null;
        IUserDirectory? users = null;
        PickupFolder? pickup = null;
        AliasesFile? aliases = null;
        try
        {
            users = UsersOf(options, queue.Trace, clock);
            options = options with { Users = [.. options.Users.Select(u => u with { Password = new SecretReference() })] };   // from here on there are only hashes
            aliases = options.AliasesFile is { } file ? new AliasesFile(file, queue.Trace, clock) : null;
            var srs = SrsSecrets.AreNeeded(options) ? new SenderRewriting(SrsSecrets.Of(options.Srs, options.QueuePath), clock) : null;
            var recipients = new Recipients(queue.Log, new AliasTable(options, aliases), srs, options.Srs.Domain, (address, sender) => delivery!.RefusalOf(address, sender), queue.Trace, clock);
            tls = new OutboundTls(options, hostName, dns, queue.Log, queue.Trace, clock);
            delivery = new DeliveryAgent(queue.Log, options, hostName, dns, queue.Trace, clock, reports: recipients, folder: options.QueuePath) { Tls = tls.Services };
            var target = new RewrittenAddresses(new RelayPolicy(recipients, options, recipients.PassesOn), options.Rewrite);
            pickup = options.Pickup is null ? null : new PickupFolder(options, hostName, queue.Log.SpoolFolder, target, queue.Trace, clock);
            pickup?.Start();
            var server = SmtpServer.Start(options, hostName, queue.Log.SpoolFolder, target, users, queue.Trace, clock);
            delivery.Start();
            return new SmtpRelay(options, hostName, clock.GetUtcNow(), queue.Trace, queue.Log, tls, delivery, server, users, pickup, aliases);
        }
        catch
        {
            await GiveUpAsync().ConfigureAwait(false);
            throw;
        }

        // The caller is told why it does not start, and the faults file what else went wrong.
        async Task GiveUpAsync()
        {
            try
            {
                await Parts.EndAsync(() => Parts.DisposeAsync(pickup), () => Parts.DisposeAsync(delivery), () => Parts.DisposeAsync(tls), () => Parts.DisposeAsync(users), () => Parts.DisposeAsync(aliases), queue.Log.DisposeAsync).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                queue.Trace.Fault("relay, giving up a start", e);
            }
            await queue.Trace.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public SmtpRelayStatus GetStatus() => new()
    {
        Name = Name,
        Status = _stop is null ? "Running" : _stop.IsCompleted ? "Stopped" : "Stopping",
        HostName = _hostName,
        Listeners = _server.Listeners,
        Warnings = [.. _warnings, .. _server.Warnings.Concat(_delivery.Warnings).Append(_pickup?.Warning).Append(_queue.Warning).Append(_queue.WriteWarning).Append(_trace.Warning).OfType<string>()],
        QueuePath = _options.QueuePath,
        Started = _started,
        SessionCount = _server.SessionCount,
        MessageCount = _queue.Count,
        SuspendedQueues = [.. _queue.SuspendedHops],
        Received = _trace.Received,
        Delivered = _delivery.Delivered,
        Deferred = _delivery.Deferred,
        Failed = _delivery.Failed,
    };

    /// <inheritdoc/>
    public IReadOnlyList<SmtpRelayQueue> GetQueues() => _views.Queues(_queue.Sketches(), _queue.SuspendedHops, TimeProvider.System.GetUtcNow());

    /// <inheritdoc/>
    public string? WhyNothingComes(string nextHop) => _delivery.WhyNothingComes(nextHop);

    /// <inheritdoc/>
    public IEnumerable<SmtpRelayMessage> GetMessages() => _queue.Snapshot().Select(View);

    /// <inheritdoc/>
    public IEnumerable<SmtpRelayMessage> GetMessages(IReadOnlyList<string> queueIds) => queueIds.Select(_queue.Find).OfType<QueuedMessageState>().Select(View);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SmtpRelayActionResult>> ActOnMessagesAsync(IReadOnlyList<string> queueIds, SmtpRelayAction action, CancellationToken cancellationToken) =>
        _messages.ActAsync(queueIds, action, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SmtpRelayActionResult>> ActOnQueuesAsync(IReadOnlyList<string> nextHops, SmtpRelayAction action, CancellationToken cancellationToken) =>
        _queues.ActAsync(nextHops, action, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream?> OpenMessageAsync(string queueId, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => _queue.OpenContent(queueId)?.OpenRead(), cancellationToken).ConfigureAwait(false);   // all of it is read, to check it
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"The content of message {queueId} cannot be read: {e.Message}", "The faults file in the tracking folder tells more; the message stays queued.", e);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<SmtpRelayTrackingEvent> GetTrackingLog(DateTimeOffset from, DateTimeOffset until) => _trace.Read(from, until);

    /// <inheritdoc/>
    public IReadOnlyList<SmtpRelayIPBlockListEntry> GetBlockedAddresses() => [.. _server.Authentication.Failures.Blocked().Select(b => new SmtpRelayIPBlockListEntry
    {
        Identity = $"{Name}\\{b.Network}",
        IPRange = b.Network,
        ExpirationTime = b.Until,
        IsMachineGenerated = true,
        Comment = string.Create(CultureInfo.InvariantCulture, $"{b.Failures} failed authentications"),
    })];

    /// <inheritdoc/>
    public bool RemoveBlockedAddress(string ipRange) => _server.Authentication.Failures.Unblock(ipRange);

    /// <inheritdoc/>
    public IReadOnlyList<SmtpRelayProtocolLog> GetProtocolLogs() => _protocolLogs.All;

    /// <inheritdoc/>
    public SmtpRelayProtocolLog EnableProtocolLog(string? listener, string? remoteIPAddress, TimeSpan? duration) => _protocolLogs.Enable(listener, remoteIPAddress, duration);

    /// <inheritdoc/>
    public bool DisableProtocolLog(string identity) => _protocolLogs.Disable(identity);

    /// <inheritdoc/>
    public void ReloadCertificates() => _server.ReloadCertificates();

    /// <inheritdoc/>
    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken) => _queue.WaitUntilEmptyAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        lock (_stopping) return _stop ??= StopPartsAsync(grace, cancellationToken);
    }

    /// <summary>Stops at once; what is in flight stays queued.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);

    private SmtpRelayMessage View(QueuedMessageState message) => _views.Message(message, _options.Retry, TimeProvider.System.GetUtcNow());

    private async Task StopPartsAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var begun = clock.GetTimestamp();
        await Parts.EndAsync(
            () => Parts.DisposeAsync(_pickup),
            () => new ValueTask(_server.StopAsync(grace, cancellationToken)),
            () => new ValueTask(_delivery.StopAsync(Rest(), cancellationToken)),
            _server.DisposeAsync,
            _delivery.DisposeAsync,
            _tls.DisposeAsync,
            () => Parts.DisposeAsync(_users),
            () => Parts.DisposeAsync(_aliases),
            _queue.DisposeAsync,
            _trace.DisposeAsync).ConfigureAwait(false);

        // One time for both, not one each.
        TimeSpan Rest() => grace - clock.GetElapsedTime(begun) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private static async Task<(LogQueue Log, TrackingLog Trace)> OpenQueueAsync(SmtpRelayOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        TrackingLog? trace = null;
        try
        {
            trace = new TrackingLog(Path.Combine(options.QueuePath, "tracking"), clock);
            return (await LogQueue.OpenAsync(options.QueuePath, options.Limits.MinFreeSpace, trace, clock, cancellationToken).ConfigureAwait(false), trace);
        }
        catch (Exception e)
        {
            if (trace is not null) await trace.DisposeAsync().ConfigureAwait(false);
            if (e is IOException or UnauthorizedAccessException)
                throw new MailOpsException(ErrorCode.RelayQueueUnusable, $"The queue folder {options.QueuePath} cannot be used: {e.Message}", "Check the path, its permissions and the space on its disk.", e);
            throw;
        }
    }

    private static IUserDirectory UsersOf(SmtpRelayOptions options, TrackingLog trace, TimeProvider clock) => options.Authentication.Check is { } check
        ? new CheckedUsers(check, options.Authentication.CheckTimeout, clock)
        : new UserDirectory(
            options.Users.Select(u => (u.Name, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Secrets.Resolve(u.Password)), u.Senders)).ToList(),
            options.UsersFile is { } file ? new UsersFile(file, clock) : null, trace, clock);

    // The name for EHLO must be one that resolves where there is one (RFC 5321 section 4.1.4); a bare machine name gets a suffix that never does.
    private static string MachineName()
    {
        var machine = IPGlobalProperties.GetIPGlobalProperties();
        var name = machine.DomainName is { Length: > 0 } domain && domain != "(none)" ? $"{machine.HostName}.{domain}" : machine.HostName;
        name = DomainName.ToAscii(name);
        if (!EmailAddress.IsDomain(name)) return "localhost.localdomain";
        return name.Contains('.') ? name : name + ".localdomain";
    }
}
