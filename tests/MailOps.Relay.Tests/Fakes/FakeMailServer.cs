using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>One message as a server received it.</summary>
public sealed record ServerMail(string From, IReadOnlyList<string> To, byte[] Content)
{
    public string Text => Encoding.UTF8.GetString(Content);
}

/// <summary>A mail server on loopback that answers as it is told, on a real socket with real TLS. It is nobody's idea of a good server, only a pliable one.</summary>
public sealed class FakeMailServer : IAsyncDisposable
{
    /// <summary>As a reply: closes the connection without one.</summary>
    public const string Close = "close";

    /// <summary>As a reply: says nothing, and keeps the connection open.</summary>
    public const string Silence = "silence";

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _gate = new();
    private readonly List<ServerMail> _mail = [];
    private readonly List<string> _commands = [];
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;
    private int _connections, _open;

    public FakeMailServer(string address = "127.0.0.1", int port = 0)
        : this(new IPEndPoint(IPAddress.Parse(address), port))
    {
    }

    public FakeMailServer(EndPoint at)
    {
        _listener = new Socket(at.AddressFamily, SocketType.Stream, at is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        _listener.Bind(at);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Greeting { get; set; } = "220 fake.test ESMTP";

    public IReadOnlyList<string> Extensions { get; set; } = ["PIPELINING", "8BITMIME", "SIZE 10000000", "SMTPUTF8", "DSN", "CHUNKING", "ENHANCEDSTATUSCODES"];

    public bool IsLmtp { get; set; }

    public X509Certificate2? Certificate { get; set; }

    public bool ImplicitTls { get; set; }

    /// <summary>The reply to a command where it is not the usual one.</summary>
    public Func<string, string?> On { get; set; } = _ => null;

    /// <summary>The reply to the content where it is not the usual one; for LMTP, of one recipient.</summary>
    public Func<string, string?> OnContent { get; set; } = _ => null;

    /// <summary>So many replies to contents wait until something has come behind the content.</summary>
    public int HeldReplies { get; set; }

    /// <summary>Whether what has come behind a content is thrown away, as some servers do.</summary>
    public bool Overhears { get; set; }

    public IReadOnlyList<ServerMail> Mail
    {
        get
        {
            lock (_gate) return [.. _mail];
        }
    }

    public IReadOnlyList<string> Commands
    {
        get
        {
            lock (_gate) return [.. _commands];
        }
    }

    public int Connections => Volatile.Read(ref _connections);

    public int Open => Volatile.Read(ref _open);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopped.Token);
                Interlocked.Increment(ref _connections);
                lock (_gate) _sessions.Add(Task.Run(() => ServeAsync(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _open);
        try
        {
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (ImplicitTls) stream = await SecureAsync(stream);
            await using var wire = new Wire(stream, _stopped.Token);
            if (!await wire.SayAsync(Greeting)) return;
            await ConverseAsync(wire);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone, or the test is over.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task ConverseAsync(Wire wire)
    {
        var (from, to) = ("", new List<string>());
        while (await wire.ReadLineAsync() is { } line)
        {
            lock (_gate) _commands.Add(line);
            var verb = line.Split(' ')[0].ToUpperInvariant();
            var special = On(line);
            var bdat = verb == "BDAT" ? await wire.ReadBytesAsync(int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)) : null;
            if (special is not null)
            {
                if (!await wire.SayAsync(special)) return;
                if (special.StartsWith("421", StringComparison.Ordinal)) return;
                continue;
            }
            switch (verb)
            {
                case "EHLO" or "LHLO":
                    var offered = Certificate is null || wire.IsTls ? Extensions : [.. Extensions, "STARTTLS"];
                    await wire.SayAsync(string.Join("\r\n", offered.Select(e => "250-" + e).Prepend("250-fake.test")) + "\r\n250 HELP");
                    break;
                case "STARTTLS":
                    await wire.SayAsync("220 2.0.0 Go on");
                    await wire.ReplaceAsync(SecureAsync);
                    break;
                case "MAIL":
                    (from, to) = (line["MAIL FROM:".Length..], []);
                    await wire.SayAsync("250 2.1.0 Ok");
                    break;
                case "RCPT":
                    to.Add(line["RCPT TO:".Length..]);
                    await wire.SayAsync("250 2.1.5 Ok");
                    break;
                case "RSET":
                    (from, to) = ("", []);
                    await wire.SayAsync("250 2.0.0 Ok");
                    break;
                case "DATA" or "BDAT" when to.Count == 0:
                    await wire.SayAsync("503 5.5.1 No recipients");
                    break;
                case "DATA":
                    await wire.SayAsync("354 Go on");
                    if (await wire.ReadDataAsync() is not { } content || !await TakeAsync(wire, from, to, content)) return;   // what has no end is no message
                    (from, to) = ("", []);
                    break;
                case "BDAT":
                    if (!await TakeAsync(wire, from, to, bdat!)) return;
                    (from, to) = ("", []);
                    break;
                case "QUIT":
                    await wire.SayAsync("221 2.0.0 Bye");
                    return;
                default:
                    await wire.SayAsync(verb == "HELO" ? "250 fake.test" : "502 5.5.2 No");
                    break;
            }
        }
    }

    private async Task<bool> TakeAsync(Wire wire, string from, List<string> to, byte[] content)
    {
        var taken = new List<string>();
        var replies = new List<string>();
        foreach (var recipient in IsLmtp ? to : [string.Join(',', to)])
        {
            replies.Add(OnContent(recipient) ?? "250 2.0.0 Ok");
            if (replies[^1].StartsWith('2')) taken.Add(recipient);
        }
        lock (_gate)   // before anybody hears of it, and may look
        {
            if (taken.Count > 0 && !replies.Contains(Close)) _mail.Add(new ServerMail(from, IsLmtp ? taken : to, content));
        }
        if (HeldReplies-- > 0) await wire.WaitForMoreAsync();
        if (Overhears) await wire.ThrowAwayAsync();
        foreach (var reply in replies)
        {
            if (!await wire.SayAsync(reply)) return false;
        }
        return true;
    }

    private async Task<Stream> SecureAsync(Stream inner)
    {
        var tls = new SslStream(inner);
        await tls.AuthenticateAsServerAsync(Certificate!);
        return tls;
    }

    private sealed class Wire(Stream stream, CancellationToken stopped) : IAsyncDisposable
    {
        private Stream _stream = stream;
        private readonly byte[] _one = new byte[1];
        private BufferedStream _reader = new(stream);
        private bool _isAhead;   // the octet in _one is one of the next line

        public bool IsTls => _stream is SslStream;

        public async Task<bool> SayAsync(string reply)
        {
            if (reply == Close) return false;
            if (reply == Silence) await Task.Delay(Timeout.Infinite, stopped);
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), stopped);
            return true;
        }

        public async Task ReplaceAsync(Func<Stream, Task<Stream>> secure)
        {
            _stream = await secure(_stream);
            _reader = new BufferedStream(_stream);
        }

        public async Task<string?> ReadLineAsync() => await ReadLineOctetsAsync() is { } line ? Encoding.UTF8.GetString(line) : null;

        private async Task<byte[]?> ReadLineOctetsAsync()
        {
            var line = new List<byte>();
            while (_isAhead || await _reader.ReadAsync(_one, stopped) == 1)
            {
                _isAhead = false;
                line.Add(_one[0]);
                if (line is [.., (byte)'\r', (byte)'\n']) return [.. line[..^2]];
            }
            return null;
        }

        /// <summary>Waits until a command comes, which is read afterwards.</summary>
        public async Task WaitForMoreAsync() => _isAhead = await _reader.ReadAsync(_one, stopped) == 1;

        public async Task ThrowAwayAsync()
        {
            _isAhead = false;
            _reader = new BufferedStream(_stream);
            while (_stream is NetworkStream { DataAvailable: true }) await _stream.ReadExactlyAsync(_one, stopped);
        }

        public async Task<byte[]> ReadBytesAsync(int count)
        {
            var bytes = new byte[count];
            await _reader.ReadExactlyAsync(bytes, stopped);
            return bytes;
        }

        public async Task<byte[]?> ReadDataAsync()
        {
            var content = new List<byte>();
            while (await ReadLineOctetsAsync() is { } line)
            {
                if (line is [(byte)'.']) return [.. content];
                content.AddRange([.. line is [(byte)'.', ..] ? line[1..] : line, .. "\r\n"u8]);
            }
            return null;
        }

        public ValueTask DisposeAsync() => _stream.DisposeAsync();
    }
}
