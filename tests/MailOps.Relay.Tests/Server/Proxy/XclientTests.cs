using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Proxy;

public sealed class XclientTests
{
    private const string Message = "MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n";
    private static readonly IPAddress Stranger = IPAddress.Parse("198.51.100.7");

    private static readonly Func<SmtpRelayOptions, SmtpRelayOptions> Listed = TestServer.Listener(l => l with { XclientNetworks = ["127.0.0.0/8"] });

    [Fact]
    public async Task A_listed_proxy_speaks_for_its_client()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO proxy.test
            S: 250 mx.example.test
            C: XCLIENT NAME=spike.example.test ADDR=192.0.2.1 PORT=4711
            S: 220 mx.example.test ESMTP MailOps
            C: MAIL FROM:<a@example.test>
            S: 503 5.5.1 Say EHLO first
            C: HELO spike.example.test
            S: 250 mx.example.test
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: XCLIENT ADDR=192.0.2.2
            S: 503 5.5.1 Not during a mail transaction
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: .
            S: 250 2.6.0 id1 queued
            C: XCLIENT ADDR=IPV6:2001:db8::1 NAME=[UNAVAILABLE] HELO=six.example.test PROTO=ESMTP LOGIN=ada
            S: 220 mx.example.test ESMTP MailOps
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: .
            S: 250 2.6.0 id2 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """, with: Listed);
        var origins = target.Taken.Select(t => t.Sender.Origin!).ToList();
        Assert.Equal([("192.0.2.1", "spike.example.test", "SMTP", null), ("2001:db8::1", "six.example.test", "ESMTPA", "ada")], origins.Select(o => (o.ClientAddress.ToString(), o.Helo, o.Protocol, o.UserName)));
        Assert.Contains("from spike.example.test (spike.example.test [192.0.2.1])\r\n", target.Taken.First().Trace, StringComparison.Ordinal);
        Assert.Contains("from six.example.test ([IPv6:2001:db8::1])\r\n", target.Taken.Last().Trace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("XCLIENT NAME=a", "220 ")]
    [InlineData("xclient name=a addr=192.0.2.1", "220 ")]
    [InlineData("XCLIENT NAME=[TEMPUNAVAIL] ADDR=[unavailable] PORT=[UNAVAILABLE] PROTO=SMTP HELO=[UNAVAILABLE] LOGIN=[UNAVAILABLE] DESTADDR=192.0.2.9 DESTPORT=25", "220 ")]
    [InlineData("XCLIENT LOGIN=ada+40example.test HELO=x+2Dy", "220 ")]
    [InlineData("XCLIENT DESTADDR=IPV6:::1", "220 ")]
    [InlineData("XCLIENT", "501 5.5.4 This command needs an argument")]
    [InlineData("XCLIENT NAME", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT NAME=", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT NAME=a NAME=b", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT COLOUR=red", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT ADDR=2001:db8::1", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT ADDR=IPV6:192.0.2.1", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT ADDR=192.0.2", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT PORT=65536", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT PROTO=LMTP", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT HELO=a+20b", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT NAME=a(b)", "501 5.5.4 Syntax: XCLIENT")]
    [InlineData("XCLIENT LOGIN=a+0D+0Ab", "501 5.5.4 Syntax: XCLIENT")]
    public async Task The_grammar_of_XCLIENT(string line, string reply)
    {
        await using var server = TestServer.Start(with: Listed);
        Assert.StartsWith("220 mx.example.test ESMTP MailOps\r\n" + reply, await server.TalkAsync(line + "\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_offered_to_listed_proxies_alone_and_taken_from_nobody_else()
    {
        await using var server = TestServer.Start(with: Listed);
        const string talk = "EHLO x\r\nXCLIENT ADDR=127.0.0.1\r\n";
        Assert.Contains("250 XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n", await server.TalkAsync(talk), StringComparison.Ordinal);
        var said = await server.TalkAsync(talk, client: Stranger);
        Assert.DoesNotContain("XCLIENT NAME", said, StringComparison.Ordinal);
        Assert.EndsWith("\r\n550 5.7.0 XCLIENT is for listed proxies\r\n", said, StringComparison.Ordinal);
        await using var without = TestServer.Start();
        Assert.EndsWith("\r\n502 5.5.1 Command not implemented\r\n", await without.TalkAsync(talk), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proxy_may_speak_for_the_next_client_and_what_the_one_before_was_is_forgotten()
    {
        await using var server = TestServer.Start(with: o => TestServer.Listener(l => l with { XclientNetworks = ["127.0.0.1"], AllowPlainTextAuthentication = true })(TestServer.Limits(l => l with { MaxErrors = 2 })(o)));
        var said = await server.TalkAsync(
            "EHLO p\r\nAUTH PLAIN AHByaW50ZXIAdDBwIHNlY3JldA==\r\nXCLIENT ADDR=192.0.2.1\r\nEHLO one\r\n" + Message + "FROB\r\nFROB\r\n"
            + "XCLIENT ADDR=192.0.2.2 LOGIN=grace\r\nEHLO two\r\n" + Message + "XCLIENT LOGIN=[UNAVAILABLE]\r\nEHLO two\r\n" + Message);
        Assert.DoesNotContain("421", said, StringComparison.Ordinal);   // errors are each client's own
        Assert.Equal([("192.0.2.1", "one", null), ("192.0.2.2", "two", "grace"), ("192.0.2.2", "two", null)],
            server.Target.Taken.Select(t => (t.Sender.Origin!.ClientAddress.ToString(), t.Sender.Origin.Helo, t.Sender.Origin.UserName)));
    }

    [Fact]
    public async Task Sessions_are_counted_for_those_the_proxy_speaks_for()
    {
        await using var server = TestServer.Start(clock: new FakeTimeProvider(), with: o => TestServer.Limits(l => l with { MaxSessionsPerClient = 1, MaxSessionRate = 3 })(TestServer.Listener(l => l with { XclientNetworks = ["198.51.100.0/24"] })(o)));
        var one = server.Server.Surroundings.Sessions;
        const string become = "XCLIENT ADDR=192.0.2.1\r\nNOOP\r\n";
        Assert.EndsWith("MailOps\r\n250 2.0.0 OK\r\n", await server.TalkAsync(become, client: Stranger), StringComparison.Ordinal);
        Assert.True(one.TryEnter(IPAddress.Parse("192.0.2.1"), 1));
        Assert.EndsWith("\r\n421 4.7.0 Too many connections from your address; try again later\r\n", await server.TalkAsync(become, client: Stranger), StringComparison.Ordinal);
        one.Leave(IPAddress.Parse("192.0.2.1"));
        Assert.EndsWith("250 2.0.0 OK\r\n", await server.TalkAsync("XCLIENT ADDR=192.0.2.5\r\n" + become, client: Stranger), StringComparison.Ordinal);
        Assert.EndsWith("\r\n421 4.7.0 Too many connections from your address in a short time; try again later\r\n", await server.TalkAsync(become, client: Stranger), StringComparison.Ordinal);
        foreach (var address in new[] { "192.0.2.1", "192.0.2.5", "198.51.100.7" }) Assert.True(one.TryEnter(IPAddress.Parse(address), 1));   // all have left
    }
}
