using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Server.Fuzzing;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server;

public sealed class ConversationTests
{
    [Fact]
    public async Task A_message_is_taken_and_the_reply_names_it()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: EHLO client.example.test
            S: 250-mx.example.test
            S: 250-PIPELINING
            S: 250-SIZE 37748736
            S: 250-8BITMIME
            S: 250-SMTPUTF8
            S: 250-CHUNKING
            S: 250-BINARYMIME
            S: 250-ENHANCEDSTATUSCODES
            S: 250-DSN
            S: 250-DELIVERBY
            S: 250-MT-PRIORITY
            S: 250-LIMITS RCPTMAX=1000
            S: 250 STARTTLS
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: Subject: dots
            C: 
            C: ..one
            C: ...
            C: .
            S: 250 2.6.0 id1 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """);
        var message = Assert.Single(target.Taken);
        Assert.Equal("Subject: dots\r\n\r\n.one\r\n..\r\n", message.Body);
        Assert.Equal("a@example.test", message.Sender.ReversePath!.ToString());
        Assert.Equal("client.example.test", message.Sender.Origin!.Helo);
        Assert.Equal("ESMTP", message.Sender.Origin.Protocol);
        Assert.StartsWith("Received: from client.example.test ([127.0.0.1])\r\n\tby mx.example.test (MailOps) with ESMTP id id1\r\n\tfor <b@example.test>;\r\n\t", message.Trace, StringComparison.Ordinal);
        Assert.EndsWith(" +0000\r\n", message.Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_messages_go_over_one_session_and_a_reset_drops_one_between()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO [192.0.2.7]
            S: 250 mx.example.test
            C: MAIL FROM:<>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: RCPT TO:<c@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: .
            S: 250 2.6.0 id1 queued
            C: MAIL FROM:<gone@example.test>
            S: 250 2.1.0 Sender OK
            C: RSET
            S: 250 2.0.0 OK
            C: RCPT TO:<b@example.test>
            S: 503 5.5.1 Say MAIL first
            C: mail from:<a@example.test> BODY=8bitmime
            S: 250 2.1.0 Sender OK
            C: rcpt to:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: bdat 6
            C: S: 1
            S: 250 2.0.0 6 octets received
            C: Bdat 0 last
            S: 250 2.6.0 id3 queued
            C: QUIT
            S: 221 2.0.0 Bye
            """);
        var messages = target.Taken.ToArray();
        Assert.Equal(["", "S: 1\r\n"], messages.Select(m => m.Body));
        Assert.Null(messages[0].Sender.ReversePath);
        Assert.Equal("SMTP", messages[0].Sender.Origin!.Protocol);
        Assert.DoesNotContain("for <", messages[0].Trace, StringComparison.Ordinal);
        Assert.Equal(MailBody.EightBitMime, messages[1].Sender.Body);
        Assert.Equal(1, target.Dropped);
    }

    [Fact]
    public async Task What_the_target_refuses_is_refused_in_its_words()
    {
        var target = await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO client.example.test
            S: 250 mx.example.test
            C: MAIL FROM:<spam@example.test>
            S: 550 5.7.1 Not you
            C: MAIL FROM:<a@example.test>
            S: 250 2.1.0 Sender OK
            C: RCPT TO:<nobody@example.test>
            S: 550-5.1.1 No such mailbox
            S: 550 5.1.1 ask the postmaster
            C: DATA
            S: 554 5.5.1 No valid recipients
            C: RCPT TO:<b@example.test>
            S: 250 2.1.5 Recipient OK
            C: DATA
            S: 354 Start mail input; end with <CRLF>.<CRLF>
            C: text
            C: .
            S: 452 4.3.1 Disk full
            C: QUIT
            S: 221 2.0.0 Bye
            """, () => new RecordingTarget
        {
            RefuseSender = s => s.ReversePath!.LocalPart == "spam" ? new SmtpReply(550, "5.7.1", "Not you") : null,
            RefuseRecipient = r => r.ForwardPath.LocalPart == "nobody" ? new SmtpReply(550, "5.1.1", "No such mailbox\nask the postmaster") : null,
            Outcomes = _ => [new DeliveryOutcome(DeliveryStatus.Deferred, new SmtpReply(452, "4.3.1", "Disk full"))],
        });
        Assert.Single(target.Taken);
    }

    [Fact]
    public async Task The_small_verbs_answer()
    {
        await Transcript.PlayAsync("""
            S: 220 mx.example.test ESMTP MailOps
            C: NOOP whatever
            S: 250 2.0.0 OK
            C: VRFY someone
            S: 252 2.5.0 Cannot VRFY a user, but will take mail and try to deliver it
            C: VRFY
            S: 501 5.5.4 This command needs an argument
            C: EXPN list
            S: 502 5.5.1 Command not implemented
            C: HELP
            S: 214-2.0.0 Commands: EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY EXPN HELP QUIT
            S: 214 2.0.0 RFC 5321 says what they do
            C: RSET now
            S: 501 5.5.4 This command takes no argument
            C: FROB
            S: 500 5.5.2 Command not recognised
            C: 
            S: 500 5.5.2 Command not recognised
            C: EHLO
            S: 501 5.5.4 This command needs an argument
            C: EHLO (evil)
            S: 501 5.5.2 Give your name as a domain or an address literal
            C: MAIL FROM:<a@example.test>
            S: 503 5.5.1 Say EHLO first
            C: QUIT
            S: 221 2.0.0 Bye
            """);
    }

    [Fact]
    public void Help_names_every_verb_that_is_for_everybody()
    {
        var help = System.Text.Encoding.ASCII.GetString(Relay.Server.Replies.Help.Wire.Span);
        Assert.All(Relay.Server.Commands.Table.Where(c => c.Verb != "XCLIENT"), c => Assert.Contains(" " + c.Verb, help, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replies_to_a_pipelined_group_go_out_in_one_write()
    {
        await using var server = TestServer.Start();
        var wire = await server.ServeAsync("""
            HELO client.example.test
            MAIL FROM:<a@example.test>
            RCPT TO:<b@example.test>
            RCPT TO:<c@example.test>
            DATA
            text
            .
            RSET
            MAIL FROM:<a@example.test>
            RCPT TO:<b@example.test>
            NOOP
            QUIT

            """.ReplaceLineEndings("\r\n").Select(c => (byte)c).ToArray());
        Assert.Equal(
            [["250"], ["250", "250", "250", "354"], ["250"], ["250", "250", "250", "250"], ["221"]],
            wire.Writes.Skip(1).Select(w => w.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(l => l[..3]).ToArray()));
    }

    [Fact]
    public async Task One_deferred_recipient_makes_the_reply_temporary_and_one_failed_one_makes_it_permanent()
    {
        var delivered = new DeliveryOutcome(DeliveryStatus.Delivered, new SmtpReply(250, "2.0.0", "taken"));
        var deferred = new DeliveryOutcome(DeliveryStatus.Deferred, new SmtpReply(451, "4.2.0", "later"));
        var failed = new DeliveryOutcome(DeliveryStatus.Failed, new SmtpReply(550, "5.1.1", "never"));
        Assert.EndsWith("\r\n451 4.2.0 later\r\n", await TalkAsync([failed, deferred, delivered]), StringComparison.Ordinal);
        Assert.EndsWith("\r\n550 5.1.1 never\r\n", await TalkAsync([delivered, failed]), StringComparison.Ordinal);
        Assert.EndsWith("\r\n250 2.6.0 id1 queued\r\n", await TalkAsync([delivered, delivered]), StringComparison.Ordinal);
        Assert.EndsWith("\r\n451 4.3.0 Nobody took the message\r\n", await TalkAsync([]), StringComparison.Ordinal);

        static async Task<string> TalkAsync(DeliveryOutcome[] outcomes)
        {
            await using var server = TestServer.Start(new RecordingTarget { Outcomes = _ => outcomes });
            return await server.TalkAsync("HELO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n");
        }
    }

    [Fact]
    public async Task A_fault_in_the_target_is_a_temporary_refusal_and_is_told_to_the_trace()
    {
        await using var server = TestServer.Start(new RecordingTarget { Outcomes = _ => throw new InvalidOperationException("secret detail") });
        var said = await server.TalkAsync("HELO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\nNOOP\r\n");
        Assert.EndsWith("\r\n451 4.3.0 Local error in processing; try again later\r\n250 2.0.0 OK\r\n", said, StringComparison.Ordinal);
        Assert.Contains("secret detail", Assert.Single(server.Trace.Faults), StringComparison.Ordinal);
        Assert.Equal(1, server.Target.Dropped);
    }

    [Fact]
    public async Task A_client_that_brings_about_faults_is_ended_like_one_that_errs()
    {
        await using var server = TestServer.Start(new RecordingTarget { Outcomes = _ => throw new InvalidOperationException("odd input") }, clock: new ImpatientClock());
        var said = await server.TalkAsync("HELO x\r\n" + string.Concat(Enumerable.Repeat("MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n", 100)));
        Assert.EndsWith("\r\n421 4.7.0 Too many errors\r\n", said, StringComparison.Ordinal);
        Assert.InRange(server.Trace.Faults.Count, 2, 21);
    }

    [Fact]
    public async Task An_accepted_message_is_told_to_the_trace()
    {
        await using var server = TestServer.Start();
        await server.TalkAsync("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nRCPT TO:<c@example.test>\r\nDATA\r\nhi\r\n.\r\n", client: System.Net.IPAddress.Parse("::ffff:192.0.2.9"));
        var step = Assert.Single(server.Trace.Events);
        Assert.Equal(("RECEIVE", "SMTP", "id1", "<>", "192.0.2.9"), (step.EventId, step.Source, step.InternalMessageId, step.Sender, step.ClientIp));
        Assert.Equal(["b@example.test", "c@example.test"], step.Recipients);
        Assert.Equal(server.Target.Taken.Single().Content.Length, step.TotalBytes);
    }

    [Theory]
    [InlineData("BDAT", true, "Grüße")]
    [InlineData("DATA", true, "Grüße")]
    [InlineData("DATA", false, null)]
    public async Task The_trace_of_an_accepted_message_has_what_people_know_it_by(string way, bool subjects, string? subject)
    {
        await using var server = TestServer.Start(with: o => o with { TrackingLog = new TrackingLogOptions { Subjects = subjects } });
        const string header = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@example.test>\r\n\r\n";
        var content = way == "DATA" ? $"DATA\r\n{header}.\r\n" : $"BDAT {header.Length} LAST\r\n{header}";
        await server.TalkAsync($"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\n{content}");
        var step = Assert.Single(server.Trace.Events);
        Assert.Equal(("<1@example.test>", subject), (step.MessageId, step.MessageSubject));
    }

    [Fact]
    public async Task The_trace_of_an_accepted_message_has_the_user_who_logged_in()
    {
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { AllowPlainTextAuthentication = true }));
        var login = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"\0{TestServer.User}\0{TestServer.Password}"));
        await server.TalkAsync($"EHLO x\r\nAUTH PLAIN {login}\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nhi\r\n.\r\n");
        Assert.Equal(("RECEIVE", TestServer.User), (server.Trace.Events.Single().EventId, server.Trace.Events.Single().SourceContext));
    }

    [Fact]
    public async Task A_message_is_traced_as_received_before_the_commit_that_lets_its_delivery_begin()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var begun = clock.GetUtcNow();
        await using var server = TestServer.Start(
            new RecordingTarget
            {
                Outcomes = recipients =>
                {
                    clock.Advance(TimeSpan.FromSeconds(1));
                    return [.. recipients.Select(_ => DeliveryOutcome.From(new SmtpReply(250, "2.0.0", "taken")))];
                },
            },
            clock);
        await server.TalkAsync("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nhi\r\n.\r\n");
        Assert.Equal(begun, Assert.Single(server.Trace.Events).Timestamp);
    }
}
