using System.Globalization;
using System.Net.Sockets;
using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Delivery.Trust;
using MailOps.Relay.Mail;
using MailOps.Submission;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// One next hop that speaks SMTP or LMTP. Beginning a message takes a parked connection or opens one, at the first of the next hop's hosts that
/// lets it; being refused at that point means that the next hop as a whole cannot be reached now. What the sender and the recipients are told
/// comes with the commit, for the envelope travels with the content.
/// </summary>
internal sealed class SmtpTarget : IOverlappingTarget, IPacedTarget, IAsyncDisposable
{
    private static readonly SmtpReply Begun = new(250, "2.0.0", "Begun");
    private readonly NextHop _hop;
    private readonly DeliveryContext _context;
    private readonly HostList _hosts;
    private readonly TlsTrust _trust;
    private readonly ConnectionCache _cache;
    private volatile PaceBounds? _bounds;
    private volatile string? _missed;

    public SmtpTarget(NextHop hop, DeliveryContext context)
    {
        (_hop, _context) = (hop, context);
        _hosts = new HostList(hop, context.HostName, context.Own, context.Dns);
        _trust = new TlsTrust(hop, context);
        _cache = new ConnectionCache(context.Options.ConnectionIdle, context.Clock, context.Abort);
    }

    /// <inheritdoc/>
    public PaceBounds? Bounds
    {
        set
        {
            _bounds = value;
            _cache.Lifetime = value?.ConnectionIdle ?? _context.Options.ConnectionIdle;
        }
    }

    /// <inheritdoc/>
    public string? Missed => _missed;

    /// <inheritdoc/>
    public int Idle => _cache.Count;

    /// <inheritdoc/>
    public async Task CloseIdleAsync()
    {
        if (_cache.Take() is { } idle) await idle.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        try
        {
            return new MailBegin(new SmtpTransaction(this, await ReadyAsync(cancellationToken).ConfigureAwait(false), sender), Begun);
        }
        catch (SmtpFailureException failure)
        {
            return new MailBegin(null, failure.Reply) { IsOwn = failure.IsOwn };
        }
    }

    /// <inheritdoc/>
    public ValueTask<MailBegin> FollowAsync(IMailTransaction before, MailSender sender, CancellationToken cancellationToken) =>
        before is SmtpTransaction { IsOver: false } ending ? ValueTask.FromResult(new MailBegin(new SmtpTransaction(this, ending, sender), Begun)) : BeginAsync(sender, cancellationToken);

    /// <summary>A connection that is parked, or a new one.</summary>
    /// <exception cref="SmtpFailureException">None can be had.</exception>
    public async ValueTask<SmtpConnection> ReadyAsync(CancellationToken cancellationToken) => _cache.Take() ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Opens a connection to the first host that lets us.</summary>
    /// <exception cref="SmtpFailureException">None does; the reply says which was asked last, and what it said.</exception>
    /// <exception cref="DeliveryStoppedException">The relay stops. Nothing of a message is there yet, so that no server is waited for.</exception>
    public async ValueTask<SmtpConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopping);
        try
        {
            return await ConnectToFirstAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (Stopping.IsCancellationRequested)
        {
            throw new DeliveryStoppedException(e);
        }
    }

    /// <summary>The relay stops.</summary>
    public CancellationToken Stopping => _context.Stopping;

    private async ValueTask<SmtpConnection> ConnectToFirstAsync(CancellationToken cancellationToken)
    {
        if (_hop.Credential is { } credential) await PrepareAsync(credential, cancellationToken).ConfigureAwait(false);
        SmtpFailureException? last = null;
        var hosts = await _hosts.FindAsync(cancellationToken).ConfigureAwait(false);
        var missed = _hosts.Unknown;
        var policy = await _trust.PolicyAsync(cancellationToken).ConfigureAwait(false);
        foreach (var host in hosts)
        {
            try
            {
                var connection = await OpenAsync(host, policy, cancellationToken).ConfigureAwait(false);
                _missed = missed is null || _hop.Servers.Count < 2 ? null : $"A preferred server is not reached, and mail goes to {host.Peer} instead: {missed}";
                return connection;
            }
            catch (SmtpFailureException failure)
            {
                TellAdministrator(failure);
                var verdict = FailurePolicy.Judge(failure.Step, failure.Reply);
                // What may pass prevails over what will not: another time that host may take the message.
                if (last is null || verdict.Status == DeliveryStatus.Deferred || FailurePolicy.Judge(last.Step, last.Reply).Status == DeliveryStatus.Failed)
                    last = failure.As(Told(host, failure, verdict.Status));
                missed ??= Told(host, failure, verdict.Status).ToString();
                if (verdict.Scope != FailureScope.Host) break;
            }
        }
        throw last!;
    }

    /// <summary>A server has been seen to throw away what was written behind a message that it had not answered, which costs a wait: nothing is any more.</summary>
    public void StopOverlapping(SmtpConnection connection) => _context.EarlyInput.Add(connection.Server);

    /// <summary>The time.</summary>
    public DateTimeOffset Now => _context.Clock.GetUtcNow();

    /// <summary>Takes a connection back: parked where it may serve again, closed otherwise.</summary>
    public async ValueTask ReturnAsync(SmtpConnection connection)
    {
        if (MayServe(connection) && _cache.Park(connection)) return;
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Whether the next message may begin behind one that is not answered yet.</summary>
    public bool MayFollow(SmtpConnection connection) => MayServe(connection) && !_context.EarlyInput.IsThrownAwayBy(connection.Server);

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    private bool MayServe(SmtpConnection connection) =>
        connection.IsUsable && connection.HasRoom(_bounds?.MaxMessagesPerConnection ?? _context.Options.MaxMessagesPerConnection, oneDomain: _hop is { Kind: RouteKind.Mx });

    // No connection is made where there is nothing to show it.
    private async ValueTask PrepareAsync(RouteOptions credential, CancellationToken cancellationToken)
    {
        try
        {
            await _context.Credentials.Of(credential, "", 0).SecretAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpFailureException failure)
        {
            TellAdministrator(failure);
            throw;
        }
    }

    private void TellAdministrator(SmtpFailureException failure)
    {
        if (failure.InnerException is MailOpsException fault) _context.Trace.Fault($"connecting to {_hop}", fault);
    }

    private async ValueTask<SmtpConnection> OpenAsync(SmtpHost host, MtaStsAnswer policy, CancellationToken cancellationToken)
    {
        var decision = await _trust.DecideAsync(host, policy, cancellationToken).ConfigureAwait(false);
        var opening = Opening(host, decision);
        if (opening.Tls == TlsMode.Auto && _context.BrokenTls.Contains(host.EndPoint)) opening = opening with { Tls = TlsMode.None };
        try
        {
            return await OpenAsync(host, decision, opening, null, cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpFailureException failure) when (failure.Step == SmtpStep.Handshake && opening.Tls == TlsMode.Auto)
        {
            // RFC 7435 section 3: where TLS is only an opportunity, a server that cannot do it gets plain text as before.
            var connection = await OpenAsync(host, decision, opening with { Tls = TlsMode.None }, failure, cancellationToken).ConfigureAwait(false);
            _context.BrokenTls.Add(host.EndPoint);   // only now: before, it may have been the network
            return connection;
        }
        catch (SmtpFailureException failure) when (failure is { Step: SmtpStep.Auth, IsOwn: false, Reply.IsPermanent: true } && opening.Credential is { IsToken: true } credential && credential.CanRenew())
        {
            return await OpenAsync(host, decision, opening, null, cancellationToken).ConfigureAwait(false);   // once: with another token
        }
    }

    private async ValueTask<SmtpConnection> OpenAsync(SmtpHost host, TlsDecision decision, OpeningOptions opening, SmtpFailureException? handshake, CancellationToken cancellationToken)
    {
        var stream = await host.ConnectAsync(_context.Options.ConnectTimeout, _context.Clock, cancellationToken).ConfigureAwait(false);
        var local = (stream as NetworkStream)?.Socket.LocalEndPoint;
        var channel = new SmtpChannel(stream, _context.Clock);
        try
        {
            SmtpConnection connection;
            using (channel.Bind(cancellationToken)) connection = await SmtpOpening.RunAsync(channel, opening, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();   // or it was ended as it stood, and the message would seem to fail
            connection.Server = host.Server;
            _trust.Opened(host, decision, connection, handshake, local);
            return connection;
        }
        catch (Exception e)
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            if (e is SmtpFailureException failure && opening.Tls != TlsMode.Auto) _trust.Failed(host, decision, failure, local);
            throw;
        }
    }

    private OpeningOptions Opening(SmtpHost host, TlsDecision decision) => new()
    {
        HostName = _context.HostName,
        Certificate = decision.Certificate,
        Peer = host.Peer,
        IsLmtp = _hop.Kind == RouteKind.Lmtp,
        IsLoopback = host.IsLoopback,
        // For a provider that slows down who comes without TLS; a sender who has said TLS-Required: No would rather be slow (RFC 8689 section 4.2.2).
        Tls = decision.Mode == TlsMode.Auto && _bounds is { RequireTls: true } && !_hop.TlsOptional ? TlsMode.StartTls : decision.Mode,
        RequireTls = _hop.RequireTls,
        IsNameTrusted = decision.IsNameTrusted,
        Credential = _hop.Credential is { } route ? _context.Credentials.Of(route, host.Name, (host.EndPoint as System.Net.IPEndPoint)?.Port ?? 0) : null,
    };

    // A permanent reply that means only "not now" (a refused password, a 554 greeting) is told as the temporary one it amounts to.
    private static SmtpReply Told(SmtpHost host, SmtpFailureException failure, DeliveryStatus status)
    {
        var reply = failure.Reply;
        var advice = failure is { Step: SmtpStep.Auth, IsOwn: false } && AuthenticationAdvice.OnAuth(reply) is { } known ? $". {known.Text}" : "";
        if (status == DeliveryStatus.Failed || reply.IsTemporary) return reply with { Text = $"{host.Peer}: {reply.Text}{advice}" };
        var enhanced = reply.EnhancedCode is ['5', .. var rest] ? string.Create(CultureInfo.InvariantCulture, $"4{rest}") : failure.Step == SmtpStep.Auth ? "4.7.8" : "4.3.0";
        return new SmtpReply(451, enhanced, $"{host.Peer} said '{reply}' {SmtpSteps.Words(failure.Step)}{advice}");
    }
}
