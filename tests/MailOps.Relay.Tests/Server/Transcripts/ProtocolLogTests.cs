using System.Net;
using System.Text;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Tests.Server.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Transcripts;

/// <summary>What the protocol log says of sessions, of whose, and what it never says.</summary>
public sealed class ProtocolLogTests
{
    private static readonly IPAddress Device = IPAddress.Parse("192.0.2.7");

    private static readonly Func<SmtpRelayOptions, SmtpRelayOptions> PlainText = TestServer.Listener(l => l with { AllowPlainTextAuthentication = true });

    [Fact]
    public async Task A_session_is_written_down_line_by_line_but_for_its_secrets_and_its_content()
    {
        await using var server = TestServer.Start(clock: new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)), with: PlainText);
        server.Server.ProtocolLog.Enable(null, null, null);
        await server.TalkAsync(
            "EHLO client, \"quoted\".example\r\nHELO client.example\r\nAUTH PLAIN AHByaW50ZXIAdDBwIHNlY3JldA==\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nSubject: hidden\r\n\r\n..\r\n.\r\nquit\r\n", client: Device);
        var endpoint = server.Server.Bound[0].Endpoint;
        var lines = await LinesAsync(server);
        Assert.Equal(["#Software: MailOps", "#Version: 1.0", "#Log-type: SMTP Receive Protocol Log", "#Date: 2026-03-01T12:00:00.000Z"], lines[..4]);
        Assert.Equal("#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data", lines[4]);
        string[] expected =
        [
            "+,", "> 220 mx.example.test ESMTP MailOps", "<,\"EHLO client, \"\"quoted\"\".example\"", "> 501 …",
            "< HELO client.example", "> 250 mx.example.test", "< AUTH PLAIN (not shown)", "*,authenticated as printer", "> 235 2.7.0 Authentication successful",
            "< MAIL FROM:<a@example.test>", "> 250 2.1.0 Sender OK", "< RCPT TO:<b@example.test>", "> 250 2.1.5 Recipient OK", "< DATA", "> 354 …",
            "*,content of 22 bytes", "> 250 …", "< quit", "> 221 …", "-,",
        ];
        var session = lines[5].Split(',')[2];
        Assert.Equal(16, session.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var head = FormattableString.Invariant($"2026-03-01T12:00:00.000Z,{endpoint},{session},{i},{endpoint},192.0.2.7,");
            var tail = expected[i][1] == ' ' ? $"{expected[i][0]},{expected[i][2..]}" : expected[i];
            if (tail.EndsWith('…')) Assert.StartsWith(head + tail[..^1], lines[5 + i], StringComparison.Ordinal);
            else Assert.Equal(head + tail, lines[5 + i]);
        }
        Assert.Equal(5 + expected.Length, lines.Count);
    }

    [Theory]
    [InlineData("AUTH PLAIN {0}\r\n")]
    [InlineData("AUTH PLAIN\r\n{0}\r\n")]
    [InlineData("auth login {0}\r\n{0}\r\n")]
    [InlineData("AUTH LOGIN\r\ncHJpbnRlcg==\r\n{0}\r\n")]
    [InlineData("AUTH XOAUTH2 {0}\r\n{0}\r\n")]
    [InlineData("AUTH OAUTHBEARER {0}\r\n{0}\r\n")]
    [InlineData("AUTH SCRAM-SHA-256 {0}\r\n{0}\r\n")]
    [InlineData("AUTH EXTERNAL {0}\r\n")]
    [InlineData("AUTH CRAM-MD5\r\n{0}\r\n")]                     // refused, and the client goes on as if it had not been
    [InlineData("AUTH LOGIN\r\n*\r\n{0}\r\n{0}\r\n")]            // cancelled, and then it came all the same
    [InlineData("AUTH {0}\r\n{0}\r\n")]
    [InlineData("AUTH  PLAIN   {0}\r\n")]
    [InlineData("AUTH PLAIN {0} {0}\r\n")]
    [InlineData("AUTH\r\n{0}\r\n")]
    [InlineData("AUTH PLAIN {0}\n{0}\r\n")]                       // a bare LF: no line at all
    [InlineData("AUTH PLAIN \0{0}\r\n{0}\r\n")]
    [InlineData("AUHT PLAIN {0}\r\nAUTHPLAIN{0}\r\n")]
    [InlineData("PASS {0}\r\nAuthorization: Basic {0}\r\n{0}\r\n")]
    [InlineData("AUTH PLAIN x\r\nHELP {0}\r\nNOOP {0}\r\nHELO {0}\r\nRSET {0}\r\n")]
    [InlineData("DATA\r\nHELP {0}\r\nMAIL {0}\r\nMAIL FROM: {0}\r\nVRFY {0}\r\n")]   // refused, and the content came all the same
    [InlineData("BDAT 12\r\nHELP {0}\r\nRCPT {0}\r\n{0}\r\n")]
    [InlineData("MAIL FROM:<a@example.test>\r\nAUTH PLAIN {0}\r\n{0}\r\n")]
    public async Task No_secret_is_ever_written_down(string said)
    {
        const string Canary = "C4n4ryBird";
        var encoded = Convert.ToBase64String(Encoding.ASCII.GetBytes("\0printer\0" + Canary + "\x01"));
        foreach (var secret in (string[])[Canary, encoded, Convert.ToBase64String(Encoding.ASCII.GetBytes(Canary)), "onlyletters"])
        {
            await using var server = TestServer.Start(with: PlainText);
            server.Server.ProtocolLog.Enable(null, null, null);
            await server.TalkAsync("EHLO x\r\n" + said.Replace("{0}", secret, StringComparison.Ordinal) + "NOOP\r\n");
            var text = string.Join('\n', await LinesAsync(server));
            Assert.Contains(",<,NOOP\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Neither_side_of_SCRAM_is_written_down()
    {
        await using var server = TestServer.Start(users: new UserDirectory([("ada", "pencil"u8.ToArray(), [])], null, new RecordingTrace()), with: PlainText);
        server.Server.ProtocolLog.Enable(null, null, null);
        await using var client = await server.ConnectAsync();
        await client.AskAsync("EHLO x");
        var scram = new ScramClient(ScramHash.Sha256, "ada", "pencil");
        string[] said = [Base64(scram.First)];
        var challenge = (await client.AskAsync("AUTH SCRAM-SHA-256 " + said[0]))[4..];
        said = [.. said, challenge, Base64(scram.Final(Encoding.UTF8.GetString(Convert.FromBase64String(challenge))))];
        var last = (await client.AskAsync(said[2]))[4..];
        Assert.StartsWith("235 ", await client.AskAsync(""), StringComparison.Ordinal);
        var lines = await LinesAsync(server);
        Assert.All([.. said, last], secret => Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.Ordinal)));
        Assert.Equal(
            ["<,AUTH SCRAM-SHA-256 (not shown)", ">,334 (not shown)", "<,(not shown)", ">,334 (not shown)", "<,(not shown)", "*,authenticated as ada", ">,235 2.7.0 Authentication successful"],
            lines.Select(Event).SkipWhile(line => !line.Contains("AUTH ", StringComparison.Ordinal) || line[0] == '>'));
    }

    [Fact]
    public async Task TLS_and_a_lost_connection_are_told()
    {
        await using var server = TestServer.Start();
        server.Server.ProtocolLog.Enable(server.Server.Bound[0].Endpoint, null, null);
        await using (var client = await server.ConnectAsync())
        {
            await client.AskAsync("EHLO x");
            await using var secure = await client.StartTlsAsync();
            await secure.AskAsync("EHLO inside");
            await secure.AskAsync("MAIL FROM:<a@example.test>");
            await secure.AskAsync("RCPT TO:<b@example.test>");
            await secure.AskAsync("DATA");
            await secure.SendAsync("begun");
        }
        await using (var client = await server.ConnectAsync())
        {
            await client.AskAsync("EHLO x");
            await client.AskAsync("STARTTLS");
            await client.SendAsync("this is no handshake at all, and never will be one\r\n");
            await client.ReadReplyAsync();
        }
        await UntilAsync(async () => (await LinesAsync(server)).Count(line => Event(line) == "-,") == 2);
        var events = (await LinesAsync(server)).Select(Event).ToList();
        Assert.Contains(events, line => line.StartsWith("*,TLSv1.3 with cipher TLS_", StringComparison.Ordinal));
        Assert.Contains("<,EHLO inside", events);
        Assert.Contains("*,the client closed the connection in the middle of something", events);
        Assert.Contains(events, line => line.StartsWith("*,the connection was lost: ", StringComparison.Ordinal) || line.StartsWith("*,\"the connection was lost: ", StringComparison.Ordinal));
        Assert.DoesNotContain(events, line => line.Contains("begun", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_clients_asked_for_are_written_down()
    {
        await using var server = TestServer.Start();
        server.Server.ProtocolLog.Enable(null, IPNetwork.Parse("192.0.2.0/24"), null);
        await server.TalkAsync("NOOP\r\n", client: IPAddress.Parse("198.51.100.1"));
        Assert.Empty(await LinesAsync(server));
        Assert.False(Directory.Exists(server.Server.ProtocolLog.Folder));
        await server.TalkAsync("NOOP\r\n", client: Device.MapToIPv6());
        Assert.Contains((await LinesAsync(server)).Select(Event), line => line == "<,NOOP");
    }

    [Fact]
    public async Task A_session_that_is_open_is_written_down_from_the_moment_it_is_asked_for_until_it_is_no_more()
    {
        await using var server = TestServer.Start();
        await using var client = await server.ConnectAsync();
        await client.AskAsync("HELO before");
        server.Server.ProtocolLog.Enable(null, IPNetwork.Parse("127.0.0.1/32"), null);
        await client.AskAsync("HELO during");
        Assert.True(server.Server.ProtocolLog.Disable("127.0.0.1"));
        Assert.False(server.Server.ProtocolLog.Disable("127.0.0.1"));
        await client.AskAsync("HELO after");
        Assert.Equal(["*,the session was open before", "<,HELO during", ">,250 mx.example.test"], (await LinesAsync(server)).Skip(5).Select(Event));
    }

    [Fact]
    public async Task What_was_asked_for_a_time_ends_by_itself()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock);
        server.Server.ProtocolLog.Enable(null, null, TimeSpan.FromMinutes(10));
        server.Server.ProtocolLog.Enable(null, IPNetwork.Parse("192.0.2.7/32"), TimeSpan.FromMinutes(20));
        server.Server.ProtocolLog.Enable(null, IPNetwork.Parse("192.0.2.7/32"), TimeSpan.FromMinutes(30));   // takes the place of the one before
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(["*", "192.0.2.7"], server.Server.ProtocolLog.Rules!.Select(rule => rule.Name));
        clock.Advance(TimeSpan.FromMinutes(12));
        Assert.Equal(["192.0.2.7"], server.Server.ProtocolLog.Rules!.Select(rule => rule.Name));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(server.Server.ProtocolLog.Rules);
    }

    [Fact]
    public async Task A_listener_may_be_written_down_by_its_configuration()
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { ProtocolLog = true }));
        await server.TalkAsync("NOOP\r\n");
        Assert.Equal(server.Server.Bound[0].Endpoint, Assert.Single(server.Server.ProtocolLog.Rules!).Listener);
        Assert.Contains((await LinesAsync(server)).Select(Event), line => line == "<,NOOP");
    }

    [Fact]
    public async Task A_client_that_a_proxy_speaks_for_is_the_one_that_counts()
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { XclientNetworks = ["127.0.0.1"] }));
        server.Server.ProtocolLog.Enable(null, IPNetwork.Parse("192.0.2.7/32"), null);
        await server.TalkAsync("EHLO proxy\r\nXCLIENT ADDR=192.0.2.7\r\nEHLO its-client\r\nXCLIENT ADDR=192.0.2.8\r\nEHLO another\r\n");
        var events = (await LinesAsync(server)).Skip(5).ToList();
        Assert.Equal(["*,the session was open before", ">,220 mx.example.test ESMTP MailOps", "<,EHLO its-client"], events.Select(Event).Take(3));
        Assert.All(events, line => Assert.Contains(",192.0.2.7,", line, StringComparison.Ordinal));
        Assert.DoesNotContain(events, line => line.Contains("another", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.2 56324 25\r\nNOOP\r\n", "192.0.2.7:56324")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::2 56324 25\r\nNOOP\r\n", "[2001:db8::7]:56324")]
    [InlineData("PROXY TCP4 127.0.0.1 198.51.100.2 56324 25\r\nNOOP\r\n", "127.0.0.1:56324")]   // on the balancer's own machine
    [InlineData("XCLIENT ADDR=192.0.2.7 PORT=56324\r\nNOOP\r\n", "192.0.2.7:56324")]
    [InlineData("XCLIENT ADDR=192.0.2.8 PORT=1\r\nXCLIENT ADDR=192.0.2.7\r\nNOOP\r\n", "192.0.2.7")]   // a port is one client's
    [InlineData("XCLIENT ADDR=192.0.2.7 PORT=[UNAVAILABLE]\r\nNOOP\r\n", "192.0.2.7")]
    public async Task The_port_of_a_client_that_a_proxy_speaks_for_is_shown_where_the_proxy_tells_it(string said, string shown)
    {
        var viaProxy = said.StartsWith("PROXY", StringComparison.Ordinal);
        await using var server = TestServer.Start(with: TestServer.Listener(l => viaProxy ? l with { ProxyNetworks = ["127.0.0.1"] } : l with { XclientNetworks = ["127.0.0.1"] }));
        server.Server.ProtocolLog.Enable(null, null, null);
        await server.TalkAsync(said);
        Assert.Equal(shown, Assert.Single(await LinesAsync(server), line => Event(line) == "<,NOOP").Split(',')[5]);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Event(string line) => line.StartsWith('#') ? line : string.Join(',', line.Split(',', 7)[6..]);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600 && !await condition(); i++) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.True(await condition());
    }

    private static async Task<List<string>> LinesAsync(TestServer server)
    {
        await server.Server.ProtocolLog.FlushAsync();
        var folder = server.Server.ProtocolLog.Folder;
        if (!Directory.Exists(folder)) return [];
        var text = string.Concat(Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllText));
        Assert.True(text.Length == 0 || text.EndsWith("\r\n", StringComparison.Ordinal));
        return [.. text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }
}
