using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MailOps.Messages;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

/// <summary>The wire of the own client: what goes in one write, what a hostile server can do, and what of a content is on the wire.</summary>
public sealed class SubmissionClientTests : IDisposable
{
    private DirectoryInfo? _folder;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => _folder?.Delete(recursive: true);

    [Fact]
    public async Task A_whole_envelope_goes_in_one_write_and_the_content_waits_for_its_354()
    {
        var writes = new List<string>();
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "220 x\r\n", stop);
            var buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer, stop) is > 0 and var count)
            {
                var text = Encoding.ASCII.GetString(buffer, 0, count);
                lock (writes) writes.Add(text);
                await RawServer.SayAsync(stream, text.StartsWith("EHLO", StringComparison.Ordinal) ? "250-x\r\n250 PIPELINING\r\n" : text.StartsWith("MAIL", StringComparison.Ordinal) ? "250 1\r\n250 2\r\n250 3\r\n354 go\r\n" : "250 taken\r\n", stop);
            }
        });

        var result = await SendAsync(Options(server.Port), "a@x.test, b@x.test");

        Assert.Empty(result.Errors);
        Assert.Equal("MAIL FROM:<from@x.test>\r\nRCPT TO:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n", writes[1]);
        Assert.EndsWith("World\r\n.\r\n", writes[2], StringComparison.Ordinal);
        Assert.Equal(3, writes.Count(text => !text.StartsWith("QUIT", StringComparison.Ordinal)));
    }

    // RFC 2920 section 3.1: a client must not wait for ever for a server that waits for it to read.
    [Fact]
    public async Task Thousands_of_recipients_go_in_parts_each_with_its_reply()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no", "550 5.1.1 no"));
        var recipients = string.Join(", ", Enumerable.Range(0, 2500).Select(i => i % 1000 == 7 ? $"no{i}@x.test" : $"a{i}@x.test"));

        var result = await SendAsync(SmtpSubmissionTests.Options(server), recipients);

        Assert.Equal(["no7@x.test", "no1007@x.test", "no2007@x.test"], result.Recipients.Where(r => r.Status == DeliveryStatus.Failed).Select(r => r.Recipient));
        Assert.Equal(2497, result.Recipients.Count(r => r.Status == DeliveryStatus.Delivered));
        Assert.Single(server.Messages);
    }

    [Theory]
    [InlineData("small", 1)]
    [InlineData(".\r\n..\r\n.dots", 1)]
    [InlineData("no end", 1)]
    [InlineData(".large lines that begin with a dot\r\n", 20_000)]
    [InlineData("0123456789abcdef\r\n.", 3641)]   // about what is kept
    public async Task A_content_of_any_size_arrives_as_it_is_and_its_size_is_told_before(string text, int times)
    {
        using var server = new LoopbackSmtpServer();
        using var message = MessageComposer.Compose(SmtpSubmissionTests.Draft("a@x.test") with { Text = string.Concat(Enumerable.Repeat(text, times)) });

        var result = await SendAsync(SmtpSubmissionTests.Options(server), message);

        Assert.Empty(result.Errors);
        var content = Encoding.UTF8.GetString(Assert.Single(server.Messages));
        var body = string.Concat(Enumerable.Repeat(text, times));
        Assert.Equal(body.EndsWith('\n') ? body : body + "\r\n", content[(content.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Contains(server.Commands, command => command == string.Create(CultureInfo.InvariantCulture, $"MAIL FROM:<from@x.test> SIZE={content.Length}"));
    }

    [Fact]
    public async Task Replies_are_shown_without_what_moves_a_cursor()
    {
        using var server = new LoopbackSmtpServer((".", "550 5.7.1 \u001b[2Jno\tmail"));

        var result = await SendAsync(SmtpSubmissionTests.Options(server), "a@x.test");

        Assert.Equal(@"550 5.7.1 \u001B[2Jno mail", Assert.Single(result.Errors).Error.Reply!.ToString());
    }

    [Fact]
    public async Task What_comes_behind_the_answer_to_STARTTLS_is_an_attack_and_no_reply()
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        using var server = new TalkingServer("220 x\r\n", line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-x\r\n250 STARTTLS\r\n" : line == "STARTTLS" ? "220 go\r\n250 forged\r\n(TLS)" : "250 ok\r\n", certificate);

        var result = await SendAsync(Options(server.Port) with { Tls = TlsMode.StartTls, SkipCertificateValidation = true }, "a@x.test");

        var error = Assert.Single(result.Errors).Error;
        Assert.Equal(ErrorCode.SmtpProtocolError, error.Code);
        Assert.Contains("more than the answer to STARTTLS", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Lines, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("500 5.5.2 what")]
    [InlineData("502 5.5.1 no")]
    public async Task A_server_of_old_is_greeted_with_HELO(string refusal)
    {
        using var server = new LoopbackSmtpServer(("EHLO", refusal));

        Assert.Empty((await SendAsync(SmtpSubmissionTests.Options(server), "a@x.test")).Errors);

        Assert.Contains(server.Commands, command => command.StartsWith("HELO ", StringComparison.Ordinal));
        Assert.Contains("MAIL FROM:<from@x.test>", server.Commands);
    }

    [Theory]
    [InlineData("250-x\r\n550 other\r\n", "different codes")]
    [InlineData("250x\r\n", "is no reply")]
    [InlineData("\r\n", "is no reply")]
    [InlineData("999 x\r\n", "is no reply")]
    [InlineData("(line)", "a line does not end")]
    [InlineData("(reply)", "a reply does not end")]
    public async Task What_is_no_reply_ends_the_conversation(string said, string words)
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "220 x\r\n", stop);
            await RawServer.LineAsync(stream, stop);
            if (said[0] != '(') await RawServer.SayAsync(stream, said, stop);
            else for (var i = 0; i < 100_000; i++) await RawServer.SayAsync(stream, said == "(line)" ? "250-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" : "250-xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", stop);
        });

        var error = Assert.Single((await SendAsync(Options(server.Port), "a@x.test")).Errors).Error;

        Assert.Equal(ErrorCode.SmtpProtocolError, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    // RFC 5321 section 4.5.3.2: the time is for the reply, not for each byte of it.
    [Fact]
    public async Task A_reply_that_comes_byte_by_byte_has_no_more_time_than_another()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            while (true)
            {
                await RawServer.SayAsync(stream, "2", stop);
                await Task.Delay(100, stop);
            }
        });

        var error = Assert.Single((await SendAsync(Options(server.Port) with { Timeout = TimeSpan.FromSeconds(1) }, "a@x.test")).Errors).Error;

        Assert.Equal(ErrorCode.SmtpTimeout, error.Code);
    }

    [Theory]
    [InlineData("RCPT TO:", "530 5.7.0 Authentication required", ErrorCode.SmtpAuthFailed)]
    [InlineData("RCPT TO:", "421 4.3.2 closing", ErrorCode.SmtpRejected)]
    [InlineData("DATA", "421 4.3.2 closing", ErrorCode.SmtpRejected)]
    public async Task What_ends_all_is_no_refusal_of_a_recipient(string command, string reply, string code)
    {
        using var server = new LoopbackSmtpServer((command, reply));

        Assert.Equal(code, Assert.Single((await SendAsync(SmtpSubmissionTests.Options(server), "a@x.test, b@x.test")).Errors).Error.Code);
    }

    [Fact]
    public async Task After_a_refusal_the_server_is_told_to_forget_before_the_next_message()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no", "550 5.1.1 no")) { Keywords = [] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        await SmtpSubmissionTests.SendAsync(submission, "no@x.test");
        Assert.Empty((await SmtpSubmissionTests.SendAsync(submission, "a@x.test")).Errors);
        Assert.Empty((await SmtpSubmissionTests.SendAsync(submission, "b@x.test")).Errors);

        Assert.Equal(["MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"], server.Commands.Select(line => line.Split(' ')[0]).Where(verb => verb != "EHLO"));
    }

    [Fact]
    public async Task A_server_that_cannot_forget_gets_the_next_message_over_another_connection()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no", "550 5.1.1 no"), ("RSET", "502 5.5.1 what")) { Keywords = [] };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        await SmtpSubmissionTests.SendAsync(submission, "no@x.test");

        Assert.Empty((await SmtpSubmissionTests.SendAsync(submission, "a@x.test")).Errors);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_name_with_a_line_break_never_becomes_a_command()
    {
        using var server = new LoopbackSmtpServer();

        Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => new SmtpSubmission(SmtpSubmissionTests.Options(server) with { LocalDomain = "x\r\nRSET" })).Code);
        using var transport = new MemoryStream();
        using var wire = new SmtpWire(transport, TimeSpan.FromSeconds(5), new ConversationLog(null, new Redaction(null)), new Redaction(null));
        foreach (var c in "\r\n\0") Assert.Throws<InvalidOperationException>(() => wire.Write("NOOP" + c));
        await wire.FlushAsync(Ended);
        Assert.Equal(0, transport.Length);
    }

    // 127.0.0.2 refuses, and 127.0.0.1 answers: what the resolver gives first need not be what works.
    [Fact]
    public async Task The_next_address_of_a_name_is_tried()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var socket = await TcpConnector.ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback], port, TimeSpan.FromSeconds(20), Ended);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)socket.RemoteEndPoint!).Address);
        listener.Stop();
        var error = await Assert.ThrowsAnyAsync<SocketException>(() => TcpConnector.ConnectAsync([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback], port, TimeSpan.FromSeconds(20), Ended));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    // RFC 5321 section 4.2.5: each recipient has its own reply, and what comes later is for those that were accepted.
    [Theory]
    [InlineData(".", "452 4.3.1 disk full", DeliveryStatus.Deferred, 452)]
    [InlineData("DATA", "554 5.5.1 no", DeliveryStatus.Failed, 554)]
    [InlineData("DATA", LoopbackSmtpServer.HangUp, DeliveryStatus.Deferred, 0)]
    public async Task Who_was_refused_keeps_that_whatever_becomes_of_the_message(string command, string reply, DeliveryStatus others, int code)
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<no", "550 5.1.1 no"), (command, reply));
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test, no@x.test");
        var next = await SmtpSubmissionTests.SendAsync(submission, "b@x.test");

        Assert.Equal([(others, code), (DeliveryStatus.Failed, 550)], result.Recipients.Select(r => (r.Status, r.SmtpStatusCode)));
        Assert.Equal(["no@x.test"], result.Errors.Where(e => e.Error.Code == ErrorCode.SmtpRecipientRefused).Select(e => e.Target));
        Assert.Equal(2, result.Errors.Count);
        Assert.Equal((others, code), (next.Recipients[0].Status, next.Recipients[0].SmtpStatusCode));
        Assert.DoesNotContain(next.Errors, e => e.Error.Code == ErrorCode.SmtpRecipientRefused);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_no_fault_of_the_connection_which_serves_the_next_message()
    {
        var folder = Directory.CreateTempSubdirectory("mailops-");
        var path = Path.Combine(folder.FullName, "a.bin");
        await File.WriteAllBytesAsync(path, new byte[200_000], Ended);
        using var server = new LoopbackSmtpServer();
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server));
        using var message = MessageComposer.Compose(SmtpSubmissionTests.Draft("a@x.test") with { Attachments = [path] });
        foreach (var part in message.Content.BodyParts.OfType<MimeKit.MimePart>().Where(part => part.IsAttachment)) part.Content?.Stream?.Dispose();   // as a share that is gone
        await SmtpSubmissionTests.SendAsync(submission, "first@x.test");

        var result = await submission.SendAsync(message, Ended);
        var next = await SmtpSubmissionTests.SendAsync(submission, "next@x.test");

        Assert.Equal(ErrorCode.FileUnreadable, Assert.Single(result.Errors).Error.Code);
        Assert.Empty(next.Errors);
        Assert.Equal((1, 2), (server.Connections, server.Messages.Count));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_content_that_is_refused_half_way_is_refused_and_not_lost()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "220 x\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                await RawServer.SayAsync(stream, line == "DATA" ? "354 go\r\n" : "250 ok\r\n", stop);
                if (line != "DATA") continue;
                await stream.ReadExactlyAsync(new byte[100_000], stop);
                await RawServer.SayAsync(stream, "552 5.3.4 too big\r\n", stop);
                return;
            }
        });
        using var message = Large();

        var error = Assert.Single((await SendAsync(Options(server.Port) with { Timeout = TimeSpan.FromSeconds(5) }, message)).Errors).Error;

        Assert.Equal((ErrorCode.SmtpRejected, "552 5.3.4 too big"), (error.Code, error.Reply?.ToString()));
    }

    // It takes no more and keeps the connection: what it said is the verdict, and not a time-out.
    [Theory]
    [InlineData(false, 100_000)]
    [InlineData(true, 100_000)]
    [InlineData(false, 0)]
    public async Task A_refusal_of_a_content_counts_though_the_server_takes_no_more_of_it(bool tls, int taken)
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        using var server = new RawServer(async (plain, stop) =>
        {
            Stream stream = plain;
            if (tls)
            {
                var secure = new SslStream(plain);
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop);
                stream = secure;
            }
            await RawServer.SayAsync(stream, "220 x\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                await RawServer.SayAsync(stream, line == "DATA" ? "354 go\r\n" : "250 ok\r\n", stop);
                if (line != "DATA") continue;
                await stream.ReadExactlyAsync(new byte[taken], stop);
                await Task.Delay(300, stop);
                await RawServer.SayAsync(stream, "552-5.3.4 too\r\n", stop);
                await Task.Delay(300, stop);
                await RawServer.SayAsync(stream, "552 5.3.4 big\r\n", stop);
                await Task.Delay(Timeout.Infinite, stop);
            }
        });
        using var message = Large();
        var clock = Stopwatch.StartNew();

        var result = await SendAsync(Options(server.Port) with { Tls = tls ? TlsMode.Implicit : TlsMode.None, SkipCertificateValidation = true }, message);

        Assert.Equal((ErrorCode.SmtpRejected, "552 5.3.4 too / big"), (Assert.Single(result.Errors).Error.Code, result.Errors[0].Error.Reply?.ToString()));
        Assert.Equal((DeliveryStatus.Failed, false), (result.Recipients[0].Status, result.Recipients[0].IsOutcomeUnknown));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(40));   // and not after the 60 of the time-out
    }

    // What is said while it is slow to read is no verdict unless it is a refusal.
    [Fact]
    public async Task A_yes_before_the_content_is_out_is_none_though_the_server_is_slow_to_read()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "220 x\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                if (line is not "DATA")
                {
                    await RawServer.SayAsync(stream, "250 ok\r\n", stop);
                    continue;
                }
                await RawServer.SayAsync(stream, "354 go\r\n", stop);
                await Task.Delay(500, stop);
                await RawServer.SayAsync(stream, "250 taken\r\n", stop);
                await Task.Delay(500, stop);
                await RawServer.ListenAsync(stream, stop);
            }
        });
        using var message = Large();

        var error = Assert.Single((await SendAsync(Options(server.Port), message)).Errors).Error;

        Assert.Equal(ErrorCode.SmtpProtocolError, error.Code);
        Assert.Contains("no answer to a content", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_verdict_on_a_content_has_five_times_the_time_of_a_reply()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "220 x\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                if (line == ".") await Task.Delay(2500, stop);
                if (line is "." or "DATA" || line.Contains(' ', StringComparison.Ordinal)) await RawServer.SayAsync(stream, line == "DATA" ? "354 go\r\n" : line.Contains(':', StringComparison.Ordinal) && !line.StartsWith("MAIL", StringComparison.Ordinal) && !line.StartsWith("RCPT", StringComparison.Ordinal) ? "" : "250 ok\r\n", stop);
            }
        });

        Assert.Empty((await SendAsync(Options(server.Port) with { Timeout = TimeSpan.FromSeconds(1.5) }, "a@x.test")).Errors);
    }

    /// <summary>A message of more bytes than lie between a client that sends and a server that does not read; they are not in memory.</summary>
    private OutgoingMessage Large()
    {
        _folder = Directory.CreateTempSubdirectory("mailops-");
        var path = Path.Combine(_folder.FullName, "a.bin");
        using (var file = File.Create(path)) file.SetLength(32 * 1024 * 1024);
        return MessageComposer.Compose(SmtpSubmissionTests.Draft("a@x.test") with { Attachments = [path] });
    }

    private static SubmissionOptions Options(int port) => new() { Server = "127.0.0.1", Port = port, Timeout = TimeSpan.FromSeconds(60), LocalDomain = "c.test" };

    private static async Task<SubmissionResult> SendAsync(SubmissionOptions options, string to)
    {
        using var message = SmtpSubmissionTests.Message(to);
        return await SendAsync(options, message);
    }

    private static async Task<SubmissionResult> SendAsync(SubmissionOptions options, OutgoingMessage message)
    {
        using var submission = new SmtpSubmission(options);
        return await submission.SendAsync(message, Ended);
    }
}
