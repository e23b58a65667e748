using System.Net;
using System.Net.Sockets;
using System.Text;
using MailOps.Relay.Tests.Server.Handshake;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Proxy;

public sealed class ProxyTests
{
    private const string Text = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n";
    private const string Message = "EHLO client.test\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n";
    private static readonly IPAddress Balancer = IPAddress.Parse("10.0.0.9");

    public static TheoryData<string, string> Headers { get; } = new()
    {
        { Text, "192.0.2.1" },
        { "PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n", "2001:db8::1" },
        { "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 25\r\n", "192.0.2.1" },
        { "PROXY UNKNOWN\r\n", "10.0.0.9" },
        { "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\xdc\x04\0\x19", "192.0.2.1" },
        { "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x13\xc0\0\x02\x01\xc6\x33\x64\x02\xdc\x04\0\x19\x04\0\x04\0\0\0\0", "192.0.2.1" },
        { "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", "10.0.0.9" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task The_client_is_the_one_the_header_names_in_any_cut_of_the_bytes(string header, string client)
    {
        await using var server = Start();
        foreach (var piece in new[] { int.MaxValue, 5, 1 })
        {
            var said = await server.TalkAsync(header + Message, piece, Balancer);
            Assert.EndsWith("queued\r\n", said, StringComparison.Ordinal);
        }
        Assert.Equal(3, server.Target.Taken.Count);
        var address = IPAddress.Parse(client);
        foreach (var taken in server.Target.Taken)
        {
            Assert.Equal(address, taken.Sender.Origin!.ClientAddress);
            Assert.Contains(client.Contains(':', StringComparison.Ordinal) ? $"([IPv6:{client}])" : $"([{client}])", taken.Trace, StringComparison.Ordinal);
        }
        Assert.All(server.Trace.Events, e => Assert.Equal(client, e.ClientIp));
        Assert.Empty(server.Trace.Faults);
    }

    [Theory]
    [InlineData("EHLO client.test\r\nNOOP\r\n", "There is no header")]
    [InlineData("PROXY TCP4 192.0.2.1\r\nEHLO x\r\n", "The line is not PROXY")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\n", "does not end with CR LF")]
    [InlineData("PROXY T", "The connection ended")]
    [InlineData("PROXY TCP4 192.0.2.1 19", "The connection ended")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0", "The connection ended")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", "65535 bytes follow")]
    public async Task A_listed_proxy_without_a_whole_header_is_closed_and_told_as_a_fault(string bytes, string fault)
    {
        await using var server = Start();
        foreach (var piece in new[] { int.MaxValue, 1 }) Assert.Equal("", await server.TalkAsync(bytes, piece, Balancer));
        Assert.All(server.Trace.Faults, f => Assert.Contains($"PROXY header from 10.0.0.9: System.FormatException: ", f, StringComparison.Ordinal));
        Assert.All(server.Trace.Faults, f => Assert.Contains(fault, f, StringComparison.Ordinal));
        Assert.Equal(2, server.Trace.Faults.Count);
        Assert.Equal(0, server.Server.SessionCount);
    }

    [Fact]
    public async Task A_line_without_an_end_is_read_no_further_than_a_header_may_be_long()
    {
        await using var server = Start();
        Assert.Equal("", await server.TalkAsync("PROXY TCP4 " + new string('1', 100_000), client: Balancer));
        Assert.Contains("longer than a header may be", Assert.Single(server.Trace.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_that_says_nothing_is_no_fault_and_a_quiet_proxy_is_closed()
    {
        var clock = new FakeTimeProvider();
        await using var server = Start(clock, "127.0.0.1");
        Assert.Equal("", await server.TalkAsync("", client: IPAddress.Loopback));
        Assert.Empty(server.Trace.Faults);
        await using var quiet = await TestClient.ConnectAsync(server.Port);
        await server.TurnClockUntilAsync(() => server.Server.SessionCount == 1, TimeSpan.Zero);
        var start = clock.GetUtcNow();
        await server.TurnClockUntilAsync(() => server.Server.SessionCount == 0, TimeSpan.FromSeconds(1));
        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10));
        Assert.Equal("", await quiet.ReadReplyAsync());
        Assert.Contains("was quiet for too long", Assert.Single(server.Trace.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_listed_is_an_ordinary_client_whatever_it_says()
    {
        await using var server = Start();
        Assert.StartsWith("220 mx.example.test ESMTP MailOps\r\n500 5.5.2 Command not recognised\r\n250-mx.example.test", await server.TalkAsync(Text + "EHLO x\r\n", client: IPAddress.Parse("10.1.0.9")), StringComparison.Ordinal);
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task Sessions_and_rates_are_counted_for_the_client_and_not_for_the_proxy()
    {
        await using var server = Start(with: l => l with { MaxSessionsPerClient = 1, MaxMessageRate = 1 });
        Assert.EndsWith("queued\r\n", await server.TalkAsync(Text + Message, client: Balancer), StringComparison.Ordinal);
        Assert.Contains("450 4.7.1 Too many messages", await server.TalkAsync(Text + Message, client: Balancer), StringComparison.Ordinal);
        Assert.EndsWith("queued\r\n", await server.TalkAsync(Text.Replace("192.0.2.1", "192.0.2.7", StringComparison.Ordinal) + Message, client: Balancer), StringComparison.Ordinal);
        Assert.True(server.Server.Surroundings.Sessions.TryEnter(IPAddress.Parse("192.0.2.1"), 1));   // all have left
        Assert.Equal("421 4.7.0 Too many connections from your address; try again later\r\n", await server.TalkAsync(Text + Message, client: Balancer));
    }

    [Fact]
    public async Task A_handshake_that_comes_in_the_same_packet_as_the_header_is_whole()
    {
        await using var server = Start(listed: "127.0.0.1", listener: l => l with { Tls = TlsMode.Implicit });
        using var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        await using var glued = new GluedStream(tcp.GetStream(), Encoding.Latin1.GetBytes(Text));
        await using var client = new TestClient(null, await TlsClient.SecureAsync(glued, "mx.example.test"));
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        foreach (var line in Message.Split("\r\n")[..5]) await (line == "" ? client.SendAsync("\r\n") : client.AskAsync(line));
        Assert.Equal(IPAddress.Parse("192.0.2.1"), server.Target.Taken.Single().Sender.Origin!.ClientAddress);
        Assert.StartsWith("TLSv1.3", server.Target.Taken.Single().Sender.Origin!.Tls, StringComparison.Ordinal);
    }

    private static TestServer Start(TimeProvider? clock = null, string listed = "10.0.0.0/24", Func<LimitOptions, LimitOptions>? with = null, Func<ListenerOptions, ListenerOptions>? listener = null) =>
        TestServer.Start(clock: clock, with: o => o with
        {
            Limits = (with ?? (l => l))(o.Limits),
            Listeners = [(listener ?? (l => l))(o.Listeners[0] with { ProxyNetworks = [listed] })],
        });

    /// <summary>Puts bytes before the first write, in the same packet.</summary>
    private sealed class GluedStream(Stream inner, byte[] before) : Stream
    {
        private byte[] _before = before;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] all = [.. _before, .. buffer.Span];
            _before = [];
            await inner.WriteAsync(all, cancellationToken);
        }

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
