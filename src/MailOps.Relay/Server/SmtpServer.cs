using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Proxy;
using MailOps.Relay.Server.Transcripts;

namespace MailOps.Relay.Server;

/// <summary>
/// Where mail comes in: listens, gives every client a session, and hands what they bring to the target. Sessions share nothing they would have to wait for
/// each other at, and hold neither a thread nor a buffer while they wait for their client.
/// </summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private static readonly TimeSpan DeadlineCheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly Surroundings _surroundings;
    private readonly List<Task> _accepting = [];
    private readonly ConcurrentDictionary<Connection, byte> _connections = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _deadlines;
    private int _open;
    private int _stopping;

    private SmtpServer(Surroundings surroundings)
    {
        _surroundings = surroundings;
        _deadlines = surroundings.Clock.CreateTimer(_ => CheckDeadlines(), null, DeadlineCheck, DeadlineCheck);
    }

    /// <summary>What its sessions share.</summary>
    internal Surroundings Surroundings => _surroundings;

    /// <summary>The listeners, in the order of the options.</summary>
    internal List<Listener> Bound { get; } = [];

    /// <summary>Where the server listens, with the ports it really has.</summary>
    public IReadOnlyList<SmtpRelayListener> Listeners => [.. Bound.Select(l => l.Description)];

    /// <summary>How clients prove who they are.</summary>
    internal Authenticator Authentication => _surroundings.Authentication;

    /// <summary>What is said in sessions, for whom somebody asked.</summary>
    internal ProtocolLog ProtocolLog => _surroundings.ProtocolLog;

    /// <summary>What is risky about the listeners, and what is missing in the protocol log, each a sentence.</summary>
    public IReadOnlyList<string> Warnings => [.. Bound.Select(l => l.Warning).Append(ProtocolLog.Warning).OfType<string>()];

    /// <summary>Sessions open now.</summary>
    public int SessionCount => Volatile.Read(ref _open);

    /// <summary>Takes its ports and begins to serve.</summary>
    /// <param name="options">Listeners and limits.</param>
    /// <param name="hostName">The name in greeting and trace header.</param>
    /// <param name="spoolFolder">Where large content is written while it comes in; made if absent. The queue clears it of what a crash left there.</param>
    /// <param name="target">Where mail goes: policy, and the queue behind it.</param>
    /// <param name="users">Who may authenticate; asked only where the options have users.</param>
    /// <param name="trace">Where accepted messages and faults are told.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.RelayListenFailed"/> where a port cannot be taken, <see cref="ErrorCode.RelayConfigurationInvalid"/> where a certificate cannot be
    /// used; then no port is taken.
    /// </exception>
    public static SmtpServer Start(
        SmtpRelayOptions options, string hostName, string spoolFolder, IMailTarget target, IUserDirectory users, IMailTrace trace, TimeProvider clock)
    {
        new LocalDisk().CreateFolder(Path.GetFullPath(spoolFolder));
        var server = new SmtpServer(new Surroundings(options, hostName, spoolFolder, target, users, trace, clock));
        try
        {
            foreach (var listener in options.Listeners) server.Bound.Add(Listener.Bind(listener, server._surroundings));
        }
        catch
        {
            server.Release();
            throw;
        }
        foreach (var listener in server.Bound.Where(listener => listener.Options.ProtocolLog)) server.ProtocolLog.Enable(listener.Endpoint, null, null);
        foreach (var listener in server.Bound) server._accepting.Add(server.AcceptAsync(listener));
        return server;
    }

    /// <summary>Reads the certificate files of all listeners again; what cannot be used stays as it is.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.RelayConfigurationInvalid"/> with everything that cannot be used.</exception>
    public void ReloadCertificates()
    {
        var faults = new List<MailOpsException>();
        foreach (var listener in Bound)
        {
            try
            {
                listener.Certificates?.Reload();
            }
            catch (MailOpsException e)
            {
                faults.Add(e);
            }
        }
        if (faults is [var first, ..]) throw new MailOpsException(first.Code, string.Join(" ", faults.Select(f => f.Message).Distinct()), first.Hint, first);
    }

    /// <summary>
    /// Stops: no new sessions; a session with no message in transfer is told 421 4.3.2 at once; a message in transfer may finish. What
    /// is still open when the grace is over, or the token says so, is cut.
    /// </summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
        {
            _surroundings.Stopping = true;
            try
            {
                await _stopped.CancelAsync().ConfigureAwait(false);
            }
            catch (AggregateException e)   // as below: it must not keep the listeners open
            {
                _surroundings.Trace.Fault("server, ending what waits to accept again", e);
            }
            foreach (var listener in Bound) listener.Dispose();
            await Task.WhenAll(_accepting).ConfigureAwait(false);
            ForEachConnection(connection => connection.Interrupt());
            if (_open == 0) _empty.TrySetResult();
        }
        try
        {
            await _empty.Task.WaitAsync(grace, _surroundings.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            ForEachConnection(connection => connection.Abort());
            await _empty.Task.ConfigureAwait(false);
        }
        await ProtocolLog.DisposeAsync().ConfigureAwait(false);
        Release();
    }

    /// <summary>Stops without grace.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);

    /// <summary>Serves one client to its end.</summary>
    /// <param name="stream">The bytes from and to the client; disposed at the end.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="listener">The listener it came to.</param>
    internal async Task ServeAsync(Stream stream, IPAddress client, Listener listener)
    {
        var open = Interlocked.Increment(ref _open);
        try
        {
            await TalkAsync(stream, client, listener, open).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    private async Task TalkAsync(Stream stream, IPAddress client, Listener listener, int open)
    {
        var connection = new Connection(stream, client, _surroundings.Clock, listener.Limits);
        _connections.TryAdd(connection, 0);
        try
        {
            var refusal = open > _surroundings.Options.Limits.MaxSessions ? Replies.TooManySessions : null;
            if (refusal is null && listener.ProxyNetworks?.Contains(connection.Client) == true && !await ProxyReader.TryConveyAsync(connection, listener, _surroundings).ConfigureAwait(false))
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                return;
            }
            var session = new Session(connection, listener, _surroundings);   // not before: whose session it is decides what it may
            refusal ??= session.Admit();
            await (refusal is null ? session.RunAsync() : session.RefuseAsync(refusal)).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task ServeAsync(Socket socket, Listener listener, int open)
    {
        try
        {
            socket.NoDelay = true;   // replies are written whole; waiting for more to send with them would only cost time
            var client = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            await TalkAsync(new NetworkStream(socket, ownsSocket: true), client, listener, open).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            socket.Dispose();   // the client left before it was greeted
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0 && _surroundings.Stopping) _empty.TrySetResult();
    }

    private async Task AcceptAsync(Listener listener)
    {
        while (true)
        {
            try
            {
                if (await listener.AcceptAsync().ConfigureAwait(false) is not { } socket) return;
                var open = Interlocked.Increment(ref _open);   // here, so that a stop at this instant waits for it
                _ = ServeAsync(socket, listener, open);   // goes on here until it waits for its client, which is a greeting later
            }
            catch (SocketException e)
            {
                // No descriptors left, most likely. The sessions go on; the next try waits, lest this turns in circles.
                _surroundings.Trace.Fault($"listener {listener.Endpoint}, accepting", e);
                try
                {
                    await Task.Delay(AcceptPause, _surroundings.Clock, _stopped.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    // What waits for a connection is told on this thread that it ends, and what it throws then must neither keep the others going nor end the process.
    private void ForEachConnection(Action<Connection> action)
    {
        foreach (var (connection, _) in _connections)
        {
            try
            {
                action(connection);
            }
            catch (AggregateException e)
            {
                _surroundings.Trace.Fault($"session {connection.Client}, ending it", e);
            }
        }
    }

    private void CheckDeadlines()
    {
        var now = _surroundings.Clock.GetTimestamp();
        ForEachConnection(connection => connection.Expire(now));
        foreach (var listener in Bound) listener.Certificates?.LookNowAndThen(now);
        ProtocolLog.Expire();
    }

    private void Release()
    {
        foreach (var listener in Bound) listener.Dispose();
        _deadlines.Dispose();
        Authentication.Dispose();
        _stopped.Dispose();
    }
}
