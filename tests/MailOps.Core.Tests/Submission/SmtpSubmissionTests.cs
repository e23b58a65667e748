using System.Net;
using System.Net.Sockets;
using MailOps.Messages;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

/// <summary>The conversation with a server: what is said, and what an answer means.</summary>
public sealed class SmtpSubmissionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Pace.Whole)]
    [InlineData(Pace.ByLine)]
    [InlineData(Pace.ByByte)]
    public async Task A_message_is_taken_and_each_recipient_gets_its_result(Pace pace)
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no@x.test>", "550-5.1.1 No such mailbox\r\n550 5.1.1 here"), ("RCPT TO:<full@x.test>", "452 4.2.2 full")) { Pace = pace };
        using var submission = new SmtpSubmission(Options(server));
        using var message = Message("a@x.test, no@x.test, full@x.test, b@x.test");

        var result = await submission.SendAsync(message, Token);
        await submission.CloseAsync(Token);

        Assert.Equal(
            [
                "a@x.test Delivered 250 2.0.0 queued as 4711", "no@x.test Failed 550 5.1.1 No such mailbox\nhere",
                "full@x.test Deferred 452 4.2.2 full", "b@x.test Delivered 250 2.0.0 queued as 4711",
            ],
            result.Recipients.Select(r => $"{r.Recipient} {r.Status} {r.SmtpStatusCode} {r.EnhancedStatusCode} {r.Response}"));
        Assert.Equal(
            [(ErrorCode.SmtpRecipientRefused, "no@x.test", 550), (ErrorCode.SmtpRecipientRefused, "full@x.test", 452)],
            result.Errors.Select(e => (e.Error.Code, e.Target, e.Error.SmtpStatusCode)));
        Assert.Contains("Subject: Hello", server.Text(0));
        Assert.Equal("QUIT", server.Commands.Last());
        var shown = result.Message;
        Assert.Equal((message.MessageId, "Hello", "from@x.test", $"127.0.0.1:{server.Port}"), (shown.MessageId, shown.Subject, shown.From, shown.SmtpServer));
        Assert.Equal((DeliveryStatus.Failed, 550), (shown.Status, shown.SmtpStatusCode));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("PIPELINING", false)]
    [InlineData("PIPELINING", true)]
    public async Task A_message_nobody_may_have_is_not_sent_and_the_connection_serves_the_next(string keyword, bool takesDataForNobody)
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no", "550 5.1.1 no")) { Keywords = [keyword], TakesDataForNobody = takesDataForNobody };
        using var submission = new SmtpSubmission(Options(server));

        var refused = await SendAsync(submission, "no1@x.test, no2@x.test");
        var taken = await SendAsync(submission, "yes@x.test");

        Assert.Equal([550, 550], refused.Recipients.Select(r => r.SmtpStatusCode));
        Assert.Equal(2, refused.Errors.Count);
        Assert.Equal(DeliveryStatus.Delivered, taken.Recipients[0].Status);
        Assert.Equal(takesDataForNobody ? 2 : 1, server.Messages.Count);
        if (takesDataForNobody) Assert.Empty(server.Messages.First());
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("MAIL FROM:", "550 5.7.1 not you", ErrorCode.SmtpRejected, DeliveryStatus.Failed, "refused the sender")]
    [InlineData("MAIL FROM:", "451 4.7.1 greylisted", ErrorCode.SmtpRejected, DeliveryStatus.Deferred, "4.7.1")]
    [InlineData("MAIL FROM:", "530 5.7.0 Authentication required", ErrorCode.SmtpAuthFailed, DeliveryStatus.Failed, "wants a credential")]
    [InlineData("MAIL FROM:", "530 5.7.0 Must issue a STARTTLS command first", ErrorCode.TlsRequired, DeliveryStatus.Failed, "wants TLS")]
    [InlineData("DATA", "554 5.5.1 no", ErrorCode.SmtpRejected, DeliveryStatus.Failed, "refused the message")]
    [InlineData(".", "552 5.3.4 too big", ErrorCode.SmtpRejected, DeliveryStatus.Failed, "552 5.3.4 too big")]
    [InlineData(".", "452 4.3.1 disk full", ErrorCode.SmtpRejected, DeliveryStatus.Deferred, "disk full")]
    [InlineData(".", LoopbackSmtpServer.HangUp, ErrorCode.SmtpOutcomeUnknown, DeliveryStatus.Deferred, "did not say whether it took it")]
    [InlineData("(greeting)", "554 5.7.1 go away", ErrorCode.SmtpRejected, DeliveryStatus.Failed, "refused the connection")]
    [InlineData("(greeting)", "421 4.3.2 busy", ErrorCode.SmtpRejected, DeliveryStatus.Deferred, "421 4.3.2 busy")]
    [InlineData("(greeting)", "SSH-2.0-OpenSSH_9.6", ErrorCode.SmtpProtocolError, DeliveryStatus.Deferred, "does not keep to SMTP")]
    [InlineData("(greeting)", LoopbackSmtpServer.HangUp, ErrorCode.SmtpProtocolError, DeliveryStatus.Deferred, "broke off")]
    public async Task What_concerns_the_whole_message_is_one_error_and_a_result_for_everyone(string command, string reply, string code, DeliveryStatus status, string words)
    {
        using var server = new LoopbackSmtpServer((command, reply));
        using var submission = new SmtpSubmission(Options(server));

        var result = await SendAsync(submission, "a@x.test, b@x.test");

        var error = Assert.Single(result.Errors);
        Assert.Equal((code, $"127.0.0.1:{server.Port}"), (error.Error.Code, error.Target));
        Assert.Contains(words, error.Error.Message);
        Assert.NotEmpty(error.Error.Hint);
        Assert.Equal([status, status], result.Recipients.Select(r => r.Status));
    }

    [Theory]
    [InlineData("(greeting)", ErrorCode.SmtpTimeout)]
    [InlineData("EHLO", ErrorCode.SmtpTimeout)]
    [InlineData("MAIL FROM:", ErrorCode.SmtpTimeout)]
    [InlineData(".", ErrorCode.SmtpOutcomeUnknown)]
    public async Task A_server_that_says_nothing_is_a_time_out_at_every_step(string command, string code)
    {
        using var server = new LoopbackSmtpServer((command, LoopbackSmtpServer.Silence));
        using var submission = new SmtpSubmission(Options(server) with { Timeout = TimeSpan.FromMilliseconds(500) });

        var result = await SendAsync(submission, "a@x.test");

        Assert.Equal(code, Assert.Single(result.Errors).Error.Code);
        if (code == ErrorCode.SmtpTimeout) Assert.Contains("0.5 seconds", result.Errors[0].Error.Message);
    }

    [Theory]
    [InlineData("(greeting)")]
    [InlineData("MAIL FROM:")]
    public async Task A_cancellation_is_thrown_at_once(string command)
    {
        using var server = new LoopbackSmtpServer((command, LoopbackSmtpServer.Silence));
        using var submission = new SmtpSubmission(Options(server));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var message = Message("a@x.test");
        var sending = submission.SendAsync(message, cancel.Token);
        await Poll.UntilAsync(() => command == "MAIL FROM:" ? server.Commands.Any(line => line.StartsWith(command, StringComparison.Ordinal)) : server.Connections == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact]
    public async Task A_closed_port_and_an_unknown_name_say_so()
    {
        var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();

        using var refused = new SmtpSubmission(new SubmissionOptions { Server = "127.0.0.1", Port = port });
        using var unknown = new SmtpSubmission(new SubmissionOptions { Server = "no-such-host.invalid", Port = port, Timeout = TimeSpan.FromMinutes(2) });

        var first = Assert.Single((await SendAsync(refused, "a@x.test")).Errors).Error;
        var second = Assert.Single((await SendAsync(unknown, "a@x.test")).Errors).Error;
        Assert.Equal((ErrorCode.SmtpConnectFailed, $"127.0.0.1:{port} refused the connection."), (first.Code, first.Message));
        Assert.Equal((ErrorCode.SmtpConnectFailed, "The server name no-such-host.invalid does not resolve to an address."), (second.Code, second.Message));
    }

    [Fact]
    public async Task Many_messages_go_over_one_connection_and_a_server_that_has_enough_gets_another()
    {
        using var server = new LoopbackSmtpServer { MaxMessages = 2 };
        using var submission = new SmtpSubmission(Options(server));

        for (var i = 0; i < 5; i++) Assert.Empty((await SendAsync(submission, "a@x.test")).Errors);
        await submission.CloseAsync(Token);

        Assert.Equal((5, 3), (server.Messages.Count, server.Connections));
        Assert.Equal("QUIT", server.Commands.Last());
    }

    [Fact]
    public async Task A_server_with_enough_for_a_fresh_connection_too_is_an_error()
    {
        using var server = new LoopbackSmtpServer { MaxMessages = 0 };
        using var submission = new SmtpSubmission(Options(server));

        Assert.Equal(421, Assert.Single((await SendAsync(submission, "a@x.test")).Errors).Error.SmtpStatusCode);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Reports_are_asked_for_of_each_recipient()
    {
        using var server = new LoopbackSmtpServer();
        using var submission = new SmtpSubmission(Options(server));
        using var message = MessageComposer.Compose(Draft("a@x.test") with { Reports = new ReportRequest(DeliveryNotices.Success | DeliveryNotices.Delay, DeliveryReportContent.Headers, "order 4711+x") });
        using var never = MessageComposer.Compose(Draft("a@x.test") with { Reports = new ReportRequest(DeliveryNotices.Never), NullSender = true });

        await submission.SendAsync(message, Token);
        await submission.SendAsync(never, Token);

        Assert.Contains("RCPT TO:<a@x.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a@x.test", server.Commands);
        Assert.Contains("RCPT TO:<a@x.test> NOTIFY=NEVER ORCPT=rfc822;a@x.test", server.Commands);
        Assert.Contains(server.Commands, c => c.StartsWith("MAIL FROM:<> ", StringComparison.Ordinal));
        // RFC 3461 section 4.4: ENVID is xtext.
        Assert.Contains(server.Commands, c => c.StartsWith("MAIL FROM:<from@x.test>", StringComparison.Ordinal) && c.Contains(" ENVID=order+204711+2Bx", StringComparison.Ordinal) && c.Contains(" RET=HDRS", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_knows_nothing_of_reports_is_told_of_once()
    {
        using var server = new LoopbackSmtpServer { Keywords = ["8BITMIME"] };
        var warnings = new List<string>();
        using var submission = new SmtpSubmission(Options(server), new SubmissionLog(Warning: warnings.Add));
        using var message = MessageComposer.Compose(Draft("a@x.test") with { Reports = new ReportRequest(EnvelopeId: "x") });
        using var plain = MessageComposer.Compose(Draft("a@x.test"));

        foreach (var one in (OutgoingMessage[])[plain, message, message]) await submission.SendAsync(one, Token);

        Assert.Contains("does not offer DSN", Assert.Single(warnings));
        Assert.Equal(3, server.Messages.Count);
    }

    [Fact]
    public async Task A_connection_serves_as_many_messages_as_a_provider_allows()
    {
        using var server = new LoopbackSmtpServer();
        using var submission = new SmtpSubmission(Options(server) with { MessagesPerConnection = 2 });

        for (var i = 0; i < 5; i++) Assert.Empty((await SendAsync(submission, "a@x.test")).Errors);

        Assert.Equal((5, 3), (server.Messages.Count, server.Connections));
        Assert.Equal(2, server.Commands.Count(command => command == "QUIT"));
    }

    [Fact]
    public async Task An_address_beyond_ascii_needs_a_server_that_knows_it()
    {
        using var old = new LoopbackSmtpServer();
        using var modern = new LoopbackSmtpServer { Keywords = ["8BITMIME", "SMTPUTF8"] };
        using var toOld = new SmtpSubmission(Options(old));
        using var toModern = new SmtpSubmission(Options(modern));

        var refused = await SendAsync(toOld, "jürgen@x.test");
        var taken = await SendAsync(toModern, "jürgen@bücher.test");
        await SendAsync(toModern, "plain@bücher.test");
        var again = await SendAsync(toModern, "jürgen@x.test");

        Assert.Equal((ErrorCode.SmtpRejected, "5.6.7"), (Assert.Single(refused.Errors).Error.Code, refused.Errors[0].Error.EnhancedStatusCode));
        Assert.Empty(taken.Errors.Concat(again.Errors));
        Assert.Equal(["RCPT TO:<jürgen@xn--bcher-kva.test>", "RCPT TO:<plain@xn--bcher-kva.test>", "RCPT TO:<jürgen@x.test>"], modern.Commands.Where(c => c.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.Equal([true, false, true], modern.Commands.Where(c => c.StartsWith("MAIL", StringComparison.Ordinal)).Select(c => c.Contains("SMTPUTF8")));
        Assert.DoesNotContain(old.Commands, c => c.StartsWith("RCPT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("smtp server")]
    [InlineData("")]
    [InlineData("smtp://x.test")]
    public void A_server_name_that_is_none_is_refused(string server) =>
        Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => new SmtpSubmission(new SubmissionOptions { Server = server })).Code);

    [Fact]
    public async Task The_name_in_ehlo_can_be_chosen()
    {
        using var server = new LoopbackSmtpServer();
        using var submission = new SmtpSubmission(Options(server) with { LocalDomain = "client.test" });

        await SendAsync(submission, "a@x.test");

        Assert.Contains("EHLO client.test", server.Commands);
    }

    internal static SubmissionOptions Options(LoopbackSmtpServer server) => new() { Server = "127.0.0.1", Port = server.Port, Timeout = TimeSpan.FromSeconds(60) };

    internal static MessageDraft Draft(string to) => new() { From = Mailbox.Parse("from@x.test"), To = Mailbox.ParseList(to), Subject = "Hello", Text = "World" };

    internal static OutgoingMessage Message(string to) => MessageComposer.Compose(Draft(to));

    internal static async Task<SubmissionResult> SendAsync(SmtpSubmission submission, string to)
    {
        using var message = Message(to);
        return await submission.SendAsync(message, Token);
    }
}
