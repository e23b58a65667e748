using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

public sealed class SendLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-");

    private string File => Path.Combine(_folder.FullName, "sent.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    // Two calls at once would both send what neither has sent yet, and write over each other's lines.
    [Fact]
    public void A_log_is_for_one_call_at_a_time_and_can_be_read_meanwhile()
    {
        using (var first = new SendLog(File, readSent: true, resendUnknown: false))
        {
            first.Write("m", Result("Subject"));
            var held = Assert.Throws<MailOpsException>(() => new SendLog(File, readSent: true, resendUnknown: false));
            Assert.Equal((ErrorCode.FileUnwritable, $"Another mailing writes to '{File}' now."), (held.Code, held.Message));
            using var reader = new StreamReader(new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Assert.Contains("\"status\":\"Delivered\"", reader.ReadToEnd(), StringComparison.Ordinal);
        }
        using var next = new SendLog(File, readSent: true, resendUnknown: false);
        Assert.True(next.TakeSent("m", "a@x.test"));
        next.Dispose();
        Assert.Equal([File], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_log_that_cannot_be_made_is_not_said_to_be_another_mailings()
    {
        var error = Assert.Throws<MailOpsException>(() => new SendLog(Path.Combine(_folder.FullName, "none", "sent.jsonl"), readSent: true, resendUnknown: false));

        Assert.Equal(ErrorCode.FileUnwritable, error.Code);
        Assert.DoesNotContain("mailing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subject_of_any_length_is_read_again()
    {
        using (var log = new SendLog(File, readSent: true, resendUnknown: false)) log.Write("m", Result(new string('s', 2_000_000)));

        using var next = new SendLog(File, readSent: true, resendUnknown: false);

        Assert.True(next.TakeSent("m", "a@x.test"));
    }

    [Fact]
    public async Task What_has_not_begun_does_not_go_once_the_log_is_refused()
    {
        using var server = new LoopbackSmtpServer();
        using var pool = new SubmissionPool(SmtpSubmissionTests.Options(server), 1);
        using var message = SmtpSubmissionTests.Message("a@x.test");
        Assert.Empty((await pool.SendAsync(message, TestContext.Current.CancellationToken)).Errors);

        pool.Refuse(new MailOpsException(ErrorCode.FileUnwritable, "full", "make room"));

        Assert.Equal(ErrorCode.FileUnwritable, Assert.Single((await pool.SendAsync(message, TestContext.Current.CancellationToken)).Errors).Error.Code);
        Assert.Single(server.Messages);
    }

    private static SubmissionResult Result(string subject) => new(
        new SmtpSendResult
        {
            RecordNumber = 1,
            Subject = subject,
            SmtpServer = "x.test:25",
            Recipients = [new SmtpRecipientResult { Recipient = "a@x.test", Status = DeliveryStatus.Delivered, SmtpStatusCode = 250, Response = "ok" }],
        },
        []);
}
