using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// The wire to one server: commands gather in a buffer until they are flushed in one write, replies are read one at a time, each step within
/// its time. One may write while another reads, each with a time of its own. Over a socket in the relay, over a script in tests.
/// </summary>
internal sealed class SmtpChannel : IAsyncDisposable
{
    private readonly CancellationTokenSource _reading, _writing;
    private Stream _stream;
    private PipeReader _reader;
    private byte[] _pending = ArrayPool<byte>.Shared.Rent(32 * 1024);
    private int _count;

    public SmtpChannel(Stream stream, TimeProvider clock)
    {
        _stream = stream;
        _reader = Reader(stream);
        _reading = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _writing = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
    }

    /// <summary>Whether what is written is encrypted.</summary>
    public bool IsTls => _stream is SslStream;

    /// <summary>Lets a caller's token end what the channel waits for; disposed, the channel is on its own again.</summary>
    public CancellationTokenRegistration Bind(CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(static channel => ((SmtpChannel)channel!).Cancel(), this);

    /// <summary>Gathers a command; CRLF is added.</summary>
    /// <exception cref="InvalidOperationException">The command holds a line break: an argument that would be a second command.</exception>
    public void Write(string command)
    {
        if (command.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) throw new InvalidOperationException("A command cannot hold CR, LF or NUL.");
        var span = Reserve(Encoding.UTF8.GetMaxByteCount(command.Length) + 2);
        var length = Encoding.UTF8.GetBytes(command, span);
        "\r\n"u8.CopyTo(span[length..]);
        _count += length + 2;
    }

    /// <summary>Gathers bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _count += bytes.Length;
    }

    /// <summary>The bytes gathered and not yet flushed.</summary>
    public int Pending => _count;

    /// <summary>Whether something has come that is not read yet.</summary>
    public bool HasUnread
    {
        get
        {
            if (!_reader.TryRead(out var read)) return false;
            var any = !read.Buffer.IsEmpty;
            _reader.AdvanceTo(read.Buffer.Start);
            return any;
        }
    }

    /// <summary>Sends what was gathered, in one write.</summary>
    public async ValueTask FlushAsync(SmtpStep step, CancellationToken cancellationToken)
    {
        if (_count == 0) return;
        var count = _count;
        _count = 0;
        _writing.CancelAfter(SmtpSteps.Timeout(step));
        try
        {
            await _stream.WriteAsync(_pending.AsMemory(0, count), _writing.Token).ConfigureAwait(false);
            _writing.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Loss(step, e, cancellationToken);
        }
    }

    /// <summary>The server's next reply.</summary>
    /// <exception cref="SmtpFailureException">None came, it was not one, or it was 421: the server ends the conversation (RFC 5321 section 3.8).</exception>
    /// <param name="step">Which reply it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="within">How long it may take; null for the step's time.</param>
    public async ValueTask<SmtpReply> ReadAsync(SmtpStep step, CancellationToken cancellationToken, TimeSpan? within = null)
    {
        try
        {
            // RFC 5321 section 4.5.3.2 gives the time for the whole reply: a server that sends a byte now and then has no more.
            for (var timed = false; ; timed = true)
            {
                if (!_reader.TryRead(out var read))
                {
                    if (!timed) _reading.CancelAfter(within ?? SmtpSteps.Timeout(step));
                    read = await _reader.ReadAsync(_reading.Token).ConfigureAwait(false);
                }
                if (ReplyParser.TryRead(read.Buffer, out var reply, out var end))
                {
                    _reader.AdvanceTo(end);
                    _reading.CancelAfter(Timeout.InfiniteTimeSpan);
                    return reply!.Code == 421 ? throw new SmtpFailureException(step, reply) : reply;
                }
                if (read.IsCompleted) throw SmtpFailureException.Local(step, "4.4.2", "the server closed the connection");
                _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (FormatException e)
        {
            throw SmtpFailureException.Local(step, "4.5.0", $"the server's answer is not SMTP ({e.Message})", e);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Loss(step, e, cancellationToken);
        }
    }

    /// <summary>
    /// Negotiates TLS. The plain-text reader is thrown away with whatever it holds, for it could be an attacker's (RFC 3207 section 4.2 and 6);
    /// that it holds anything ends the conversation.
    /// </summary>
    /// <exception cref="AuthenticationException">The handshake or the certificate failed; the channel is of no use any more.</exception>
    public async ValueTask StartTlsAsync(SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        if (_reader.TryRead(out var leftover) && leftover.Buffer.Length > 0)
            throw SmtpFailureException.Local(SmtpStep.StartTls, "4.7.0", "the server sent more than its reply");
        await _reader.CompleteAsync().ConfigureAwait(false);
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        _reader = Reader(tls);
        _reading.CancelAfter(SmtpSteps.Timeout(SmtpStep.Handshake));
        try
        {
            await tls.AuthenticateAsClientAsync(options, _reading.Token).ConfigureAwait(false);
            _reading.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Loss(SmtpStep.Handshake, e, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _reading.Dispose();
        _writing.Dispose();
        var pending = Interlocked.Exchange(ref _pending, []);
        if (pending.Length > 0) ArrayPool<byte>.Shared.Return(pending);
    }

    private void Cancel()
    {
        _reading.Cancel();
        _writing.Cancel();
    }

    private Span<byte> Reserve(int length)
    {
        if (_pending.Length - _count < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_count + length, _pending.Length * 2));
            _pending.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_pending);
            _pending = larger;
        }
        return _pending.AsSpan(_count);
    }

    private static PipeReader Reader(Stream stream) => PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, bufferSize: 2048, minimumReadSize: 512));

    private static bool IsLoss(Exception e) => e is IOException or OperationCanceledException or ObjectDisposedException;

    private static Exception Loss(SmtpStep step, Exception e, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return new OperationCanceledException("The delivery was stopped.", e, cancellationToken);
        return e is OperationCanceledException
            ? SmtpFailureException.Local(step, "4.4.2", "timed out", e)
            : SmtpFailureException.Local(step, "4.4.2", "the connection was lost", e);
    }
}
