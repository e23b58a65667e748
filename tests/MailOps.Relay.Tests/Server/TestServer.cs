using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Relay.Server;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server;

/// <summary>A server on loopback with a recording target, in a folder of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    /// <summary>User and password that the server knows.</summary>
    public const string User = "printer", Password = "t0p secret";

    private static readonly Lazy<X509Certificate2> SharedCertificate = new(MakeCertificate);

    private TestServer(RecordingTarget target, TimeProvider clock, IUserDirectory users, Func<SmtpRelayOptions, SmtpRelayOptions> adjust)
    {
        Target = target;
        Clock = clock;
        var options = adjust(new SmtpRelayOptions
        {
            QueuePath = Folder,
            Listeners = [new ListenerOptions { Endpoint = "127.0.0.1:0", Certificate = Certificate }],
            Limits = new LimitOptions { MaxHold = TimeSpan.Zero },   // its date in EHLO is another one each time
            Users = [new RelayUserOptions { Name = User, Password = new SecretReference() }],
        });
        try
        {
            Server = SmtpServer.Start(options, "mx.example.test", Folder, target, users, Trace, clock);
        }
        catch
        {
            Directory.Delete(Folder, recursive: true);   // some tests are about what cannot start
            throw;
        }
    }

    public static CertificateOptions Certificate => new() { Value = SharedCertificate.Value };

    public RecordingTarget Target { get; }

    public RecordingTrace Trace { get; } = new();

    public TimeProvider Clock { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("mailops-server-").FullName;

    public SmtpServer Server { get; }

    public int Port => Server.Listeners[0].Port;

    public static TestServer Start(RecordingTarget? target = null, TimeProvider? clock = null, Func<SmtpRelayOptions, SmtpRelayOptions>? with = null, IUserDirectory? users = null) =>
        new(target ?? new RecordingTarget(), clock ?? TimeProvider.System, users ?? new PlainUsers((User, Password)), with ?? (o => o));

    /// <summary>Whether a certificate is the one the server shows.</summary>
    public static bool IsItsCertificate(X509Certificate? certificate) => certificate?.GetCertHashString() == SharedCertificate.Value.GetCertHashString();

    /// <summary>Changes to the only listener.</summary>
    public static Func<SmtpRelayOptions, SmtpRelayOptions> Listener(Func<ListenerOptions, ListenerOptions> adjust) => o => o with { Listeners = [adjust(o.Listeners[0])] };

    /// <summary>Changes to the limits.</summary>
    public static Func<SmtpRelayOptions, SmtpRelayOptions> Limits(Func<LimitOptions, LimitOptions> adjust) => o => o with { Limits = adjust(o.Limits) };

    /// <summary>Sends all bytes in pieces of one size over an in-memory stream, then closes; gives what the server said.</summary>
    public async Task<string> TalkAsync(byte[] input, int piece = int.MaxValue, IPAddress? client = null) => (await ServeAsync(input, piece, client)).Said;

    /// <summary>The same, and the stream that was talked over.</summary>
    public Task<WireStream> ServeAsync(byte[] input, int piece = int.MaxValue, IPAddress? client = null) => ServeAsync(input, () => piece, client);

    /// <summary>The same in pieces of any sizes.</summary>
    public async Task<WireStream> ServeAsync(byte[] input, Func<int> piece, IPAddress? client = null)
    {
        var wire = new WireStream(input, piece);
        await Server.ServeAsync(wire, client ?? IPAddress.Loopback, Server.Bound[0]);
        return wire;
    }

    public Task<string> TalkAsync(string input, int piece = int.MaxValue, IPAddress? client = null) => TalkAsync(Encoding.Latin1.GetBytes(input), piece, client);

    /// <summary>Connects over loopback and reads the greeting.</summary>
    public async Task<TestClient> ConnectAsync()
    {
        var client = await TestClient.ConnectAsync(Port);
        Assert.Equal("220 mx.example.test ESMTP MailOps", await client.ReadReplyAsync());
        return client;
    }

    /// <summary>Turns the manual clock on until a condition holds.</summary>
    public async Task TurnClockUntilAsync(Func<bool> condition, TimeSpan step)
    {
        for (var i = 0; i < 1000 && !condition(); i++)
        {
            ((FakeTimeProvider)Clock).Advance(step);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        Assert.True(condition(), "The clock was turned on for long, and it did not happen.");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.test", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>One client connection, a line at a time.</summary>
internal sealed class TestClient(TcpClient? tcp, Stream stream) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Stream Stream => stream;

    public static async Task<TestClient> ConnectAsync(int port, string address = "127.0.0.1")
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Parse(address), port);
        return new TestClient(tcp, tcp.GetStream());
    }

    public async Task SendAsync(string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends a line and reads its reply.</summary>
    public async Task<string> AskAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReadReplyAsync();
    }

    /// <summary>Says STARTTLS and goes on inside TLS.</summary>
    public async Task<TestClient> StartTlsAsync()
    {
        Assert.StartsWith("220 ", await AskAsync("STARTTLS"), StringComparison.Ordinal);
        var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.example.test", RemoteCertificateValidationCallback = (_, certificate, _, _) => TestServer.IsItsCertificate(certificate) });
        return new TestClient(null, tls);
    }

    /// <summary>Reads one reply, all its lines; empty at the end of the connection.</summary>
    public async Task<string> ReadReplyAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var reply = new StringBuilder();
        var one = new byte[1];
        var lineStart = 0;
        while (true)
        {
            if (await ReadAsync(one, patience.Token) == 0) return reply.ToString();
            reply.Append((char)one[0]);
            if (one[0] != '\n') continue;
            if (reply[lineStart + 3] == ' ') return reply.ToString().TrimEnd('\r', '\n');
            lineStart = reply.Length;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        tcp?.Dispose();
    }

    private async Task<int> ReadAsync(byte[] one, CancellationToken patience)
    {
        try
        {
            return await stream.ReadAsync(one, patience);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

/// <summary>A duplex stream in memory: what the client sends is there from the start and comes in pieces.</summary>
/// <param name="input">All that the client sends.</param>
/// <param name="piece">The size of the next piece; asked at each read.</param>
internal sealed class WireStream(byte[] input, Func<int> piece) : Stream
{
    private readonly MemoryStream _said = new();
    private int _position;

    public string Said => Encoding.Latin1.GetString(_said.ToArray());

    /// <summary>The writes of the server, one string each.</summary>
    public List<string> Writes { get; } = [];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = Math.Min(Math.Min(piece(), buffer.Length), input.Length - _position);
        input.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return new(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _said.Write(buffer.Span);
        Writes.Add(Encoding.Latin1.GetString(buffer.Span));
        return default;
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
