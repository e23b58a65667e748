using System.Net;
using System.Net.Sockets;
using MailOps.Authentication;
using MailOps.Messages;
using MimeKit;

namespace MailOps.Submission;

/// <summary>One connection to a server that takes submissions (RFC 6409): opened, secured, authenticated, then one message after the other.</summary>
/// <remarks>
/// With PIPELINING (RFC 2920) MAIL, all RCPT and DATA go in one write. The content waits for its 354, so that it is known of every message that was not answered whether the server can have
/// it: CHUNKING would spare that round trip, and lose this.
/// </remarks>
internal sealed class SubmissionClient(SubmissionOptions options, ConversationLog log, Redaction redaction) : IDisposable
{
    /// <summary>How many commands go before their replies are read: with many more both sides could wait for the other to read (RFC 2920 section 3.1).</summary>
    private const int MaxPipelined = 100;

    /// <summary>How many times the usual time the verdict on a content may take: servers look for viruses first. With the default that makes the 10 minutes of RFC 5321 section 4.5.3.2.6.</summary>
    private const int VerdictPatience = 5;

    private readonly List<SmtpReply> _recipients = [];
    private readonly SubmissionContent _content = new();
    private SmtpWire? _wire;
    private Capabilities _offered = Capabilities.None;
    private bool _pipelining, _size, _eightBit;
    private bool _unsettled;
    private IPAddress _local = IPAddress.Loopback;

    /// <summary>Whether the connection can take a message.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>The TLS in use; null in plain text.</summary>
    public System.Security.Authentication.SslProtocols? Tls => _wire?.Tls?.SslProtocol;

    /// <summary>Whether the server has accepted MAIL of the current message.</summary>
    public bool SenderAccepted { get; private set; }

    /// <summary>Whether the whole content of the current message is out and the server has not said whether it takes it: if the connection is lost now, nobody here knows.</summary>
    public bool AwaitsVerdict { get; private set; }

    /// <summary>What the server said of each recipient of the current message, in the order of the envelope, as far as it came.</summary>
    public IReadOnlyList<SmtpReply> Recipients => _recipients;

    /// <summary>Whether the server takes addresses beyond ASCII (RFC 6531).</summary>
    public bool HasUtf8 { get; private set; }

    /// <summary>Whether it sends reports as they are asked for (RFC 3461).</summary>
    public bool HasReports { get; private set; }

    /// <summary>Connects up to EHLO, under TLS where the options want it and the server has it.</summary>
    /// <param name="judge">Judges the certificate.</param>
    /// <param name="plainText">Whether to do without STARTTLS.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NotSupportedException">TLS is required, and the server does not offer it.</exception>
    public async Task ConnectAsync(System.Net.Security.RemoteCertificateValidationCallback judge, bool plainText, CancellationToken cancellationToken)
    {
        _wire = new SmtpWire(await DialAsync(cancellationToken).ConfigureAwait(false), options.Timeout, log, redaction);
        using (_wire.Bind(cancellationToken))
        {
            if (options.IsImplicit) await _wire.SecureAsync(options.Server, judge, cancellationToken).ConfigureAwait(false);
            var greeting = await _wire.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (greeting.Code != 220) throw No(SubmissionStep.Greeting, greeting);
            await HelloAsync(cancellationToken).ConfigureAwait(false);
            if (!options.IsImplicit && !plainText && options.Tls != TlsMode.None) await StartTlsAsync(judge, cancellationToken).ConfigureAwait(false);
        }
        IsConnected = true;
    }

    /// <summary>Authenticates by the one best mechanism.</summary>
    /// <exception cref="NoMechanismException">There is none in common.</exception>
    /// <exception cref="SmtpRefusedException">The credential was refused.</exception>
    public async Task AuthenticateAsync(ClientLogin login, CancellationToken cancellationToken)
    {
        var name = ClientLogin.Choose(options.Login, _offered.AuthMechanisms);
        var mechanism = await login.CreateAsync(name, cancellationToken, new SaslChannel(options.Server, _wire!.Tls)).ConfigureAwait(false);
        using (_wire.Bind(cancellationToken))
        {
            var reply = await SaslLogin.RunAsync(line => _wire.AskAsync(line, cancellationToken, isLogin: true), mechanism, cancellationToken).ConfigureAwait(false);
            if (reply.IsPositive) return;
            login.DropToken();
            throw new SmtpRefusedException(SubmissionStep.Authentication, reply);
        }
    }

    /// <summary>Sends one message.</summary>
    /// <returns>The reply to the content.</returns>
    /// <exception cref="SmtpRefusedException">The server did not take it; the connection serves the next, unless the reply is 421.</exception>
    public async Task<SmtpReply> SubmitAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        (SenderAccepted, AwaitsVerdict) = (false, false);
        _recipients.Clear();
        var format = await RenderAsync(message, cancellationToken).ConfigureAwait(false);   // before anything is said: a file that cannot be read is no fault of the connection
        using (_wire!.Bind(cancellationToken))
        {
            try
            {
                if (_unsettled) await ResetAsync(cancellationToken).ConfigureAwait(false);
                await SendEnvelopeAsync(message, cancellationToken).ConfigureAwait(false);
                return await SendContentAsync(message, format, cancellationToken).ConfigureAwait(false);
            }
            catch (SmtpRefusedException refused) when (refused is { Reply.Code: not 421, EndsConnection: false })   // RFC 5321 section 3.8: with 421 the server closes the connection
            {
                _unsettled = refused.Step is not SubmissionStep.Content;
                throw;
            }
            catch
            {
                IsConnected = false;
                throw;
            }
        }
    }

    /// <summary>Says QUIT (RFC 5321 section 4.1.1.10), and waits for the answer.</summary>
    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        IsConnected = false;
        using (_wire!.Bind(cancellationToken)) await _wire.AskAsync("QUIT", cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        IsConnected = false;
        _wire?.Dispose();
        _content.Dispose();
    }

    private async Task<Stream> DialAsync(CancellationToken cancellationToken)
    {
        if (options.Proxy is { } proxy)
        {
            var milliseconds = (int)Math.Min(options.Timeout.TotalMilliseconds, int.MaxValue);
            return await ProxyServer.Client(proxy, options.ProxyCredential).ConnectAsync(options.Server, options.EffectivePort, milliseconds, cancellationToken).ConfigureAwait(false);
        }
        var socket = await TcpConnector.ConnectAsync(options.Server, options.EffectivePort, options.Timeout, cancellationToken).ConfigureAwait(false);
        _local = ((IPEndPoint)socket.LocalEndPoint!).Address;
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task HelloAsync(CancellationToken cancellationToken)
    {
        var name = options.LocalDomain is { Length: > 0 } given ? given : ServerName.Own(_local);
        var reply = await _wire!.AskAsync("EHLO " + name, cancellationToken).ConfigureAwait(false);
        // RFC 5321 section 4.1.4: whoever does not know EHLO is greeted with HELO.
        if (reply.IsPermanent)
        {
            var old = await _wire.AskAsync("HELO " + name, cancellationToken).ConfigureAwait(false);
            if (!old.IsPositive) throw No(SubmissionStep.Hello, old);
            reply = new SmtpReply(old.Code, null, "");
        }
        if (!reply.IsPositive) throw No(SubmissionStep.Hello, reply);
        _offered = Capabilities.Read(reply);
        (_pipelining, _size, _eightBit) = (_offered.Has("PIPELINING"), _offered.Has("SIZE"), _offered.Has("8BITMIME"));
        (HasUtf8, HasReports) = (_offered.Has("SMTPUTF8"), _offered.Has("DSN"));
    }

    private async Task StartTlsAsync(System.Net.Security.RemoteCertificateValidationCallback judge, CancellationToken cancellationToken)
    {
        if (!_offered.StartTls)
        {
            if (options.RequiresTls) throw new NotSupportedException("the server does not offer STARTTLS");
            return;
        }
        var reply = await _wire!.AskAsync("STARTTLS", cancellationToken).ConfigureAwait(false);
        if (reply.Code == 220)
        {
            await _wire.SecureAsync(options.Server, judge, cancellationToken).ConfigureAwait(false);
            await HelloAsync(cancellationToken).ConfigureAwait(false);   // RFC 3207 section 4.2: what was said before may have been said by anybody
        }
        else if (options.RequiresTls || reply.Code == 421 || reply.Code < 400)
        {
            throw No(SubmissionStep.StartTls, reply);
        }
    }

    /// <summary>Brings the message into the form that this server takes.</summary>
    private async Task<FormatOptions> RenderAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var isUtf8 = message.FirstUtf8Address is not null;
        if (isUtf8 && !_eightBit) throw new NotSupportedException("it offers SMTPUTF8 without 8BITMIME");   // RFC 6531 section 3.1
        var headers = message.Content.Headers;
        // What is signed is not changed any more.
        var isSigned = headers.Contains(HeaderId.DkimSignature) || headers.Contains(HeaderId.DomainKeySignature) || headers.Contains(HeaderId.ArcSeal);
        if (!isSigned && !message.IsRaw && !message.IsPrepared) message.Content.Prepare(_eightBit ? EncodingConstraint.EightBit : EncodingConstraint.SevenBit, MessageComposer.MaxLine);
        var format = MessageComposer.WireFormat(isUtf8 && !isSigned, message.IsRaw);
        _content.Begin(null);
        await WriteAsync(message, format, cancellationToken).ConfigureAwait(false);
        return format;
    }

    // What has no files is in memory, and written quicker at once.
    private async Task WriteAsync(OutgoingMessage message, FormatOptions format, CancellationToken cancellationToken)
    {
        if (message.IsPrepared && _content.IsKept)
        {
            message.Content.WriteTo(format, _content, cancellationToken);
            return;
        }
        try
        {
            await message.Content.WriteToAsync(format, _content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!_content.HasFailed && e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new MailOpsException(ErrorCode.FileUnreadable, $"A file of the message cannot be read: {e.Message}", "Check that it is still there, is not cut off or locked by another program, and lies on a disk that answers.", e);
        }
    }

    private async Task SendEnvelopeAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var envelope = new SubmissionEnvelope(message, _size ? _content.Size : null, _content.Has8Bit && _eightBit, HasReports);
        var asked = 1;
        SmtpReply? refusal = null;
        _wire!.Write(envelope.Mail());
        foreach (var recipient in message.Recipients)
        {
            if (asked == (_pipelining ? MaxPipelined : 1))
            {
                refusal = await ReadEnvelopeAsync(asked, refusal, cancellationToken).ConfigureAwait(false);
                if (!SenderAccepted) throw new SmtpRefusedException(SubmissionStep.Sender, refusal!);
                asked = 0;
            }
            _wire.Write(envelope.Rcpt(recipient));
            asked++;
        }
        if (_pipelining) _wire.Write("DATA");
        refusal = await ReadEnvelopeAsync(asked, refusal, cancellationToken).ConfigureAwait(false);
        var isRefused = !SenderAccepted || !_recipients.Exists(reply => reply.IsPositive);
        if (!_pipelining && isRefused) throw new SmtpRefusedException(SenderAccepted ? SubmissionStep.Recipients : SubmissionStep.Sender, refusal!);
        var data = _pipelining ? await _wire.ReadAsync(cancellationToken).ConfigureAwait(false) : await _wire.AskAsync("DATA", cancellationToken).ConfigureAwait(false);
        if (!isRefused)
        {
            if (data.Code != 354) throw No(SubmissionStep.Data, data);
            return;
        }
        // RFC 2920 section 3.1: a server may say 354 though nobody gets the message, and is given an empty one, which goes nowhere. Not where it has taken a recipient without a sender: it is left.
        var takesEmpty = data.Code == 354 && !SenderAccepted;
        if (data.Code == 354 && SenderAccepted) await _wire.AskAsync(".", cancellationToken).ConfigureAwait(false);
        throw new SmtpRefusedException(SenderAccepted ? SubmissionStep.Recipients : SubmissionStep.Sender, refusal!, endsConnection: takesEmpty);
    }

    /// <summary>Sends what has gathered, and reads the replies to MAIL and RCPT.</summary>
    /// <returns>What tells most of why nothing was accepted: the refusal of the sender, or else of the first recipient.</returns>
    private async Task<SmtpReply?> ReadEnvelopeAsync(int count, SmtpReply? refusal, CancellationToken cancellationToken)
    {
        await _wire!.FlushAsync(cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < count; i++)
        {
            var reply = await _wire.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (reply.IsIntermediate) throw No(SubmissionStep.Recipients, reply);
            if (reply.Code == 421) throw new SmtpRefusedException(SenderAccepted ? SubmissionStep.Recipients : SubmissionStep.Sender, reply);
            if (!reply.IsPositive) refusal ??= reply;
            if (SenderAccepted) _recipients.Add(reply);
            else if (refusal is null) SenderAccepted = true;
        }
        return refusal;
    }

    private async Task<SmtpReply> SendContentAsync(OutgoingMessage message, FormatOptions format, CancellationToken cancellationToken)
    {
        try
        {
            if (!_content.IsKept)
            {
                _content.Begin(_wire);
                await WriteAsync(message, format, cancellationToken).ConfigureAwait(false);
            }
            if (_wire!.HasUnread) throw await TooEarlyAsync(cancellationToken).ConfigureAwait(false);
            AwaitsVerdict = true;   // a write that is broken off may have left, or not
            await _content.EndAsync(_wire!, cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpRefusedException)
        {
            AwaitsVerdict = false;
            throw;
        }
        catch (IOException)
        {
            AwaitsVerdict = false;   // one that fails has not left whole
            // A server that refuses a content half-way says why and closes; the write fails first, and the reason may still wait to be read.
            var reason = await _wire!.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (reason.Code < 400) throw;
            throw new SmtpRefusedException(SubmissionStep.Content, reason, endsConnection: true);
        }
        log.Content(_content.Sent);
        var reply = await _wire!.ReadAsync(cancellationToken, VerdictPatience).ConfigureAwait(false);
        if (reply.IsIntermediate) throw No(SubmissionStep.Content, reply);   // no verdict: whether it has the message nobody knows
        AwaitsVerdict = false;
        return reply.IsPositive ? reply : throw new SmtpRefusedException(SubmissionStep.Content, reply);
    }

    /// <summary>What a server says of a content before it has all of it: a refusal counts, and a yes cannot be one to this message.</summary>
    private async Task<Exception> TooEarlyAsync(CancellationToken cancellationToken)
    {
        var reply = await _wire!.ReadAsync(cancellationToken).ConfigureAwait(false);
        return reply.Code >= 400 ? new SmtpRefusedException(SubmissionStep.Content, reply, endsConnection: true) : No(SubmissionStep.Content, reply);
    }

    /// <summary>A reply that is not the one that goes on: a refusal, or, where it is none, no reply to what was asked.</summary>
    private static Exception No(SubmissionStep step, SmtpReply reply) =>
        reply.Code >= 400 ? new SmtpRefusedException(step, reply) : new SmtpFormatException($"'{reply}' is no answer to {step switch { SubmissionStep.Greeting => "a connection", SubmissionStep.Hello => "EHLO", SubmissionStep.StartTls => "STARTTLS", SubmissionStep.Data => "DATA", SubmissionStep.Content => "a content", _ => "MAIL or RCPT" }}");

    /// <summary>Takes back what a refused message has left (RFC 5321 section 4.1.1.5).</summary>
    private async Task ResetAsync(CancellationToken cancellationToken)
    {
        var reply = await _wire!.AskAsync("RSET", cancellationToken).ConfigureAwait(false);
        if (!reply.IsPositive) throw new SmtpRefusedException(SubmissionStep.Sender, new SmtpReply(421, reply.EnhancedCode, reply.Text));   // a server that cannot forget is left
        _unsettled = false;
    }
}
