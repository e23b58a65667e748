using System.Net;
using MailOps.Relay.Mail;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Handshake;
using MailOps.Relay.Server.Limits;
using MailOps.Relay.Server.Proxy;
using MailOps.Relay.Server.Transcripts;

namespace MailOps.Relay.Server;

/// <summary>
/// One client's conversation: read a line, find its row, check it against what the session has, run it, say the reply. Replies to a pipelined group gather
/// and go out in one write: at the group's end, or when there is no more input to work on (RFC 2920 section 3.2).
/// </summary>
internal sealed class Session(Connection connection, Listener listener, Surroundings server)
{
    /// <summary>RFC 5321 section 4.5.3.1.4: how much of an endless line is swallowed before the session ends.</summary>
    private const int MaxSwallowed = 256 * 1024;

    private readonly bool _mayConvey = listener.XclientNetworks?.Contains(connection.Client) ?? false;   // by who is connected, whatever it conveys
    private Conduct _conduct;
    private IPAddress? _countedAs;
    private TlsIdentity? _identity;
    private SessionTranscript? _transcript;
    private IReadOnlyList<ProtocolRule>? _rules;
    private bool _isCovered;
    private bool _maySaySecrets;

    public Connection Connection => connection;

    public Listener Listener => listener;

    public Surroundings Server => server;

    /// <summary>What the client may ask for at this listener.</summary>
    public LimitOptions Limits => listener.Limits;

    /// <summary>What the client called itself; null before EHLO or HELO.</summary>
    public string? Helo { get; private set; }

    /// <summary>Whether it said EHLO.</summary>
    public bool Extended { get; private set; }

    /// <summary>The user it authenticated as.</summary>
    public string? User { get; private set; }

    /// <summary>Whether the relay's own users had this one when it authenticated: then it stays in only as long as they have it.</summary>
    public bool UserIsListed { get; private set; }

    /// <summary>Authentications that failed.</summary>
    public int FailedAuthentications { get; set; }

    /// <summary>Messages begun.</summary>
    public int Messages { get; set; }

    /// <summary>The domains of its recipients, where their number is limited.</summary>
    public HashSet<string>? RecipientDomains { get; set; }

    /// <summary>What TLS says about both ends; null without TLS. Worked out when AUTH or EHLO asks for it.</summary>
    public TlsIdentity? TlsIdentity => Conveyed is not null ? null : _identity ??= connection.SecureStream is { } stream ? TlsIdentity.Of(stream, listener.Clients) : null;

    /// <summary>For whom a proxy said that it speaks; null where it did not.</summary>
    public ConveyedClient? Conveyed { get; private set; }

    /// <summary>Where what is said is written down; null as a rule: nobody asked for it.</summary>
    public SessionTranscript? Transcript => server.ProtocolLog.Rules is { } rules ? TranscriptBy(rules) : null;

    /// <summary>The message that is on its way.</summary>
    public Transaction? Transaction { get; set; }

    /// <summary>What the session has, for the command table.</summary>
    public Has Has =>
        (Helo is null ? 0 : Has.Greeting) | (connection.Tls is null ? 0 : Has.Tls) | (User is null ? 0 : Has.User)
        | (Transaction is null ? 0 : Has.Transaction) | (Transaction is { Recipients.Count: > 0 } ? Has.Recipient : 0) | (Transaction is { Content: not null } ? Has.Chunk : 0)
        | (_mayConvey ? Has.Conveyor : 0);

    /// <summary>The same, and what TLS says of both ends: what AUTH can do depends on it.</summary>
    public Has HasByTls => Has | (TlsIdentity?.CertificateUser is null ? 0 : Has.Certificate) | (TlsIdentity?.Binding is null ? 0 : Has.Binding);

    /// <summary>Talks until one side has enough. It never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            Transcript?.Connected();
            if (listener is { Tls: TlsMode.Implicit, Certificates: { } certificates }) await StartTlsAsync(certificates).ConfigureAwait(false);
            Say(listener.Greeting);
            while (await NextAsync().ConfigureAwait(false)) { }
            await connection.FlushAsync().ConfigureAwait(false);
        }
        catch (ConnectionLostException e)
        {
            // The client is gone: its message, if one was on its way, never happened.
            Transcript?.Note(e.InnerException is { } cause ? $"the connection was lost: {cause.Message}" : "the client closed the connection in the middle of something");
        }
        catch (OperationCanceledException) when (connection.Aborted.IsCancellationRequested)
        {
            // The server cut the connection in the middle of a command.
        }
        catch (Exception e)
        {
            server.Trace.Fault($"session {connection.Client}", e);
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Counts the session in for its client, or says why not. A proxy is not counted for itself: those it speaks for are.</summary>
    public Reply? Admit() => _mayConvey ? null : Admit(connection.Client);

    /// <summary>Begins anew as the session of a proxy's client: what was said before, and whose it was, is forgotten. Null, or why it cannot go on.</summary>
    public Reply? Become(ConveyedClient client)
    {
        if (client.Address is { } address)
        {
            if (!address.Equals(connection.Client) && Admit(address) is { } refusal) return refusal;
            connection.Convey(address, client.Port);
        }
        Conveyed = client;
        (Helo, Extended) = (client.Helo, !client.Plain);
        LogIn(client.Login, listed: false);
        (_conduct, FailedAuthentications, Messages, RecipientDomains, _rules) = (default, 0, 0, null, null);
        return null;
    }

    private Reply? Admit(IPAddress client)
    {
        if (server.Admit(client, listener) is { } refusal) return refusal;
        if (_countedAs is { } before) server.Sessions.Leave(before);
        _countedAs = client;
        return null;
    }

    /// <summary>Ends before it began: one reply, where the client can read it.</summary>
    public async Task RefuseAsync(Reply reply)
    {
        try
        {
            Transcript?.Connected();
            // A handshake for every connection too many would be the heavier load.
            if (listener.Tls != TlsMode.Implicit) Say(reply);
            await connection.FlushAsync().ConfigureAwait(false);
        }
        catch (ConnectionLostException)
        {
            // It did not wait for its refusal.
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Puts a reply into the next write.</summary>
    public void Say(Reply reply)
    {
        Transcript?.Sent(reply);
        connection.Write(reply.Wire.Span);
    }

    /// <summary>Begins TLS.</summary>
    /// <exception cref="ConnectionLostException">The handshake failed.</exception>
    public async ValueTask StartTlsAsync(ListenerCertificates certificates)
    {
        await connection.StartTlsAsync(certificates.Callback).ConfigureAwait(false);
        Transcript?.Note(connection.Tls!);
    }

    /// <summary>A new greeting ends the transaction (RFC 5321 section 4.1.4).</summary>
    public async ValueTask GreetAsync(string name, bool extended)
    {
        await ResetAsync().ConfigureAwait(false);
        (Helo, Extended) = (name, extended);
    }

    /// <summary>RFC 3207 section 4.2: nothing the client said before TLS counts any more.</summary>
    public void Forget()
    {
        (Helo, Extended) = (null, false);
        LogIn(null, listed: false);
    }

    /// <summary>From here on it is the session of this user; of nobody for null.</summary>
    public void LogIn(string? user, bool listed) => (User, UserIsListed) = (user, listed);

    /// <summary>A message was accepted: what the client got wrong on the way is forgiven.</summary>
    public void Forgive() => _conduct.Forgive();

    /// <summary>Drops the transaction; the message never happened.</summary>
    public async ValueTask ResetAsync()
    {
        if (Transaction is not { } transaction) return;
        Transaction = null;
        await transaction.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Reads one line.</summary>
    /// <param name="maxLength">The longest it may be, with CR LF; by default that of a command.</param>
    public async ValueTask<Line> ReadLineAsync(int maxLength = CommandLine.MaxLength)
    {
        var deadline = connection.Deadline();
        while (true)
        {
            var state = CommandLine.TryTake(connection.Buffered, out var text, out var taken, maxLength);
            connection.Consume(taken);
            switch (state)
            {
                case LineState.Complete: return new Line(text, null, false);
                case LineState.Malformed: return new Line(default, Replies.LineMalformed, false);
                case LineState.TooLong: return new Line(default, Replies.LineTooLong, false);
                case LineState.Overflowing: return await SwallowLineAsync(deadline).ConfigureAwait(false);
                default: break;
            }
            if (await AwaitInputAsync(deadline).ConfigureAwait(false) is { } end) return end;
        }
    }

    /// <summary>Waits for more of a message's content. Null where there is some, otherwise what ends the session.</summary>
    /// <exception cref="ConnectionLostException">The client closed in the middle of it.</exception>
    public async ValueTask<Reply?> AwaitContentAsync() => await connection.FillAsync(connection.Deadline(), content: true).ConfigureAwait(false) switch
    {
        Input.End => throw new ConnectionLostException(),
        Input.TimedOut => TimeOut,
        _ => connection.IsOver ? Replies.SessionTooLong : null,
    };

    /// <summary>Where a message of this session comes from, as policy and the trace header see it.</summary>
    /// <param name="smtpUtf8">Whether the transaction is one of RFC 6531.</param>
    public MailOrigin Origin(bool smtpUtf8)
    {
        // RFC 3848 section 1, RFC 6531 section 4.3: S for TLS, A for AUTH.
        var protocol = smtpUtf8 ? "UTF8SMTP" : Extended ? "ESMTP" : "SMTP";
        if (smtpUtf8 || Extended) protocol += (connection.Tls is null ? "" : "S") + (User is null ? "" : "A");
        return new MailOrigin(connection.Client, Helo!, protocol) { UserName = User, Tls = connection.Tls, Listener = listener.Endpoint, RelayNetworks = listener.RelayNetworks, ClientName = Conveyed?.Name };
    }

    /// <summary>Waits for more bytes; null where there are some.</summary>
    private async ValueTask<Line?> AwaitInputAsync(long deadline) => await connection.FillAsync(deadline).ConfigureAwait(false) switch
    {
        Input.End => new Line(default, null, true),
        Input.TimedOut => new Line(default, TimeOut, false),
        Input.Interrupted when ShouldStop => new Line(default, Replies.ShuttingDown, false),
        _ => null,
    };

    private async ValueTask<Line> SwallowLineAsync(long deadline)
    {
        for (var swallowed = 0L; swallowed <= MaxSwallowed;)
        {
            if (connection.Buffered.Span.IndexOf((byte)'\n') is >= 0 and var end)
            {
                connection.Consume(end + 1);
                return new Line(default, Replies.LineTooLong, false);
            }
            swallowed += connection.Buffered.Length;
            connection.Consume(connection.Buffered.Length);
            if (await AwaitInputAsync(deadline).ConfigureAwait(false) is { } other) return other;
        }
        return new Line(default, Replies.EndlessLine, false);
    }

    private Reply TimeOut => connection.IsOver ? Replies.SessionTooLong : Replies.TimedOut;

    // A message in transfer may finish.
    private bool ShouldStop => server.Stopping && Transaction?.Content is null;

    private async ValueTask<bool> NextAsync()
    {
        if (ShouldStop || (connection.IsOver && Transaction?.Content is null))
        {
            Say(ShouldStop ? Replies.ShuttingDown : Replies.SessionTooLong);
            return false;
        }
        var line = await ReadLineAsync().ConfigureAwait(false);
        if (line.Ended) return false;
        var reply = line.Reply;
        Command? command = null;
        var endsGroup = false;
        _maySaySecrets |= reply is not null;   // what could not be read may have been one
        if (reply is null)
        {
            command = Commands.Find(line.Text, out var argument);
            Transcript?.Received(line.Text.Span, command, _maySaySecrets);
            _maySaySecrets |= command is null or { IsSecret: true };   // a misspelt AUTH is no command
            endsGroup = command is null or { EndsGroup: true };
            reply = command is null ? Replies.UnknownCommand : await RunAsync(command, argument).ConfigureAwait(false);
        }
        _maySaySecrets |= command is { BringsContent: true } && reply is { IsPositive: false };   // which may come all the same, in the place of commands
        if (reply is not null)
        {
            // What fails us without a reason of the disk's is odd input more often than not, and each is a fault that is written down.
            _conduct.Count(reply.IsPermanent || reply == Replies.LocalError, command is { Junk: true }, Limits);
            if (_conduct.IsBad(Limits)) reply = Replies.TooManyErrors;
            else if (_conduct.IsPoor(Limits)) await PauseAsync().ConfigureAwait(false);
            Say(reply);
            if (reply.Closes)
            {
                // A client that was quiet, or said goodbye, has nothing on the way; another one may not expect this end and still be sending.
                if (reply != Replies.Bye && reply != Replies.TimedOut && reply != Replies.ShuttingDown) await connection.DrainAsync().ConfigureAwait(false);
                return false;
            }
        }
        if (endsGroup) await connection.FlushAsync().ConfigureAwait(false);
        return true;
    }

    // What was said before goes out before the wait; the session holds nothing but its place while it waits.
    private async ValueTask PauseAsync()
    {
        await connection.FlushAsync().ConfigureAwait(false);
        await Task.Delay(Limits.ErrorDelay, server.Clock, connection.Aborted).ConfigureAwait(false);
    }

    // Check, then proceed.
    private async ValueTask<Reply?> RunAsync(Command command, ReadOnlyMemory<byte> argument)
    {
        try
        {
            if ((Commands.Refusal(command, !argument.IsEmpty, Has, listener.Requires) ?? command.Throttle?.Invoke(this)) is not { } refusal) return await command.Run(this, argument).ConfigureAwait(false);
            return command.Skip is { } skip ? await skip(this, argument).ConfigureAwait(false) ?? refusal : refusal;
        }
        catch (Exception e) when (e is not ConnectionLostException && !(e is OperationCanceledException && connection.Aborted.IsCancellationRequested))
        {
            server.Trace.Fault($"session {connection.Client}, {command.Verb}", e);
            var midway = Transaction?.Content is { Complete: false };   // whatever comes next may be content, never a command
            await ResetAsync().ConfigureAwait(false);
            return midway ? Replies.LocalErrorInContent : Replies.LocalError;
        }
    }

    private SessionTranscript? TranscriptBy(IReadOnlyList<ProtocolRule> rules)
    {
        if (_rules != rules)
        {
            (_rules, _isCovered) = (rules, rules.Any(rule => rule.Covers(listener.Endpoint, connection.Client)));
            var ends = connection.EndPoints;
            if (_isCovered) _transcript ??= new SessionTranscript(server.ProtocolLog, server.Clock, listener.Endpoint, ends?.Local.ToString() ?? listener.Endpoint);
            if (_isCovered) _transcript!.Remote = ProtocolLine.EndPoint(ends?.Remote, connection.Client, connection.ConveyedPort);
        }
        return _isCovered ? _transcript : null;
    }

    private async ValueTask CloseAsync()
    {
        Transcript?.Disconnected();
        if (_countedAs is { } client) server.Sessions.Leave(client);
        try
        {
            await ResetAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            server.Trace.Fault($"session {connection.Client}, ending", e);
        }
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
