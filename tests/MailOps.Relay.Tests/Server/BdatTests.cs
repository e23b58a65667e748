namespace MailOps.Relay.Tests.Server;

public sealed class BdatTests
{
    private const string Envelope = "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n";

    [Theory]
    [InlineData("Subject: x\r\n\r\nno final newline")]
    [InlineData(".\r\n..\r\n.\r\nQUIT\r\n")]
    [InlineData("8-bit \x80\xff, NUL \0\r\n")]
    [InlineData("")]
    public async Task Chunks_are_taken_as_they_are_at_any_cut(string body)
    {
        await using var server = TestServer.Start();
        for (var cut = 0; cut <= body.Length; cut++)
        {
            var wire = Envelope + $"BDAT {cut}\r\n{body[..cut]}BDAT {body.Length - cut} LAST\r\n{body[cut..]}NOOP\r\n";
            foreach (var piece in new[] { int.MaxValue, 3, 1 })
            {
                Assert.EndsWith($"250 2.0.0 {cut} octets received\r\n250 2.6.0 id{server.Target.Taken.Count + 1} queued\r\n250 2.0.0 OK\r\n", await server.TalkAsync(wire, piece), StringComparison.Ordinal);
                Assert.Equal(body, server.Target.Taken.Last().Body);
            }
        }
    }

    [Theory]
    [InlineData("BDAT 3\r\na\n\r", "BDAT 2 LAST\r\n\nb")]
    [InlineData("BDAT 2\r\na\r", "BDAT 1 LAST\r\nb")]
    [InlineData("BDAT 2\r\nab", "BDAT 1 LAST\r\n\n")]
    [InlineData("BDAT 2\r\nab", "BDAT 1 LAST\r\n\r")]
    [InlineData("BDAT 4\r\na\r\r\n", "BDAT 1 LAST\r\nb")]
    public async Task A_lone_CR_or_LF_is_refused_in_a_chunk_too(string first, string last)
    {
        await using var server = TestServer.Start();
        var said = await server.TalkAsync(Envelope + first + last);
        Assert.Contains("554 5.6.0 ", said, StringComparison.Ordinal);
        Assert.Empty(server.Target.Taken);
        Assert.Equal(1, server.Target.Dropped);
    }

    [Fact]
    public async Task A_chunk_after_refused_recipients_is_swallowed()
    {
        await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO x
            S: 250 mx.example.test
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<nobody@example.test>
            S: 550 5.1.1 No
            C: BDAT 6
            C: QUIT
            S: 554 5.5.1 No valid recipients
            C: BDAT 6 LAST
            C: QUIT
            S: 554 5.5.1 No valid recipients
            C: RSET
            S: 250 2.0.0 OK
            C: BDAT 6 LAST
            C: QUIT
            S: 503 5.5.1 Say MAIL first
            C: QUIT
            S: 221 2.0.0 Bye
            """, () => new RecordingTarget { RefuseRecipient = _ => new SmtpReply(550, "5.1.1", "No") });
    }

    [Fact]
    public async Task A_reset_between_chunks_drops_the_message_and_DATA_between_them_is_refused()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO x
            S: 250 mx.example.test
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: BDAT 6
            C: gone
            S: 250 2.0.0 6 octets received
            C: DATA
            S: 503 5.5.1 Not between chunks; go on with BDAT, or RSET
            C: RSET
            S: 250 2.0.0 OK
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: BDAT 6 LAST
            C: kept
            S: 250 2.6.0 id2 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """);
        Assert.Equal("kept\r\n", Assert.Single(target.Taken).Body);
    }

    [Fact]
    public async Task A_chunk_over_the_limit_is_swallowed_and_ends_the_transaction()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxMessageSize = 1000 }));
        var chunk = new string('x', 600);
        var said = await server.TalkAsync(Envelope + $"BDAT 600\r\n{chunk}BDAT 600\r\n{chunk}BDAT 600 LAST\r\n{chunk}NOOP\r\n", 50);
        Assert.EndsWith("250 2.0.0 600 octets received\r\n552 5.3.4 Message size exceeds the limit\r\n503 5.5.1 Say MAIL first\r\n250 2.0.0 OK\r\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BDAT")]
    [InlineData("BDAT x")]
    [InlineData("BDAT -1")]
    [InlineData("BDAT +1")]
    [InlineData("BDAT 1x")]
    [InlineData("BDAT 1 FIRST")]
    [InlineData("BDAT 99999999999999999999")]
    public async Task A_chunk_whose_size_cannot_be_read_ends_the_session(string command)
    {
        await using var server = TestServer.Start();
        Assert.EndsWith("501 5.5.4 Syntax: BDAT size [LAST]; closing, since the chunk's end is unknown\r\n", await server.TalkAsync(Envelope + command + "\r\nNOOP\r\n"), StringComparison.Ordinal);
    }
}
