using System.Diagnostics;
using MailOps.Authentication;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>Submits messages to one server (RFC 6409), over one connection as long as it holds.</summary>
/// <remarks>Not for several threads at once. What fails is an outcome; only a cancellation is thrown, and only before the whole content is out: after that its outcome is unknown.</remarks>
public sealed class SmtpSubmission : IDisposable
{
    /// <summary>How long the server may take to answer QUIT: by then all messages are safe, and nobody wants to wait.</summary>
    private static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(2);

    private readonly SubmissionOptions _options;
    private readonly SubmissionLog _log;
    private readonly Redaction _redaction;
    private readonly SubmissionErrors _errors;
    private SubmissionClient? _client;
    private IReadOnlyList<SmtpReply> _known = [];   // of each recipient of the message that failed, as far as the server said
    private bool _plainText;
    private int _served;
    private bool _toldOfReports;

    /// <summary>A submission to one server; nothing happens before the first message.</summary>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.InvalidDomain"/> where the server's name is not one; <see cref="ErrorCode.TlsRequired"/> where a credential would go out in plain text.
    /// </exception>
    public SmtpSubmission(SubmissionOptions options, SubmissionLog? log = null)
    {
        _options = options with { Server = ServerName.Read(options.Server) };
        if (options.Tls == TlsMode.None && options.Credential is not null && !_options.IsLoopback)
            throw new MailOpsException(ErrorCode.TlsRequired, $"A credential is not sent to {_options.Endpoint} in plain text.", "Use -Tls StartTls or -Tls Implicit, or leave the credential out.");
        if (options.LocalDomain is { } name && !EmailAddress.TryParse("x@" + name, out _))   // it goes on the wire as it is: a line break in it would be a command
            throw new MailOpsException(ErrorCode.InvalidDomain, $"'{name}' is not a name that a client can give itself.", "Write a domain name, or an address literal as in [192.0.2.1].");
        _log = log ?? new SubmissionLog();
        _redaction = new Redaction(options.Credential);
        if (options.ProxyCredential is { } proxy) _redaction.Hide(proxy.Password, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{proxy.UserName}:{proxy.Password}")));
        _errors = new SubmissionErrors(_options, _redaction);
    }

    /// <summary>Whether the last message found a connection open, or opened one that the server greeted and, with a credential, let in.</summary>
    internal bool Reached { get; private set; }

    /// <summary>Sends one message, and connects first where no connection is open.</summary>
    /// <remarks>
    /// Where the server has closed a connection that served before, the message goes over another one, unless its content was out already: then the server may have taken it
    /// (<see cref="ErrorCode.SmtpOutcomeUnknown"/>), and it is not sent again.
    /// </remarks>
    public async Task<SubmissionResult> SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        foreach (var warning in message.Warnings) _log.Warning?.Invoke(warning);
        for (var again = true; ; again = false)
        {
            var reused = Reached = _client is { IsConnected: true };
            _known = [];
            try
            {
                if (_options.MessagesPerConnection > 0 && _served >= _options.MessagesPerConnection) await CloseAsync(cancellationToken).ConfigureAwait(false);
                await ConnectAsync(cancellationToken).ConfigureAwait(false);
                return await SubmitAsync(message, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (MailOpsException e)
            {
                if (!again || !reused || !HasLeft(e))
                {
                    var failed = Failed(message, e, clock.Elapsed);
                    if (_client is { IsConnected: false }) Drop();
                    return failed;
                }
                _log.Step?.Invoke($"{_options.Endpoint} has closed the connection; connecting again.");
                Drop();
            }
        }
    }

    /// <summary>Says QUIT (RFC 5321 section 4.1.1.10) and closes the connection; without effect where none is open.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_client is not { IsConnected: true } client) return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(QuitTimeout);
        try
        {
            await client.QuitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (SubmissionErrors.Knows(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _log.Step?.Invoke($"{_options.Endpoint} did not answer QUIT.");   // the messages are safe: nothing is lost with the answer
        }
        Drop();
    }

    /// <summary>The result of a message that is not even tried, for a reason that is known from another.</summary>
    internal SubmissionResult Refuse(OutgoingMessage message, MailOpsException error) => Failed(message, error, TimeSpan.Zero);

    /// <summary>Closes the connection at once.</summary>
    public void Dispose() => Drop();

    /// <summary>Whether the server has closed the connection before it had this message: servers do, after a while or after so many messages.</summary>
    private bool HasLeft(MailOpsException error) => error.Code is ErrorCode.SmtpConnectFailed or ErrorCode.SmtpProtocolError
        || (error.SmtpStatusCode == 421 && _client is { SenderAccepted: false });

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsConnected: true }) return;
        Reached = false;
        var check = new CertificateCheck(_options.Server, acceptAll: _options.SkipCertificateValidation || !_options.RequiresTls);
        try
        {
            await OpenAsync(check, cancellationToken).ConfigureAwait(false);
        }
        catch (TlsHandshakeException) when (!_options.RequiresTls && !_options.IsImplicit)
        {
            // Opportunistic (RFC 7435 section 3): a server whose TLS is broken gets what one without TLS gets.
            _log.Warning?.Invoke($"TLS with {_options.Endpoint} failed; the connection is plain text. Use -Tls StartTls to refuse that, -Tls None to silence this.");
            _plainText = true;
            await ConnectAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (Exception e) when (SubmissionErrors.Knows(e))
        {
            Drop();
            cancellationToken.ThrowIfCancellationRequested();
            throw _errors.Connecting(e, check);
        }
        var tls = _client!.Tls is { } version ? $" with {version}" : " in plain text";
        _log.Step?.Invoke($"Connected to {_options.Endpoint}{tls}{(_client.Tls is not null && check.Fault is { } fault ? $"; the certificate is accepted although {fault}" : "")}.");
        await AuthenticateAsync(cancellationToken).ConfigureAwait(false);
        Reached = true;
    }

    private Task OpenAsync(CertificateCheck check, CancellationToken cancellationToken)
    {
        Drop();
        _served = 0;
        _client = new SubmissionClient(_options, new ConversationLog(_log.Line, _redaction), _redaction);
        return _client.ConnectAsync((_, certificate, chain, errors) => check.Judge(certificate, chain, errors), _plainText, cancellationToken);
    }

    private async Task AuthenticateAsync(CancellationToken cancellationToken)
    {
        if (_options.Credential is not { } credential) return;
        var login = new ClientLogin(credential, _options.Login, _options.Server, _options.EffectivePort, _redaction);
        try
        {
            await _client!.AuthenticateAsync(login, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (SubmissionErrors.Knows(e))
        {
            Drop();
            cancellationToken.ThrowIfCancellationRequested();
            throw _errors.Authenticating(e, login);
        }
        _log.Step?.Invoke($"Authenticated as {credential.UserName} by {login.Mechanism}.");
    }

    private async Task<SubmissionResult> SubmitAsync(OutgoingMessage message, Stopwatch clock, CancellationToken cancellationToken)
    {
        if (message.FirstUtf8Address is { } address && !_client!.HasUtf8) throw _errors.NeedsUtf8(address.ToString());
        if (message.Reports != ReportRequest.None && !_client!.HasReports && !_toldOfReports)
        {
            _toldOfReports = true;
            _log.Warning?.Invoke($"{_options.Endpoint} does not offer DSN: reports come as it thinks fit, and not as they were asked for.");
        }
        try
        {
            _served++;
            var reply = await _client!.SubmitAsync(message, cancellationToken).ConfigureAwait(false);
            _log.Step?.Invoke($"{_options.Endpoint} took the message: {reply}");
            return Settled(message, clock.Elapsed, _ => reply);
        }
        catch (Exception e) when (SubmissionErrors.Knows(e))
        {
            // Where some were accepted, what the others were told is their outcome, whatever became of the message.
            if (_client!.Recipients.Any(reply => reply.IsPositive)) _known = [.. _client.Recipients];
            if (_client.AwaitsVerdict) throw _errors.Unknown(e);   // also after a cancellation: that it may have arrived must not get lost
            cancellationToken.ThrowIfCancellationRequested();
            if (e is SmtpRefusedException { Step: SubmissionStep.Recipients, Reply.Code: not (530 or 421) }) return Settled(message, clock.Elapsed, recipient => recipient);
            throw _errors.Sending(e);
        }
    }

    /// <summary>The server has said its last word: each refused recipient keeps its own reply, the others get the one to the content.</summary>
    private SubmissionResult Settled(OutgoingMessage message, TimeSpan elapsed, Func<SmtpReply, SmtpReply> final)
    {
        var (results, errors) = (new List<SmtpRecipientResult>(), new List<SubmissionError>());
        foreach (var (address, reply) in message.Recipients.Zip(_client!.Recipients, (address, reply) => (address, reply)))
        {
            var recipient = address.ToString();
            results.Add(Result(recipient, DeliveryOutcome.From(reply.IsPositive ? final(reply) : reply)));
            if (!reply.IsPositive) errors.Add(new SubmissionError(SubmissionErrors.RecipientRefused(recipient, reply, _options.Endpoint), recipient));
        }
        return new SubmissionResult(Result(message, [.. results], elapsed), errors);
    }

    private SubmissionResult Failed(OutgoingMessage message, MailOpsException error, TimeSpan elapsed)
    {
        // Without a reply nothing is known, and unknown is temporary.
        var outcome = error.Reply is { } reply ? DeliveryOutcome.From(reply) : new DeliveryOutcome(DeliveryStatus.Deferred, new SmtpReply(0, null, error.Message));
        var refused = message.Recipients.Zip(_known, (recipient, reply) => (Recipient: recipient.ToString(), Reply: reply)).Where(one => !one.Reply.IsPositive).ToDictionary(one => one.Recipient, one => one.Reply);
        return new SubmissionResult(
            Result(
                message,
                [
                    .. message.Recipients.Select(recipient => recipient.ToString()).Select(recipient => refused.TryGetValue(recipient, out var reply)
                        ? Result(recipient, DeliveryOutcome.From(reply))
                        : Result(recipient, outcome, error.Code == ErrorCode.SmtpOutcomeUnknown)),
                ],
                elapsed),
            [new SubmissionError(error, _options.Endpoint), .. refused.Select(one => new SubmissionError(SubmissionErrors.RecipientRefused(one.Key, one.Value, _options.Endpoint), one.Key))]);
    }

    private static SmtpRecipientResult Result(string recipient, DeliveryOutcome outcome, bool unknown = false) => new()
    {
        Recipient = recipient,
        Status = outcome.Status,
        IsOutcomeUnknown = unknown,
        SmtpStatusCode = outcome.Reply.Code,
        EnhancedStatusCode = outcome.Reply.EnhancedCode,
        Response = outcome.Reply.Text,
    };

    private SmtpSendResult Result(OutgoingMessage message, SmtpRecipientResult[] recipients, TimeSpan elapsed) => new()
    {
        Recipients = recipients,
        RecordNumber = message.RecordNumber,
        MessageId = message.MessageId,
        Subject = message.Subject,
        From = message.Sender?.ToString() ?? "<>",
        SmtpServer = _options.Endpoint,
        TlsProtocol = _client?.Tls?.ToString(),
        Duration = elapsed,
    };

    private void Drop()
    {
        _client?.Dispose();
        _client = null;
    }
}
