namespace MailOps.Relay.Tests.Server;

public sealed class CommandTableTests
{
    private const string Greeted = "EHLO client.example.test\r\n";
    private const string Sender = Greeted + "MAIL FROM:<a@example.test>\r\n";
    private const string Recipient = Sender + "RCPT TO:<b@example.test>\r\n";
    private const string Chunk = Recipient + "BDAT 3\r\nx\r\n";
    private const string Known = Greeted + "AUTH PLAIN AHByaW50ZXIAdDBwIHNlY3JldA==\r\n";
    private const string RefusedRecipient = Sender + "RCPT TO:<nobody@example.test>\r\n";

    private static readonly string[] States = ["", Greeted, Sender, Recipient, Chunk, Known, RefusedRecipient];

    [Theory]
    // in the states:  connected, greeted, sender, recipient, chunk, user, refused recipient
    [InlineData("250 250 250 250 250 250 250", "EHLO other.example.test")]
    [InlineData("250 250 250 250 250 250 250", "HELO other.example.test")]
    [InlineData("503 220 503 503 503 220 503", "STARTTLS")]
    [InlineData("503 235 503 503 503 503 503", "AUTH PLAIN AHByaW50ZXIAdDBwIHNlY3JldA==")]
    [InlineData("503 250 503 503 503 250 503", "MAIL FROM:<a@example.test>")]
    [InlineData("503 503 250 250 503 503 250", "RCPT TO:<c@example.test>")]
    [InlineData("503 503 554 354 503 503 554", "DATA")]
    [InlineData("503 503 554 250 250 503 554", "BDAT 4\r\nNO\r\n")]
    [InlineData("503 503 554 250 250 503 554", "BDAT 4 LAST\r\nNO\r\n")]
    [InlineData("501 501 501 501 501 501 501", "BDAT four")]
    [InlineData("250 250 250 250 250 250 250", "RSET")]
    [InlineData("250 250 250 250 250 250 250", "NOOP")]
    [InlineData("252 252 252 252 252 252 252", "VRFY someone")]
    [InlineData("502 502 502 502 502 502 502", "EXPN list")]
    [InlineData("214 214 214 214 214 214 214", "HELP")]
    [InlineData("221 221 221 221 221 221 221", "QUIT")]
    [InlineData("500 500 500 500 500 500 500", "FROB")]
    public async Task Every_verb_answers_by_what_the_session_has(string codes, string command)
    {
        var expected = codes.Split(' ');
        for (var i = 0; i < States.Length; i++)
        {
            await using var server = TestServer.Start(
                new RecordingTarget { RefuseRecipient = r => r.ForwardPath.LocalPart == "nobody" ? new SmtpReply(550, "5.1.1", "No") : null },
                with: TestServer.Listener(l => l with { AllowPlainTextAuthentication = true }));
            var before = await server.TalkAsync(States[i]);
            var line = command.EndsWith('\n') ? command : command + "\r\n";
            var said = await server.TalkAsync(States[i] + line);
            Assert.StartsWith(before, said, StringComparison.Ordinal);
            Assert.Equal((i, expected[i]), (i, said[before.Length..][..3]));
            var reply = said[before.Length..].TrimEnd().Split("\r\n");
            Assert.All(reply, l => Assert.StartsWith(expected[i], l, StringComparison.Ordinal));   // one reply: a refused chunk is not read as commands
            Assert.Empty(server.Trace.Faults);
        }
    }

    [Theory]
    [InlineData("MAIL FROM:<a@example.test>")]
    [InlineData("RCPT TO:<a@example.test>")]
    [InlineData("DATA")]
    [InlineData("BDAT 4 LAST\r\nNO")]
    [InlineData("VRFY someone")]
    public async Task Where_the_listener_requires_TLS_or_AUTH_nothing_goes_before_it(string command)
    {
        await using var tls = TestServer.Start(with: TestServer.Listener(l => l with { RequireTls = true, RequireAuthentication = true, AllowPlainTextAuthentication = true }));
        Assert.EndsWith("\r\n530 5.7.0 Must issue a STARTTLS command first\r\n", await tls.TalkAsync(Greeted + command + "\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n530 5.7.0 Must issue a STARTTLS command first\r\n", await tls.TalkAsync(Known), StringComparison.Ordinal);
        Assert.EndsWith("\r\n250 2.0.0 OK\r\n", await tls.TalkAsync(Greeted + "NOOP\r\n"), StringComparison.Ordinal);
        await using var auth = TestServer.Start(with: TestServer.Listener(l => l with { RequireAuthentication = true, AllowPlainTextAuthentication = true }));
        Assert.EndsWith("\r\n530 5.7.0 Authentication required\r\n", await auth.TalkAsync(Greeted + command + "\r\n"), StringComparison.Ordinal);
        Assert.EndsWith("\r\n250 2.1.0 Sender OK\r\n", await auth.TalkAsync(Known + "MAIL FROM:<a@example.test>\r\n"), StringComparison.Ordinal);
    }
}
