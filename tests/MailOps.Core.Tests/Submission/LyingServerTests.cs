using System.Net;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

/// <summary>Servers that say yes in the wrong place, or before they were asked: no message is told as delivered that the server does not have.</summary>
public sealed class LyingServerTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("200 news.test NNRP server ready\r\n", "", "", TlsMode.None, "no answer to a connection")]
    [InlineData("220 x\r\n", "STARTTLS", "250 fine\r\n", TlsMode.StartTls, "no answer to STARTTLS")]
    [InlineData("220 x\r\n", "EHLO", "354 go on\r\n", TlsMode.None, "no answer to EHLO")]
    [InlineData("220 x\r\n", "MAIL", "354 go on\r\n", TlsMode.None, "no answer to MAIL or RCPT")]
    [InlineData("220 x\r\n", "RCPT", "354 go on\r\n", TlsMode.None, "no answer to MAIL or RCPT")]
    [InlineData("220 x\r\n", "DATA", "250 weird\r\n", TlsMode.None, "no answer to DATA")]
    [InlineData("220 x\r\n", "DATA", "354 go on\r\n250 taken already\r\n", TlsMode.None, "no answer to a content")]
    [InlineData("220 x\r\n250 x\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n", "", "", TlsMode.None, "what nobody has asked for")]
    public async Task A_yes_that_is_no_answer_delivers_nothing(string greeting, string command, string reply, TlsMode tls, string says)
    {
        using var server = new TalkingServer(greeting, line => command.Length > 0 && line.StartsWith(command, StringComparison.Ordinal) ? reply
            : line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-x\r\n250 STARTTLS\r\n" : line == "DATA" ? "354 go\r\n" : line.Contains(' ', StringComparison.Ordinal) || line == "." ? "250 ok\r\n" : null);
        using var submission = new SmtpSubmission(new SubmissionOptions { Server = "127.0.0.1", Port = server.Port, Tls = tls, Timeout = TimeSpan.FromSeconds(20) });

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test, b@x.test");

        var error = Assert.Single(result.Errors).Error;
        Assert.Equal(ErrorCode.SmtpProtocolError, error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.All(result.Recipients, recipient => Assert.Equal((DeliveryStatus.Deferred, false, 0), (recipient.Status, recipient.IsOutcomeUnknown, recipient.SmtpStatusCode)));
        Assert.DoesNotContain(server.Lines, line => line == "World");
    }

    [Fact]
    public async Task A_second_354_is_no_verdict()
    {
        using var server = new LoopbackSmtpServer((".", "354 go on"));
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");

        Assert.Equal((ErrorCode.SmtpOutcomeUnknown, true), (Assert.Single(result.Errors).Error.Code, result.Recipients[0].IsOutcomeUnknown));
    }

    // Its next reply would be taken for the answer to the next message.
    [Fact]
    public async Task After_a_reply_too_many_the_next_message_goes_over_another_connection()
    {
        using var server = new LoopbackSmtpServer((".", "250 taken\r\n250 and more"));
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        for (var i = 0; i < 4; i++)
        {
            Assert.Empty((await SmtpSubmissionTests.SendAsync(submission, "a@x.test")).Errors);
            await Task.Delay(50, Ended);
        }

        Assert.Equal((4, 4), (server.Messages.Count, server.Connections));
    }

    [Fact]
    public async Task A_refusal_before_the_content_counts_and_ends_the_connection()
    {
        using var server = new TalkingServer("220 x\r\n", line => line == "DATA" ? "354 go\r\n552 5.3.4 never\r\n" : line.Contains(' ', StringComparison.Ordinal) ? "250 ok\r\n" : null);
        using var submission = new SmtpSubmission(new SubmissionOptions { Server = "127.0.0.1", Port = server.Port, Tls = TlsMode.None, Timeout = TimeSpan.FromSeconds(20) });

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");

        Assert.Equal((ErrorCode.SmtpRejected, 552), (Assert.Single(result.Errors).Error.Code, result.Recipients[0].SmtpStatusCode));
    }

    [Fact]
    public async Task A_server_that_takes_recipients_without_a_sender_is_left_and_gets_no_empty_message()
    {
        using var server = new TalkingServer("220 x\r\n", line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-x\r\n250 PIPELINING\r\n" : line.StartsWith("MAIL", StringComparison.Ordinal) ? "550 5.7.1 not you\r\n" : line == "DATA" ? "354 go\r\n" : "250 ok\r\n");
        using var submission = new SmtpSubmission(new SubmissionOptions { Server = "127.0.0.1", Port = server.Port, Tls = TlsMode.None, Timeout = TimeSpan.FromSeconds(20) });

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");
        await submission.CloseAsync(Ended);

        Assert.Equal((ErrorCode.SmtpRejected, 550), (Assert.Single(result.Errors).Error.Code, result.Recipients[0].SmtpStatusCode));
        Assert.DoesNotContain(".", server.Lines);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("(400){0}")]
    [InlineData("535-5.7.8 Sup3r\tS3c\r\nret-Pass")]
    [InlineData("535-5.7.8 no {0}\r\n535-5.7.8 Sup3r\tS3c\r\n535 5.7.8 ret-Pass")]
    [InlineData("535-no\r\n535-Sup3r\r\n535 \tS3cret-Pass")]
    [InlineData("535-no\r\n535-Sup3r\tS3cret-Pa\r\n550 ss")]
    [InlineData("535 5.7.8 dTpTdXAzcglTM2NyZXQtUGFzcw==")]   // of u:password
    public async Task A_password_is_not_shown_however_it_is_repeated(string form)
    {
        const string Password = "Sup3r\tS3cret-Pass";
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        var text = form.Replace("{0}", Password, StringComparison.Ordinal).Replace("(400)", new string('x', 393), StringComparison.Ordinal);
        using var server = new TalkingServer("220 x\r\n", line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n" : line == "STARTTLS" ? "220 go\r\n(TLS)" : text + "\r\n", certificate);
        var shown = new List<string>();
        using var submission = new SmtpSubmission(
            new SubmissionOptions { Server = "127.0.0.1", Port = server.Port, Tls = TlsMode.StartTls, SkipCertificateValidation = true, Credential = new NetworkCredential("u", Password), Timeout = TimeSpan.FromSeconds(20) },
            new SubmissionLog(shown.Add, shown.Add, shown.Add));

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");

        var all = string.Join('\n', shown) + Assert.Single(result.Errors).Error + result.Recipients[0].Response;
        Assert.DoesNotContain("Sup3r", all, StringComparison.Ordinal);
        Assert.DoesNotContain("S3c", all, StringComparison.Ordinal);
        Assert.DoesNotContain("ret-Pass", all, StringComparison.Ordinal);
        Assert.DoesNotContain("dXAzcglTM2NyZXQtUGFzc", all, StringComparison.Ordinal);
        if (!form.StartsWith("535-no", StringComparison.Ordinal)) return;
        Assert.Contains("S: 535-no", shown);   // the other lines are shown as ever, also of a reply without its end
    }
}
