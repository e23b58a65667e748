using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Server;

/// <summary>BODY=BINARYMIME (RFC 3030 section 3): content that has no lines.</summary>
public sealed class BinaryMimeTests
{
    private const string Envelope = "EHLO x\r\nMAIL FROM:<a@example.test> BODY=BINARYMIME\r\nRCPT TO:<b@example.test>\r\n";

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r.\r\n.\n.\r\n\0\x80\xff\n\r\r\n\r")]
    [InlineData("\r\n.\r\nQUIT\r\n")]
    public async Task Binary_content_is_taken_as_it_is_at_any_cut(string body)
    {
        await using var server = TestServer.Start();
        for (var cut = 0; cut <= body.Length; cut++)
        {
            var wire = Envelope + $"BDAT {cut}\r\n{body[..cut]}BDAT {body.Length - cut} LAST\r\n{body[cut..]}NOOP\r\n";
            foreach (var piece in new[] { int.MaxValue, 2, 1 })
            {
                Assert.EndsWith(" queued\r\n250 2.0.0 OK\r\n", await server.TalkAsync(wire, piece), StringComparison.Ordinal);
                var taken = server.Target.Taken.Last();
                Assert.Equal((body, MailBody.BinaryMime), (taken.Body, taken.Sender.Body));
            }
        }
    }

    [Fact]
    public async Task Binary_content_does_not_come_by_DATA()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO x
            S: 250 mx.example.test
            C: MAIL FROM:<a@example.test> BODY=BINARYMIME
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 503 5.5.1 BODY=BINARYMIME comes by BDAT, not by DATA
            C: BDAT 5 LAST
            C: abc
            S: 250 2.6.0 id1 queued
            C: MAIL FROM:<a@example.test> BODY=8BITMIME
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: .
            S: 250 2.6.0 id2 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """);
        Assert.Equal("abc\r\n", target.Taken.First().Body);
    }

    [Fact]
    public async Task The_next_message_of_the_session_has_lines_again()
    {
        await using var server = TestServer.Start();
        var said = await server.TalkAsync(Envelope + "BDAT 1 LAST\r\n\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nBDAT 1 LAST\r\n\n");
        Assert.Contains("250 2.6.0 id1 queued\r\n", said, StringComparison.Ordinal);
        Assert.EndsWith("554 5.6.0 Message holds a CR or LF that is not part of a CR LF\r\n", said, StringComparison.Ordinal);
    }
}
