using System.Globalization;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Submission;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// One message over one connection. With PIPELINING the envelope goes in one write (RFC 2920 section 3.1); a small content goes with it where the
/// server takes BDAT (RFC 3030 section 2), so that the message costs one round trip, and two with DATA. A large content waits until a recipient
/// has been accepted. Without PIPELINING each command waits for its reply. With PIPELINING and DATA the envelope of the next message may go right behind the content,
/// so that it costs one round trip as well; its own content waits for its 354, so that no reply is ever taken for another's. Whatever happens, every recipient gets one outcome.
/// </summary>
internal sealed class SmtpExchange
{
    private const int SmallContent = 64 * 1024;
    private static readonly TimeSpan EarlyWait = TimeSpan.FromSeconds(30);

    private readonly SmtpConnection _connection;
    private readonly SmtpChannel _channel;
    private readonly SmtpCapabilities _offered;
    private readonly MailSender _sender;
    private readonly IReadOnlyList<MailRecipient> _recipients;
    private readonly MailContent _content;
    private readonly DateTimeOffset _now;
    private readonly DeliveryOutcome?[] _outcomes;
    private readonly List<int> _tried = [];
    private readonly List<int> _accepted = [];
    private readonly TaskCompletionSource<bool> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<bool> _before = Task.FromResult(true);
    private bool _follows;
    private bool _isSent;
    private bool _isTurn;
    private bool _answered;
    private CancellationTokenRegistration _cut;
    private bool _canCut;

    public SmtpExchange(SmtpConnection connection, MailSender sender, IReadOnlyList<MailRecipient> recipients, MailContent content, DateTimeOffset now = default)
    {
        (_connection, _channel, _offered) = (connection, connection.Channel, connection.Capabilities);
        (_sender, _recipients, _content, _now) = (sender, recipients, content, now);
        _outcomes = new DeliveryOutcome?[recipients.Count];
    }

    /// <summary>
    /// The server closed a connection that had been used before, and answered nothing of this message: it did not take it, and a fresh connection
    /// is worth a try.
    /// </summary>
    public bool IsStale { get; private set; }

    /// <summary>The message was written behind another, and the server, having answered that one, did not know of it, or only of a part: it throws away what comes before its answer.</summary>
    public bool IsOverheard { get; private set; }

    /// <summary>Called before the last of the content is sent: when what it gives ends, the beginning of the next message has gone with it, or there is none (RFC 2920 section 3.1).</summary>
    public Func<Task>? Ending { get; init; }

    /// <summary>Called when the beginning is sent, or will not be.</summary>
    public Action? Begun { get; init; }

    /// <summary>The relay stops: ends it while the server has nothing of the content. Once it has, its answer is waited for.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>What the server offers.</summary>
    public SmtpCapabilities Offered => _offered;

    /// <summary>Sends it; one outcome for each recipient, in their order.</summary>
    /// <exception cref="DeliveryStoppedException">The relay stops, and the server has nothing of the content.</exception>
    public async ValueTask<IReadOnlyList<DeliveryOutcome>> RunAsync(CancellationToken cancellationToken)
    {
        var reused = _connection.Transactions++ > 0;
        _before = _connection.TakeTurn(_read.Task);
        _follows = !_before.IsCompleted;
        var binding = _channel.Bind(cancellationToken);
        _canCut = !_follows;   // what waits behind another has its connection, too
        if (_canCut) _cut = _channel.Bind(Stopping);
        var goesOn = false;
        try
        {
            await SendAsync(cancellationToken).ConfigureAwait(false);
            goesOn = true;
        }
        catch (SmtpFailureException failure) when (_canCut && Stopping.IsCancellationRequested && failure.InnerException is OperationCanceledException)
        {
            _connection.Break();
            throw new DeliveryStoppedException(failure);
        }
        catch (SmtpFailureException failure)
        {
            _connection.Break();
            IsStale = reused && !_answered;
            IsOverheard |= IsStale && _follows && _isTurn && failure.InnerException is OperationCanceledException;
            var reply = failure.Step == SmtpStep.Final && failure.Reply.Code != 421
                ? failure.Reply with { Text = failure.Reply.Text + "; it may have been taken all the same, and be delivered twice" }
                : failure.Reply;
            Settle(reply, DeliveryStatus.Deferred, failure.IsOwn);
        }
        catch
        {
            _connection.Break();
            throw;
        }
        finally
        {
            Begun?.Invoke();
            await _cut.DisposeAsync().ConfigureAwait(false);
            await binding.DisposeAsync().ConfigureAwait(false);   // before who comes behind may close the channel
            // Who comes behind reads what comes after the replies of all before, also of one this has not waited for.
            _read.SetResult(await _before.ConfigureAwait(false) && goesOn);
        }
        return _outcomes!;
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var useUtf8 = await RefuseWhatCannotTravelAsync(cancellationToken).ConfigureAwait(false);
        if (_tried.Count == 0) return;
        var envelope = new EnvelopeWriter(_offered, _sender, _content.Length, useUtf8, _now);
        var oneTrip = _offered is { Pipelining: true, Chunking: true } && _content.Length <= SmallContent && _content.TryGetMemory(out _);
        var withData = _offered is { Pipelining: true, Chunking: false };
        if (oneTrip) CutNoMore();
        if (_offered.Pipelining) await PipelineAsync(envelope, oneTrip, withData, cancellationToken).ConfigureAwait(false);
        else await OneByOneAsync(envelope, cancellationToken).ConfigureAwait(false);

        if (oneTrip) await FinishAsync(cancellationToken).ConfigureAwait(false);
        else if (withData) await AfterDataAsync(cancellationToken).ConfigureAwait(false);
        else if (_accepted.Count == 0) _connection.NeedsReset = true;
        else if (_offered.Chunking) await BdatAsync(cancellationToken).ConfigureAwait(false);
        else
        {
            _channel.Write("DATA");
            await AfterDataAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask PipelineAsync(EnvelopeWriter envelope, bool oneTrip, bool withData, CancellationToken cancellationToken)
    {
        var reset = _connection.NeedsReset;
        if (reset) WriteReset();
        _channel.Write(envelope.Mail());
        foreach (var i in _tried) _channel.Write(envelope.Rcpt(_recipients[i]));
        if (withData) _channel.Write("DATA");
        if (oneTrip) WriteBdat();
        await _channel.FlushAsync(SmtpStep.Mail, cancellationToken).ConfigureAwait(false);
        Begun?.Invoke();

        if (reset) await ReadResetAsync(cancellationToken).ConfigureAwait(false);
        await ReadMailAsync(cancellationToken).ConfigureAwait(false);
        foreach (var i in _tried) await ReadRcptAsync(i, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask OneByOneAsync(EnvelopeWriter envelope, CancellationToken cancellationToken)
    {
        if (_connection.NeedsReset)
        {
            WriteReset();
            await ReadResetAsync(cancellationToken).ConfigureAwait(false);
        }
        _channel.Write(envelope.Mail());
        if (!await ReadMailAsync(cancellationToken).ConfigureAwait(false)) return;
        foreach (var i in _tried)
        {
            _channel.Write(envelope.Rcpt(_recipients[i]));
            await ReadRcptAsync(i, cancellationToken).ConfigureAwait(false);
        }
    }

    private void WriteReset()
    {
        _channel.Write("RSET");
        _connection.NeedsReset = false;
    }

    private async ValueTask ReadResetAsync(CancellationToken cancellationToken)
    {
        var reply = await ReadAsync(SmtpStep.Reset, cancellationToken).ConfigureAwait(false);
        if (!reply.IsPositive) throw new SmtpFailureException(SmtpStep.Reset, reply);
    }

    private async ValueTask<bool> ReadMailAsync(CancellationToken cancellationToken)
    {
        var reply = await ReadAsync(SmtpStep.Mail, cancellationToken).ConfigureAwait(false);
        if (_follows && reply.IsPermanent)
        {
            // RFC 2920 section 3.2 forbids a server to lose what waits to be read. What this one has read may begin anywhere, or it has forgotten a reply: its word may be of no message, or of
            // another, and is asked for again where there is no other.
            (IsOverheard, _answered) = (reply.Code <= 504, false);
            throw SmtpFailureException.Local(SmtpStep.Mail, "4.5.0", $"the server answered '{reply}'");
        }
        if (!reply.IsPositive) Settle(reply, FailurePolicy.Judge(SmtpStep.Mail, reply).Status);
        return reply.IsPositive;
    }

    private async ValueTask ReadRcptAsync(int index, CancellationToken cancellationToken)
    {
        var reply = await ReadAsync(SmtpStep.Rcpt, cancellationToken).ConfigureAwait(false);
        if (_outcomes[index] is not null) return;   // MAIL was refused, and what follows only says so again
        if (reply.IsPositive) _accepted.Add(index);
        else Settle(index, reply, FailurePolicy.Judge(SmtpStep.Rcpt, reply).Status);
    }

    private async ValueTask AfterDataAsync(CancellationToken cancellationToken)
    {
        var reply = await ReadAsync(SmtpStep.Data, cancellationToken).ConfigureAwait(false);
        if (reply.Code != 354)
        {
            if (reply.IsPositive) throw SmtpFailureException.Local(SmtpStep.Data, "4.5.0", $"the server answered '{reply}'");
            Settle(reply, FailurePolicy.Judge(SmtpStep.Data, reply).Status);
            _connection.NeedsReset = true;
            return;
        }
        if (_channel.HasUnread) await TooEarlyAsync(cancellationToken).ConfigureAwait(false);
        CutNoMore();
        var stuffing = new DotStuffing(_channel);
        // RFC 2920 section 3.1: a server may say 354 although it took no recipient; then the content is empty.
        if (_accepted.Count > 0) await ContentAsync(stuffing.Write, cancellationToken).ConfigureAwait(false);
        stuffing.End();
        await FinishAsync(cancellationToken, mayFollow: _offered.Pipelining).ConfigureAwait(false);
    }

    // Nothing behind DATA has been said yet: a refusal of the content counts, and a yes, which would be taken for the one to this content, does not.
    private async ValueTask TooEarlyAsync(CancellationToken cancellationToken)
    {
        var reply = await ReadAsync(SmtpStep.Content, cancellationToken).ConfigureAwait(false);
        if (reply.IsTemporary || reply.IsPermanent) Settle(reply, FailurePolicy.Judge(SmtpStep.Content, reply).Status);
        throw SmtpFailureException.Local(SmtpStep.Data, "4.5.0", "the server answered the message before it had it");
    }

    private async ValueTask BdatAsync(CancellationToken cancellationToken)
    {
        CutNoMore();
        _channel.Write(string.Create(CultureInfo.InvariantCulture, $"BDAT {_content.Length} LAST"));
        await ContentAsync(_channel.Write, cancellationToken).ConfigureAwait(false);
        await FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    // The server gets the content now, and what it says of it counts.
    private void CutNoMore()
    {
        if (!_canCut) return;
        _cut.Dispose();
        if (Stopping.IsCancellationRequested) throw new DeliveryStoppedException();
        _canCut = false;
    }

    private void WriteBdat()
    {
        _content.TryGetMemory(out var bytes);
        _channel.Write(string.Create(CultureInfo.InvariantCulture, $"BDAT {bytes.Length} LAST"));
        _channel.Write(bytes.Span);
    }

    private delegate void BytesWriter(ReadOnlySpan<byte> bytes);

    private async ValueTask ContentAsync(BytesWriter write, CancellationToken cancellationToken)
    {
        if (_content.TryGetMemory(out var memory))
        {
            for (var rest = memory; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, SmallContent)..])
            {
                write(rest.Span[..Math.Min(rest.Length, SmallContent)]);
                if (_channel.Pending >= SmallContent) await FlushContentAsync(cancellationToken).ConfigureAwait(false);
            }
            return;
        }
        var buffer = new byte[SmallContent];
        var stream = _content.OpenRead();
        await using var _ = stream.ConfigureAwait(false);
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            write(buffer.AsSpan(0, count));
            if (_channel.Pending >= SmallContent) await FlushContentAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A server that refuses a content half-way says why and closes; the write fails first, and the reason still waits to be read.
    private async ValueTask FlushContentAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _channel.FlushAsync(SmtpStep.Content, cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpFailureException)
        {
            var reply = await ReadAsync(SmtpStep.Content, cancellationToken).ConfigureAwait(false);
            if (reply.IsPositive) throw;
            Settle(reply, FailurePolicy.Judge(SmtpStep.Content, reply).Status);
            throw;
        }
    }

    // RFC 2033 section 4.2: LMTP answers once for each recipient it accepted, SMTP once for all.
    private async ValueTask FinishAsync(CancellationToken cancellationToken, bool mayFollow = false)
    {
        if (mayFollow && Ending is not null) await Ending().ConfigureAwait(false);
        await FlushContentAsync(cancellationToken).ConfigureAwait(false);
        _isSent = true;
        if (_connection.IsLmtp && _accepted.Count > 0)
        {
            foreach (var i in _accepted)
            {
                var one = await ReadAsync(SmtpStep.Final, cancellationToken).ConfigureAwait(false);
                Settle(i, one, FailurePolicy.Judge(SmtpStep.Final, one).Status);
            }
            return;
        }
        var reply = await ReadAsync(SmtpStep.Final, cancellationToken).ConfigureAwait(false);
        if (!reply.IsPositive) _connection.NeedsReset = true;
        Settle(reply, FailurePolicy.Judge(SmtpStep.Final, reply).Status);
    }

    // What the server cannot take by its own word is refused without asking it. Gives back whether SMTPUTF8 is said.
    private async ValueTask<bool> RefuseWhatCannotTravelAsync(CancellationToken cancellationToken)
    {
        var traits = NeedsLook() ? await ContentTraits.OfAsync(_content, cancellationToken).ConfigureAwait(false) : default;
        var needsUtf8 = _sender.SmtpUtf8 || NeedsUtf8(_sender.ReversePath);
        if (Travel.Refusal(_offered, _sender, _content.Length, traits, _now, _connection.IsLmtp) is { } refusal) Settle(refusal, DeliveryStatus.Failed, isOwn: true);
        for (var i = 0; i < _recipients.Count; i++)
        {
            needsUtf8 |= NeedsUtf8(_recipients[i].ForwardPath);
            if (_outcomes[i] is not null) continue;
            if (!_offered.SmtpUtf8 && Travel.HasUtf8LocalPart(_recipients[i].ForwardPath)) Settle(i, Travel.NeedsSmtpUtf8, DeliveryStatus.Failed, isOwn: true);
            else if (!HasRoomFor(_recipients[i])) Settle(i, Travel.TooMany, DeliveryStatus.Deferred, isOwn: true);
            else _tried.Add(i);
        }
        return needsUtf8 && _offered.SmtpUtf8;
    }

    // RFC 9422: what the server would refuse as too much is not offered to it; it goes in a further transaction.
    private bool HasRoomFor(MailRecipient recipient)
    {
        if (_offered.MaxRecipients > 0 && _tried.Count >= _offered.MaxRecipients) return false;
        if (_offered.MaxDomains == 0) return true;
        var domain = DomainName.ToAscii(recipient.ForwardPath.Domain);
        if (_connection.Domains.Count >= _offered.MaxDomains && !_connection.Domains.Contains(domain)) return false;
        _connection.Domains.Add(domain);
        return true;
    }

    private bool NeedsLook() => !_offered.Chunking || (_sender.SmtpUtf8 && !_offered.SmtpUtf8) || (_sender.Body == MailBody.EightBitMime && !_offered.EightBitMime);

    private static bool NeedsUtf8(EmailAddress? address) => address is { NeedsUtf8: true };

    private async ValueTask<SmtpReply> ReadAsync(SmtpStep step, CancellationToken cancellationToken)
    {
        if (!_isSent) await _channel.FlushAsync(step, cancellationToken).ConfigureAwait(false);   // once it is, the next message is what waits there
        if (!_isTurn && !await _before.ConfigureAwait(false)) throw SmtpFailureException.Local(step, "4.4.2", "the connection was lost");
        _isTurn = true;
        // The server has been silent since it answered the message before: it may have thrown away what came behind that. Nothing of the content is there, so that it can be asked again over a
        // connection where it has all its time (RFC 5321 section 4.5.3.2.2).
        var within = _follows && step == SmtpStep.Mail ? EarlyWait : (TimeSpan?)null;
        var reply = await _channel.ReadAsync(step, cancellationToken, within).ConfigureAwait(false);
        if (step != SmtpStep.Reset) _answered = true;   // which says nothing of this message
        return reply;
    }

    private void Settle(SmtpReply reply, DeliveryStatus status, bool isOwn = false)
    {
        for (var i = 0; i < _outcomes.Length; i++) Settle(i, reply, status, isOwn);
    }

    private void Settle(int index, SmtpReply reply, DeliveryStatus status, bool isOwn = false) =>
        _outcomes[index] ??= new DeliveryOutcome(status, isOwn ? reply : Advised(reply), _connection.Peer) { IsOwn = isOwn };

    // What it means is told in brackets behind what the server said.
    private static SmtpReply Advised(SmtpReply reply) => !reply.IsPositive && AuthenticationAdvice.OnMessage(reply) is { } advice ? reply with { Text = $"{reply.Text} [{advice.Text}]" } : reply;
}
