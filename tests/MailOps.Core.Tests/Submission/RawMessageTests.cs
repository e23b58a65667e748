using System.Text;
using MailOps.Messages;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

/// <summary>A message file arrives as it is.</summary>
public sealed class RawMessageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-raw-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Real_messages_arrive_byte_for_byte()
    {
        var files = Conformance.Files("mime", "*.*");
        using var server = new LoopbackSmtpServer { Keywords = ["PIPELINING", "8BITMIME", "SIZE 100000000", "CHUNKING", "BINARYMIME", "SMTPUTF8"] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        foreach (var (file, i) in files.Select((file, i) => (file, i)))
        {
            using var message = await OpenAsync(file, "from@x.test", "to@x.test");
            Assert.Empty((await submission.SendAsync(message, Token)).Errors);
            Assert.True(OnTheWire(await File.ReadAllBytesAsync(file, Token)).AsSpan().SequenceEqual(server.Messages.ElementAt(i)), file);
        }
        Assert.True(files.Count >= 100, $"{files.Count} files");
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".\r\n")]
    [InlineData("A: b\r\n\r\n.\r\n..\r\n...x\r\n.y\r\n")]
    [InlineData("A: b\n\nbare line ends\n.\n")]
    [InlineData("A: b\r\n\r\nno final line end")]
    [InlineData("A: b\r\n\r\nlone \r return\r\n")]
    [InlineData("A: b\r\n\r\nends in return\r")]
    [InlineData("A: b\r\r\r\n\n\r\n.\r.\r\r")]
    [InlineData("From joe@x.test Mon Jan 1\nA: b\n\nmbox\n")]
    [InlineData("no header at all, and no blank line\r\n")]
    [InlineData("\r\nbody only\r\n")]
    [InlineData("A: b\r\nMime-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nnever closed\r\n")]
    [InlineData("Bcc: b@x.test\r\nContent-Length: 1\r\nResent-Bcc: c@x.test\r\n\r\nkept\r\n")]
    public async Task Odd_files_arrive_as_they_are_but_for_line_ends(string content)
    {
        using var server = new LoopbackSmtpServer();
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));
        var path = Write(content);

        using var message = await OpenAsync(path, "from@x.test", "to@x.test");
        await submission.SendAsync(message, Token);

        Assert.Equal(Encoding.UTF8.GetString(OnTheWire(await File.ReadAllBytesAsync(path, Token))), server.Text(0));
    }

    [Fact]
    public async Task Line_ends_are_right_across_the_borders_of_buffers()
    {
        using var server = new LoopbackSmtpServer { Keywords = ["SIZE 100000000"] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));
        var random = new Random(4711);
        var content = new byte[300_000];
        for (var i = 0; i < content.Length; i++) content[i] = "\r\n..a\xE9"u8[random.Next(7)];
        var path = Path.Combine(_folder.FullName, "random.eml");
        await File.WriteAllBytesAsync(path, content, Token);

        using var message = await OpenAsync(path, "from@x.test", "to@x.test");
        Assert.Empty((await submission.SendAsync(message, Token)).Errors);

        Assert.Equal(OnTheWire(content), server.Messages.Single());
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public async Task A_line_end_that_two_buffers_share_stays_one(string first)
    {
        using var server = new LoopbackSmtpServer { Keywords = ["SIZE 100000000"] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));
        // Whatever the size of the buffers, in one of the two cases a border falls between CR and LF.
        var content = first + string.Concat(Enumerable.Repeat("\r\n", 100_000));

        using var message = await OpenAsync(Write(content), "from@x.test", "to@x.test");
        await submission.SendAsync(message, Token);

        Assert.Equal(content, server.Text(0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public async Task A_return_at_the_border_of_buffers_becomes_a_line_end(string first)
    {
        using var server = new LoopbackSmtpServer { Keywords = ["SIZE 100000000"] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        using var message = await OpenAsync(Write(first + string.Concat(Enumerable.Repeat("a\r", 50_000))), "from@x.test", "to@x.test");
        await submission.SendAsync(message, Token);

        Assert.Equal(first + string.Concat(Enumerable.Repeat("a\r\n", 50_000)), server.Text(0));
    }

    [Theory]
    [InlineData("8BITMIME", "caf\u00e9", true)]
    [InlineData("8BITMIME", "cafe", false)]
    [InlineData("SIZE", "caf\u00e9", false)]
    public async Task Eight_bits_are_announced_where_the_server_knows_them(string keyword, string body, bool announced)
    {
        using var server = new LoopbackSmtpServer { Keywords = [keyword] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        using var message = await OpenAsync(Write("A: b\r\n\r\n" + body), "from@x.test", "to@x.test");
        await submission.SendAsync(message, Token);

        Assert.Equal(announced, server.Commands.Any(c => c.EndsWith("BODY=8BITMIME", StringComparison.Ordinal)));
        Assert.Contains(body, server.Text(0));
    }

    [Fact]
    public async Task The_envelope_comes_from_the_headers_where_nobody_names_it()
    {
        var path = Write("From: \"A, B\" <a@x.test>\nTo: b@x.test,\n c@x.test\nCc: d@x.test\nBcc: e@x.test\nSubject: =?utf-8?q?H=C3=A4?=\nMessage-ID: <1@x.test>\n\nbody\n");

        using var message = await OpenAsync(path, null);

        Assert.Equal("a@x.test", message.Sender?.ToString());
        Assert.Equal(["b@x.test", "c@x.test", "d@x.test", "e@x.test"], message.Recipients.Select(r => r.ToString()));
        Assert.Equal(("Hä", "1@x.test"), (message.Subject, message.MessageId));
        Assert.Contains("Bcc", Assert.Single(message.Warnings));
    }

    [Fact]
    public async Task A_resent_message_goes_to_whom_it_was_resent()
    {
        var path = Write("From: a@x.test\nTo: b@x.test\nResent-From: r@x.test\nResent-To: s@x.test\n\nbody\n");

        using var message = await OpenAsync(path, null);

        Assert.Equal(("r@x.test", "s@x.test"), (message.Sender?.ToString(), Assert.Single(message.Recipients).ToString()));
    }

    [Fact]
    public async Task Arguments_win_over_headers_and_the_null_sender_over_both()
    {
        var path = Write("From: a@x.test\nTo: b@x.test\n\nbody\n");

        using var named = await OpenAsync(path, "x@x.test", "y@x.test");
        using var none = await RawMessage.OpenAsync(path, EmailAddress.Parse("x@x.test"), nullSender: true, [], ReportRequest.None, Token);

        Assert.Equal(("x@x.test", "y@x.test"), (named.Sender?.ToString(), Assert.Single(named.Recipients).ToString()));
        Assert.Null(none.Sender);
        Assert.Empty(named.Warnings);
    }

    [Theory]
    [InlineData("Subject: x\n\nTo: b@x.test\nFrom: a@x.test\n", "names a recipient")]
    [InlineData("To: b@x.test\n\nFrom: a@x.test\n", "names a sender")]
    [InlineData("\u0001garbage", "names a recipient")]
    public async Task Headers_that_give_no_envelope_say_what_is_missing(string content, string words)
    {
        var path = Write(content);

        var error = await Assert.ThrowsAsync<MailOpsException>(() => OpenAsync(path, null));

        Assert.Equal(ErrorCode.InvalidMessage, error.Code);
        Assert.Contains(words, error.Message);
        new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();   // and the file is closed again
    }

    private static Task<OutgoingMessage> OpenAsync(string path, string? sender, params string[] recipients) =>
        RawMessage.OpenAsync(path, sender is null ? null : EmailAddress.Parse(sender), nullSender: false, [.. recipients.Select(EmailAddress.Parse)], ReportRequest.None, Token);

    private string Write(string content)
    {
        var path = Path.Combine(_folder.FullName, "a.eml");
        File.WriteAllText(path, content, new UTF8Encoding(false));
        return path;
    }

    /// <summary>What must arrive: bare LF and bare CR as CRLF, and a line end at the end, which SMTP cannot do without.</summary>
    private static byte[] OnTheWire(byte[] file)
    {
        var wire = new List<byte>(file.Length);
        for (var i = 0; i < file.Length; i++)
        {
            if (file[i] == '\n' && (i == 0 || file[i - 1] != '\r')) wire.Add((byte)'\r');
            wire.Add(file[i]);
            if (file[i] == '\r' && (i + 1 == file.Length || file[i + 1] != '\n')) wire.Add((byte)'\n');
        }
        if (wire.Count > 0 && wire[^1] != '\n') wire.AddRange("\r\n"u8);
        return [.. wire];
    }
}
