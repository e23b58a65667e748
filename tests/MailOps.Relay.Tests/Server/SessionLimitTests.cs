namespace MailOps.Relay.Tests.Server;

/// <summary>What LIMITS says (RFC 9422), and that it is meant.</summary>
public sealed class SessionLimitTests
{
    private const string Message = "MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n";

    [Fact]
    public async Task The_limits_are_told_where_there_are_some()
    {
        await using var few = TestServer.Start(with: TestServer.Limits(l => l with { MaxRecipients = 5_000_000 }));
        Assert.Contains("\r\n250-LIMITS RCPTMAX=999999\r\n", await few.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);
        await using var all = TestServer.Start(with: TestServer.Limits(l => l with { MaxMessagesPerSession = 7, MaxRecipients = 100, MaxRecipientDomains = 3 }));
        Assert.Contains("\r\n250-LIMITS MAILMAX=7 RCPTMAX=100 RCPTDOMAINMAX=3\r\n", await all.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_last_message_of_a_session_MAIL_ends_it()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxMessagesPerSession = 2 }));
        var said = await server.TalkAsync("EHLO x\r\n" + Message + "MAIL FROM:<a@example.test>\r\nRSET\r\n" + "MAIL FROM:<a@example.test>\r\nNOOP\r\n");
        Assert.EndsWith("\r\n250 2.1.0 Sender OK\r\n250 2.0.0 OK\r\n421 4.7.0 Too many messages in one session; connect again for more\r\n", said, StringComparison.Ordinal);
        Assert.Single(server.Target.Taken);
    }

    [Fact]
    public async Task Recipients_have_no_more_domains_in_a_session_than_allowed_whichever_way_they_are_written()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO x
            S: 250 mx.example.test
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<nobody@refused.test>
            S: 550 5.1.1 No
            C: RCPT TO:<b@EXAMPLE.test>
            S: 250 2.1.5 Recipient OK
            C: RCPT TO:<b@xn--bcher-kva.test>
            S: 250 2.1.5 Recipient OK
            C: RCPT TO:<c@third.test>
            S: 452 4.5.3 Too many recipient domains; send the rest in another session
            C: RCPT TO:<c@example.test>
            S: 250 2.1.5 Recipient OK
            C: RSET
            S: 250 2.0.0 OK
            C: MAIL FROM:<a@example.test> SMTPUTF8
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<c@third.test>
            S: 452 4.5.3 Too many recipient domains; send the rest in another session
            C: RCPT TO:<c@BÃ¼cher.test>
            S: 250 2.1.5 Recipient OK
            C: QUIT
            S: 221 2.0.0 Bye
            """,
            () => new RecordingTarget { RefuseRecipient = r => r.ForwardPath.LocalPart == "nobody" ? new SmtpReply(550, "5.1.1", "No") : null },
            TestServer.Limits(l => l with { MaxRecipientDomains = 2 }));
        Assert.Empty(target.Taken);
    }
}
