using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>The wire to one server: commands gather until they are flushed in one write, replies are read one at a time, each write and each reply within its time.</summary>
/// <remarks>A stream cannot be cancelled on .NET Framework, so what ends a wait closes the connection.</remarks>
internal sealed class SmtpWire : IDisposable
{
    // RFC 5321 section 4.5.3.1.5 allows 512 octets a line; real servers exceed it. A reply is held, hence bounded.
    private const int MaxLine = 16 * 1024, MaxReply = 64 * 1024;
#if NETFRAMEWORK
    private const SslProtocols Protocols = SslProtocols.Tls12;
#else
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;   // RFC 8997: nothing older
#endif

    private readonly Stream _transport;
    private readonly ConversationLog _log;
    private readonly Redaction _redaction;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _deadline = new();
    private Stream _stream;
    private byte[] _input = new byte[2048];
    private byte[] _output = new byte[2048];
    private int _start, _scanned, _end, _pending;
    private Task? _ahead;
    private volatile bool _aborted;

    /// <param name="transport">The connection, of which it becomes the owner.</param>
    /// <param name="timeout">How long a write, a handshake or a whole reply may take (RFC 5321 section 4.5.3.2).</param>
    /// <param name="log">Is shown all of it.</param>
    /// <param name="redaction">Takes the credential out of replies.</param>
    public SmtpWire(Stream transport, TimeSpan timeout, ConversationLog log, Redaction redaction)
    {
        _stream = _transport = transport;
        _timeout = Cancellation.Bounded(timeout);
        (_log, _redaction) = (log, redaction);
        _deadline.Token.Register(Abort);
    }

    /// <summary>The TLS in use; null in plain text.</summary>
    public SslStream? Tls => _stream as SslStream;

    /// <summary>Whether something has come that nobody asked for yet. Under TLS only what has been decrypted counts, since TLS has messages of its own.</summary>
    public bool HasUnread => _end > _start || (Tls is null && _transport is NetworkStream { DataAvailable: true });

    /// <summary>Lets a token end what is waited for; disposed, the wire is on its own again.</summary>
    public CancellationTokenRegistration Bind(CancellationToken cancellationToken) => cancellationToken.Register(static wire => ((SmtpWire)wire!).Abort(), this);

    /// <summary>Gathers a command; CRLF is added.</summary>
    /// <exception cref="InvalidOperationException">It holds a line break: an argument that would be a second command.</exception>
    public void Write(string command)
    {
        foreach (var c in command)
        {
            if (c is '\r' or '\n' or '\0') throw new InvalidOperationException("A command cannot hold CR, LF or NUL.");
        }
        _log.Client(command);
        var most = _pending + Encoding.UTF8.GetMaxByteCount(command.Length) + 2;
        if (most > _output.Length) Array.Resize(ref _output, Math.Max(most, 2 * _output.Length));
        _pending += Encoding.UTF8.GetBytes(command, 0, command.Length, _output, _pending);
        _output[_pending++] = (byte)'\r';
        _output[_pending++] = (byte)'\n';
    }

    /// <summary>Sends what was gathered, in one write.</summary>
    /// <exception cref="SmtpFormatException">The server has said something before: what it says next would be taken for the answer to something else.</exception>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!_aborted && HasUnread) throw new SmtpFormatException("the server says what nobody has asked for");
        var count = _pending;
        _pending = 0;
        return count == 0 ? Task.CompletedTask : SendAsync(_output, count, cancellationToken);
    }

    /// <summary>Sends a command, and reads the reply.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="isLogin">Whether a mechanism asks, which needs a challenge as it came.</param>
    public async Task<SmtpReply> AskAsync(string command, CancellationToken cancellationToken, bool isLogin = false)
    {
        Write(command);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await ReadAsync(cancellationToken, isLogin: isLogin).ConfigureAwait(false);
    }

    /// <summary>Sends bytes.</summary>
    /// <exception cref="IOException">The connection was lost; the last of the bytes did not leave this machine.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task SendAsync(byte[] bytes, int count, CancellationToken cancellationToken)
    {
        _deadline.CancelAfter(_timeout);
        try
        {
#if NET
            await _stream.WriteAsync(bytes.AsMemory(0, count), CancellationToken.None).ConfigureAwait(false);
#else
            await _stream.WriteAsync(bytes, 0, count, CancellationToken.None).ConfigureAwait(false);
#endif
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Loss(e, cancellationToken);
        }
    }

    /// <summary>Sends bytes of a content. A server that refuses it before it has all of it may take no more, and wait with an open connection for the client to notice: what it says is read meanwhile.</summary>
    /// <returns>The refusal of a server that has not taken all of the bytes, after which the connection is of no use any more; null where they are sent.</returns>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public async Task<SmtpReply?> SendUnlessRefusedAsync(byte[] bytes, int count, CancellationToken cancellationToken)
    {
        var sending = SendAsync(bytes, count, cancellationToken);
        if (!sending.IsCompleted)
        {
            _ahead ??= FillAsync(cancellationToken);
            // Only a refusal: what else is said now is no answer to this content, and is found once the bytes are out.
            if (await Task.WhenAny(sending, _ahead).ConfigureAwait(false) != sending && _ahead.Status == TaskStatus.RanToCompletion && _input[_start] is (byte)'4' or (byte)'5')
            {
                _ = sending.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                return await ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        await sending.ConfigureAwait(false);
        return null;
    }

    /// <summary>Reads one reply (RFC 5321 section 4.2): lines of one code, with a hyphen after it on all but the last.</summary>
    /// <exception cref="SmtpFormatException">It is none, has no end, or the connection ended before it.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    /// <exception cref="TimeoutException">It did not come whole in time.</exception>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="patience">How many times the usual time it may take.</param>
    /// <param name="isLogin">Whether it is for a mechanism, which needs a challenge as it came.</param>
    public async Task<SmtpReply> ReadAsync(CancellationToken cancellationToken, int patience = 1, bool isLogin = false)
    {
        var (timed, code) = (false, 0);
        StringBuilder? before = null;   // the lines so far, without their codes
        try
        {
            while (true)
            {
                int end;
                while (_ahead is not null || (end = Array.IndexOf(_input, (byte)'\n', _scanned, _end - _scanned)) < 0)
                {
                    if (_ahead is null) _scanned = _end;
                    if (!timed) _deadline.CancelAfter(patience == 1 ? _timeout : Cancellation.Bounded(TimeSpan.FromMilliseconds(patience * _timeout.TotalMilliseconds)));   // the time is for the whole reply: a server that sends a byte now and then has no more
                    timed = true;
                    var filling = _ahead ?? FillAsync(cancellationToken);
                    _ahead = null;
                    await filling.ConfigureAwait(false);
                }
                var length = end > _start && _input[end - 1] == '\r' ? end - 1 - _start : end - _start;
                var own = CodeOf(_start, length);
                if (own == 0) throw NoReply(before?.ToString(), Encoding.UTF8.GetString(_input, _start, length));
                if (code > 0 && own != code) throw new SmtpFormatException("the lines of one reply have different codes");
                code = own;
                var text = length > 4 ? Encoding.UTF8.GetString(_input, _start + 4, length - 4) : "";
                var isLast = length == 3 || _input[_start + 3] == ' ';
                _start = _scanned = end + 1;
                if (isLast)
                {
                    if (timed) _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
                    var whole = before is null ? text : before.Append(text).ToString();
                    before = null;
                    var shown = Shown(whole);
                    Log(code, shown, ' ');
                    return Replies.Read(code, isLogin && code == 334 ? whole : shown);
                }
                before = (before ?? new StringBuilder()).Append(text).Append('\n');
                if (before.Length > MaxReply) throw new SmtpFormatException("a reply does not end");
            }
        }
        finally
        {
            if (before is not null) Log(code, Shown(before.ToString(0, before.Length - 1), isCut: true), '-');
        }
    }

    /// <summary>Starts TLS (RFC 3207 section 4, or at once).</summary>
    /// <param name="server">The name in the server name indication, and in the certificate.</param>
    /// <param name="judge">Judges the certificate.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TlsHandshakeException">It failed, or the certificate was not accepted; the connection is of no use any more.</exception>
    /// <exception cref="SmtpFormatException">The server, or somebody before it, has sent what would be taken for its words under TLS (RFC 3207 section 6).</exception>
    public async Task SecureAsync(string server, RemoteCertificateValidationCallback judge, CancellationToken cancellationToken)
    {
        if (_end > _start) throw new SmtpFormatException("there is more than the answer to STARTTLS");
        var tls = new SslStream(_transport, leaveInnerStreamOpen: false, judge);
        _stream = tls;
        _deadline.CancelAfter(_timeout);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline.Token);
        try
        {
            // To build the chain the platform may fetch certificates from anywhere, and a closed connection does not stop that.
            await tls.AuthenticateAsClientAsync(server, null, Protocols, checkCertificateRevocation: false).OrCancelledAsync(ended.Token).ConfigureAwait(false);
            _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (Exception e) when (IsLoss(e) || e is AuthenticationException or OperationCanceledException)
        {
            throw ended.IsCancellationRequested ? Loss(e, cancellationToken) : new TlsHandshakeException(e);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _transport.Dispose();
        _deadline.Dispose();
    }

    private void Abort()
    {
        _aborted = true;
        _transport.Dispose();
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Array.Copy(_input, _start, _input, 0, _end - _start);
            (_start, _scanned, _end) = (0, _scanned - _start, _end - _start);
        }
        if (_end == _input.Length)
        {
            if (_end >= MaxLine) throw new SmtpFormatException("a line does not end");
            Array.Resize(ref _input, 2 * _end);
        }
        try
        {
#if NET
            var read = await _stream.ReadAsync(_input.AsMemory(_end), CancellationToken.None).ConfigureAwait(false);
#else
            var read = await _stream.ReadAsync(_input, _end, _input.Length - _end, CancellationToken.None).ConfigureAwait(false);
#endif
            if (read == 0) throw _aborted ? Loss(new EndOfStreamException(), cancellationToken) : new SmtpFormatException("the server closed the connection");
            _end += read;
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Loss(e, cancellationToken);
        }
    }

    private int CodeOf(int start, int length)
    {
        if (length < 3 || (length > 3 && _input[start + 3] is not ((byte)' ' or (byte)'-'))) return 0;
        var (first, second, third) = (_input[start] - '0', _input[start + 1] - '0', _input[start + 2] - '0');
        return first is >= 2 and <= 5 && second is >= 0 and <= 9 && third is >= 0 and <= 9 ? (100 * first) + (10 * second) + third : 0;
    }

    // Secrets go first, and from all lines at once, for what is changed, cut or broken over lines is not found any more. What moves a cursor is written out; a tab is only a space.
    private string Shown(string text, bool isCut = false)
    {
        text = _redaction.Clean(text, isCut).Replace('\t', ' ');
        return text.IndexOf('\n') < 0 ? Printable.Escape(text) : string.Join("\n", text.Split('\n').Select(Printable.Escape));
    }

    private SmtpFormatException NoReply(string? before, string line)
    {
        var clean = _redaction.Clean(before + line, isCut: true);
        return new SmtpFormatException($"'{WireText.Show(clean.Substring(clean.LastIndexOf('\n') + 1))}' is no reply");
    }

    /// <param name="code">Of the reply.</param>
    /// <param name="text">Its lines.</param>
    /// <param name="last">What stands behind the code in the last of them: a hyphen where the end is missing.</param>
    private void Log(int code, string text, char last)
    {
        if (!_log.IsRead) return;
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++) _log.Server(FormattableString.Invariant($"{code}{(i < lines.Length - 1 ? '-' : last)}{lines[i]}"));
    }

    private bool IsLoss(Exception e) => e is IOException or SocketException or ObjectDisposedException || (_aborted && e is InvalidOperationException or NotSupportedException or AuthenticationException);

    private Exception Loss(Exception e, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return new OperationCanceledException("The submission was cancelled.", e, cancellationToken);
        if (_aborted) return new TimeoutException("no answer in time", e);
        return e as IOException ?? new IOException(e.Message, e);
    }
}
