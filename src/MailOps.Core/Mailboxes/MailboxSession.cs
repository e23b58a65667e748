using System.Net.Sockets;
using MailKit;
using MailKit.Security;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;
using MailOps.Headers;
using MailOps.Submission;

namespace MailOps.Mailboxes;

/// <summary>An open mailbox, over one connection. Not for several threads at once; after an error that is not about one message it is closed.</summary>
public abstract class MailboxSession : IDisposable
{
    /// <summary>The folder that every mailbox has.</summary>
    public const string Inbox = "INBOX";

    /// <summary>What the server may send before it has let this client in, in bytes.</summary>
    internal const long MaxGreeting = 256 * 1024;
    /// <summary>What it may send for an answer that is no content, in bytes: a list of a million messages, say.</summary>
    internal const long MaxAnswer = 16 * 1024 * 1024;
    /// <summary>How many messages are looked at in one folder.</summary>
    internal const int MaxMatches = 1_000_000;

    private static readonly TimeSpan LogoutTimeout = TimeSpan.FromSeconds(2);

    private readonly ServerWatch _watch;
    private readonly Redaction _redaction;
    private LimitedStream? _stream;

    private protected MailboxSession(MailboxOptions options, Func<IProtocolLogger, MailService> client)
    {
        (Options, _watch) = (options, new ServerWatch(() => _stream!.Limit));
        Client = client(_watch);
        Errors = new MailboxErrors(options, _redaction = new Redaction(options.Credential));
    }

    private protected MailboxOptions Options { get; }

    private protected MailboxErrors Errors { get; }

    private protected MailService Client { get; }

    /// <summary>Connects and authenticates.</summary>
    /// <param name="options">Where, and as whom.</param>
    /// <param name="step">Told each step, for people.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="MailOpsException">Any failure; nothing of the credential has gone out in plain text.</exception>
    public static async Task<MailboxSession> OpenAsync(MailboxOptions options, Action<string>? step, CancellationToken cancellationToken)
    {
        options = options.Checked();
        MailboxSession session = options.IsPop3 ? new Pop3Session(options) : new ImapSession(options);
        try
        {
            await session.ConnectAsync(step, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The ids of the messages that may be wanted, the newest first.</summary>
    public abstract Task<IReadOnlyList<string>> FindAsync(MailboxQuery query, CancellationToken cancellationToken);

    /// <summary>Reads those of the messages that are wanted, in the order of their ids; one that is gone is left out.</summary>
    /// <param name="query">What <see cref="FindAsync"/> was asked.</param>
    /// <param name="ids">Some of what it gave.</param>
    /// <param name="maxSize">How large a message may be whose content is read, in bytes; null reads headers alone.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public abstract Task<IReadOnlyList<MailboxReading>> ReadAsync(MailboxQuery query, IReadOnlyList<string> ids, long? maxSize, CancellationToken cancellationToken);

    /// <summary>The whole of one message, byte for byte.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="id">Which one.</param>
    /// <param name="maxSize">How large it may be, in bytes.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public abstract Task<byte[]> ContentAsync(string folder, string id, long maxSize, CancellationToken cancellationToken);

    /// <summary>Removes messages for good; POP3 does so when the session is closed.</summary>
    /// <returns>The ids of those that are not there.</returns>
    public abstract Task<IReadOnlyList<string>> RemoveAsync(string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken);

    /// <summary>Moves messages into another folder of the mailbox.</summary>
    /// <returns>The ids of those that are not there.</returns>
    public abstract Task<IReadOnlyList<string>> MoveAsync(string folder, IReadOnlyList<string> ids, string destination, CancellationToken cancellationToken);

    /// <summary>The error for a message that is not there.</summary>
    public MailOpsException NotFound(string folder, string id) => Errors.NoMessage(folder, id);

    /// <summary>Logs out; POP3 removes then what was to be removed.</summary>
    /// <exception cref="MailOpsException">The server has not done that, or has not said so.</exception>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _watch.LastLine = null;
        if (Client.IsConnected)
        {
            await AskAsync(
                async stop =>
                {
                    await Client.DisconnectAsync(quit: true, stop).ConfigureAwait(false);
                    if (LogoutCounts) stop.ThrowIfCancellationRequested();
                    return 0;
                },
                MaxGreeting, LogoutCounts ? Errors.NotSaidToBeRemoved : Errors.Asking, LogoutCounts ? Options.Timeout : LogoutTimeout, cancellationToken).ConfigureAwait(false);
        }
        if (!LogoutCounts) return;
        // RFC 1939 section 6: what was marked is removed now, and the answer says whether; MailKit lets any answer pass, and none.
        cancellationToken.ThrowIfCancellationRequested();
        if (_watch.LastLine is not { } answer) throw Errors.NotSaidToBeRemoved(new IOException("there was no answer to QUIT"));
        if (!answer.StartsWith("+OK", StringComparison.Ordinal)) throw Errors.NotRemoved(answer);
    }

    /// <summary>Closes the connection at once.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the connection.</summary>
    /// <param name="disposing">True, as there is no finalizer here.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _stream?.Dispose();   // first: MailKit could wait for it
        Client.Dispose();
    }

    /// <summary>Whether something is removed at the end only.</summary>
    private protected virtual bool LogoutCounts => false;

    private protected Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> question, long limit, CancellationToken cancellationToken) =>
        AskAsync(question, limit, Errors.Asking, Options.Timeout, cancellationToken);

    /// <summary>Asks the server something, within bytes and time.</summary>
    private protected async Task<T> AskAsync<T>(
        Func<CancellationToken, Task<T>> question, long limit, Func<Exception, MailOpsException> error, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stream!.Begin(limit, timeout, end);
        try
        {
            using (end.Token.Register(static stream => ((LimitedStream)stream!).Dispose(), _stream)) return await question(end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (MailboxErrors.Knows(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw error(end.IsCancellationRequested ? new TimeoutException(e.Message, e) : e);
        }
        finally
        {
            _stream.End();
        }
    }

    private protected static long RoomFor(long size) => MaxAnswer + size + size / 16;   // what TLS and the protocol add is less

    private protected MailboxMessage Message(string folder, string id, byte[] header, byte[]? content, long size, DateTimeOffset? received = null, bool? isRead = null)
    {
        var read = MailHeaderReader.Read(header);
        return new MailboxMessage
        {
            Id = id,
            Folder = folder,
            From = read?.From,
            To = read?.To,
            Subject = read?.Subject,
            Date = read?.Date,
            ReceivedTime = received ?? LastTime(read),
            Size = size,
            IsRead = isRead,
            MessageId = read?.MessageId,
            Header = header,
            Content = content,
            Server = Options.Server,
            Port = Options.EffectivePort,
            Protocol = Options.Protocol,
            Tls = Options.Tls == TlsMode.None ? TlsMode.None : Options.IsImplicit ? TlsMode.Implicit : TlsMode.StartTls,
        };
    }

    private static DateTimeOffset? LastTime(MailHeader? header) => header is not { Hops: { Count: > 0 } hops } ? header?.Date : hops[hops.Count - 1].Date ?? header.Date;

    private async Task ConnectAsync(Action<string>? step, CancellationToken cancellationToken)
    {
        var login = new ClientLogin(Options.Credential, Options.Login, Options.Server, Options.EffectivePort, _redaction);
        try
        {
            await login.GetTokenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TokenException e)
        {
            throw LoginErrors.NoToken(Options.Credential.UserName, e, Options.Login.Prefix);
        }
        var check = new CertificateCheck(Options.Server, Options.SkipCertificateValidation);
        Client.CheckCertificateRevocation = false;   // as Send-SmtpMessage
        Client.ServerCertificateValidationCallback = (_, certificate, chain, errors) => check.Judge(certificate, chain, errors);
        _stream = new LimitedStream(await SocketAsync(check, cancellationToken).ConfigureAwait(false));
        var security = Options.Tls == TlsMode.None ? SecureSocketOptions.None : Options.IsImplicit ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls;
        await AskAsync(
            async stop =>
            {
                await Client.ConnectAsync(_stream, Options.Server, Options.EffectivePort, security, stop).ConfigureAwait(false);
                return 0;
            },
            MaxGreeting, e => Errors.Connecting(e, check), Options.Timeout, cancellationToken).ConfigureAwait(false);
        if (Client.IsAuthenticated) throw Errors.AuthenticatedBefore();
        if (Options.Tls != TlsMode.None && !Client.IsSecure) throw Errors.NoTls();
        step?.Invoke($"Connected to {Options.Endpoint}{(Client.IsSecure ? $" with {Client.SslProtocol}" : " in plain text")}{(check.Fault is { } fault ? $"; the certificate is accepted although {fault}" : "")}.");
        await AskAsync(
            async stop =>
            {
                _watch.IsLoggingIn = true;
                await login.RunAsync(Client, stop).ConfigureAwait(false);
                _watch.IsLoggingIn = false;
                return 0;
            },
            MaxAnswer, e => Errors.Authenticating(e, _watch.Refusal, login), Options.Timeout, cancellationToken).ConfigureAwait(false);
        step?.Invoke($"Authenticated as {Options.Credential.UserName} by {login.Mechanism}.");
    }

    // A socket of our own, so that what comes from it has its limits from the first byte on.
    private async Task<Socket> SocketAsync(CertificateCheck check, CancellationToken cancellationToken)
    {
        try
        {
            return await TcpConnector.ConnectAsync(Options.Server, Options.EffectivePort, Options.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (MailboxErrors.Knows(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Errors.Connecting(e, check);
        }
    }
}
