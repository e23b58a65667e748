using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.Diagnosis;

/// <summary>One connection that shows what was seen: every read has a limit in bytes, and ends when its token does.</summary>
/// <remarks>A socket cannot be cancelled on .NET Framework, so a token closes it: after a cancellation nothing more is read from this connection.</remarks>
internal sealed class ProbeConnection : IDisposable
{
    private const int MaxLine = 4096;               // RFC 5321 section 4.5.3.1.5 allows 512; more is seen, without end is not
    private const int MaxLines = 100;               // of one reply
    private const int MaxReceived = 256 * 1024;     // of one conversation

    private readonly Socket _socket;
    private readonly Redaction _redaction;
    private readonly byte[] _buffer = new byte[MaxLine];
    private Stream _stream;
    private int _start;
    private int _end;
    private int _received;

    private ProbeConnection(Socket socket, Redaction redaction)
    {
        _socket = socket;
        _redaction = redaction;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>This machine's address on the connection.</summary>
    public IPAddress LocalAddress => ((IPEndPoint)_socket.LocalEndPoint!).Address;

    /// <summary>The TLS that is in use; null in plain text.</summary>
    public SslStream? Tls => _stream as SslStream;

    /// <summary>Whether bytes have come that nobody asked for.</summary>
    public bool HasUnread => _end > _start || (Tls is null && _socket.Available > 0);

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">The connection was refused, or there is no way.</exception>
    public static async Task<ProbeConnection> OpenAsync(IPAddress address, int port, Redaction redaction, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using (cancellationToken.Register(static state => ((Socket)state!).Dispose(), socket))
            {
                await socket.ConnectAsync(new IPEndPoint(address, port)).ConfigureAwait(false);
            }
            return new ProbeConnection(socket, redaction);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Sends a command and reads the reply.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Closes the connection.</param>
    /// <param name="isLogin">Whether a mechanism asks, which needs a challenge as it came.</param>
    public async Task<SmtpReply> AskAsync(string command, CancellationToken cancellationToken, bool isLogin = false)
    {
        await SendAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancellationToken).ConfigureAwait(false);
        return await ReadReplyAsync(cancellationToken, isLogin).ConfigureAwait(false);
    }

    /// <summary>Sends bytes.</summary>
    public Task SendAsync(byte[] bytes, CancellationToken cancellationToken) => GuardAsync(
        async () =>
        {
            await _stream.WriteAsync(bytes, 0, bytes.Length, cancellationToken).ConfigureAwait(false);
            await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        },
        cancellationToken);

    /// <summary>Reads one reply (RFC 5321 section 4.2).</summary>
    /// <exception cref="NotSmtpException">It is none, or has no end.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public async Task<SmtpReply> ReadReplyAsync(CancellationToken cancellationToken, bool isLogin = false)
    {
        var lines = new List<string>();
        for (var code = 0; ;)
        {
            var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
            var own = CodeOf(line);
            if (own == 0 || (code > 0 && own != code)) throw NotSmtp(own == 0 ? "no reply code" : "another code within a reply", line);
            if (lines.Count == MaxLines) throw NotSmtp("a reply without end", line);
            code = own;
            var text = Encoding.UTF8.GetString(line, Math.Min(4, line.Length), Math.Max(0, line.Length - 4));
            lines.Add(text);
            if (line.Length > 3 && line[3] != ' ') continue;
            text = string.Join("\n", lines);
            return Replies.Read(code, isLogin && code == 334 ? text : string.Join("\n", _redaction.Clean(text).Split('\n').Select(one => WireText.Show(one))));
        }
    }

    /// <summary>Starts TLS (RFC 3207 section 4.1).</summary>
    /// <param name="server">The name in the server name indication, and in the certificate.</param>
    /// <param name="judge">Sees the certificate, and always takes it: what is wrong with it is a finding, not the end.</param>
    /// <param name="cancellationToken">Closes the connection.</param>
    /// <exception cref="AuthenticationException">The handshake failed.</exception>
    public async Task SecureAsync(string server, RemoteCertificateValidationCallback judge, CancellationToken cancellationToken)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false, judge);
        _stream = tls;
        (_start, _end) = (0, 0);
        var handshake = GuardAsync(
            async () =>
            {
                await tls.AuthenticateAsClientAsync(server, null, SslProtocols.None, checkCertificateRevocation: false).ConfigureAwait(false);
                return 0;
            },
            cancellationToken);
        // To build the chain the platform may fetch certificates from anywhere, and a closed socket does not stop that.
        if (await Task.WhenAny(handshake, Task.Delay(Timeout.Infinite, cancellationToken)).ConfigureAwait(false) != handshake)
        {
            _ = handshake.ContinueWith(static left => left.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
        }
        await handshake.ConfigureAwait(false);
    }

    /// <summary>What is there to read: at least one byte, or none at the end.</summary>
    public async Task<byte[]> ReadSomeAsync(CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false)) return [];
        return Take(_end - _start);
    }

    /// <summary>What has come and nobody asked for, as it may be shown.</summary>
    public async Task<string> ShowUnreadAsync(CancellationToken cancellationToken)
    {
        var bytes = await ReadSomeAsync(cancellationToken).ConfigureAwait(false);
        return _redaction.Show(Encoding.UTF8.GetString(bytes));
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static int CodeOf(byte[] line)
    {
        if (line.Length < 3 || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-'))) return 0;
        return line[0] is >= (byte)'2' and <= (byte)'5' && line[1] is >= (byte)'0' and <= (byte)'9' && line[2] is >= (byte)'0' and <= (byte)'9'
            ? ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0')
            : 0;
    }

    private async Task<byte[]> ReadLineAsync(CancellationToken cancellationToken)
    {
        for (var looked = _start; ;)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', looked, _end - looked);
            if (end >= 0)
            {
                var line = Take(end + 1 - _start);
                var length = line.Length - (line.Length > 1 && line[line.Length - 2] == '\r' ? 2 : 1);
                Array.Resize(ref line, length);
                return line;
            }
            // No text starts with a control character: whoever waits for the end of that line waits for ever.
            if (_end > _start && _buffer[_start] is < 0x20 and not (byte)'\r' or >= 0x80) throw NotSmtp("binary data", Take(_end - _start));
            looked = _end - _start;
            if (looked == MaxLine) throw NotSmtp("a line without end", Take(looked));
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                throw _end > _start ? NotSmtp("an end in the middle of a line", Take(_end - _start)) : new EndOfStreamException("the server closed the connection");
            looked += _start;
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }
        if (_received >= MaxReceived) throw NotSmtp("more than anybody says", Take(_end));
        var read = await GuardAsync(() => _stream.ReadAsync(_buffer, _end, _buffer.Length - _end, cancellationToken), cancellationToken).ConfigureAwait(false);
        _end += read;
        _received += read;
        return read > 0;
    }

    private byte[] Take(int count)
    {
        var taken = new byte[count];
        Array.Copy(_buffer, _start, taken, 0, count);
        _start += count;
        return taken;
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        using (cancellationToken.Register(static state => ((Socket)state!).Dispose(), _socket))
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (Exception e) when (cancellationToken.IsCancellationRequested && e is IOException or ObjectDisposedException or SocketException or AuthenticationException or InvalidOperationException)
            {
                throw new OperationCanceledException("the time is over", e, cancellationToken);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                throw new IOException(e.Message, e);
            }
        }
    }

    private static NotSmtpException NotSmtp(string why, byte[] seen) => new(why, seen);
}
