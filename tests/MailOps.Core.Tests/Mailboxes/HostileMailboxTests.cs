using System.Diagnostics;
using System.Net;
using System.Text;
using MailOps.Mailboxes;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Mailboxes;

/// <summary>Servers that want the credential in clear, the client to hang, or its memory.</summary>
public sealed class HostileMailboxTests
{
    private const string Password = "S3cret-Pässword";
    private const string Capability = "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n";
    private static readonly NetworkCredential Credential = new("user@x.test", Password);

    [Theory]
    [InlineData(MailProtocol.Imap, "* OK hello\r\n", Capability + "% OK\r\n")]
    [InlineData(MailProtocol.Imap, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n", Capability + "% OK\r\n")]
    [InlineData(MailProtocol.Pop3, "+OK hello\r\n", "+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")]
    public async Task Where_STARTTLS_is_missing_or_was_taken_out_no_credential_goes_out(MailProtocol protocol, string greeting, string answer)
    {
        using var server = new TalkingServer(greeting, _ => answer);
        await FailsAsync(ErrorCode.TlsRequired, server, o => o with { Protocol = protocol, Tls = TlsMode.StartTls });
    }

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Auto)]
    [InlineData(TlsMode.None)]
    public async Task A_server_that_says_the_client_is_authenticated_before_TLS_is_left(TlsMode tls)
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        using var server = new TalkingServer(
            "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\r\n",
            line => line.EndsWith("STARTTLS", StringComparison.Ordinal) ? "% OK\r\n(TLS)" : "* CAPABILITY IMAP4rev1 STARTTLS\r\n% OK\r\n", certificate);

        await FailsAsync(ErrorCode.MailboxProtocolError, server, o => o with { Tls = tls, SkipCertificateValidation = true });

        Assert.DoesNotContain(server.Lines, line => line.Contains("SELECT", StringComparison.Ordinal) || line.Contains("EXAMINE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Capability)]
    [InlineData("* PREAUTH welcome\r\n")]
    [InlineData(Capability + "{next} OK\r\n")]
    [InlineData("{next} BAD\r\n")]
    public async Task What_is_said_before_TLS_and_read_after_it_counts_for_nothing(string injected)
    {
        // Under TLS the real server forbids LOGIN and has no mechanism: whoever believes what came before sends the password.
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        using var server = new TalkingServer(
            "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello\r\n",
            line => line.EndsWith("STARTTLS", StringComparison.Ordinal) ? $"% OK go\r\n{injected.Replace("{next}", Next(line), StringComparison.Ordinal)}(TLS)" : "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n% OK\r\n", certificate);

        await FailsAsync(null, server, o => o with { Tls = TlsMode.StartTls, SkipCertificateValidation = true });
    }

    [Fact]
    public async Task What_POP3_says_before_TLS_and_is_read_after_it_counts_for_nothing()
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        var secure = false;
        using var server = new TalkingServer("+OK hello\r\n", line =>
        {
            if (line == "STLS")
            {
                secure = true;
                return "+OK go\r\n+OK\r\nSASL PLAIN\r\nUSER\r\nUIDL\r\n.\r\n+OK\r\n+OK\r\n(TLS)";
            }
            return line == "CAPA" ? secure ? "+OK\r\nUIDL\r\n.\r\n" : "+OK\r\nSTLS\r\n.\r\n" : "-ERR no\r\n";
        }, certificate);

        await FailsAsync(null, server.Port, o => o with { Protocol = MailProtocol.Pop3, Tls = TlsMode.StartTls, SkipCertificateValidation = true });

        Assert.DoesNotContain(server.Lines, line => line.StartsWith("AUTH PLAIN", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(MailProtocol.Imap)]
    [InlineData(MailProtocol.Pop3)]
    public async Task A_certificate_nobody_vouches_for_is_refused(MailProtocol protocol)
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        using var server = new TalkingServer(
            protocol == MailProtocol.Imap ? "* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n" : "+OK hello\r\n",
            line => line == "CAPA" ? "+OK\r\nSTLS\r\n.\r\n" : line == "STLS" ? "+OK\r\n(TLS)" : "% OK\r\n(TLS)", certificate);

        var error = await FailsAsync(ErrorCode.CertificateInvalid, server, o => o with { Protocol = protocol });

        Assert.Contains("its issuer is not trusted here", error.Message);
    }

    [Fact]
    public async Task Plain_text_is_for_loopback_alone()
    {
        var options = new MailboxOptions { Server = "imap.x.test", Tls = TlsMode.None, Credential = Credential };
        Assert.Equal(ErrorCode.TlsRequired, (await Assert.ThrowsAsync<MailOpsException>(() => MailboxSession.OpenAsync(options, null, TestContext.Current.CancellationToken))).Code);
    }

    [Theory]
    [InlineData("* OK ")]
    [InlineData("+OK ")]
    [InlineData("")]
    public async Task A_greeting_without_end_is_left(string start)
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, start, stop);
            await PourAsync(stream, stop);
        });
        await FailsAsync(ErrorCode.MailboxProtocolError, server.Port, o => o with { Protocol = start == "+OK " ? MailProtocol.Pop3 : MailProtocol.Imap, Tls = TlsMode.None });
    }

    [Fact]
    public async Task A_server_that_trickles_is_left_when_the_time_is_over()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "* OK ", stop);
            while (!stop.IsCancellationRequested)
            {
                await RawServer.SayAsync(stream, "a", stop);
                await Task.Delay(50, stop);
            }
        });
        var clock = Stopwatch.StartNew();

        await FailsAsync(ErrorCode.MailboxTimeout, server.Port, o => o with { Tls = TlsMode.None, Timeout = TimeSpan.FromSeconds(1) });

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_range_that_stands_for_all_numbers_is_not_counted_out()
    {
        using var server = new TalkingServer(
            "* OK [CAPABILITY IMAP4rev1 ESEARCH AUTH=PLAIN SASL-IR] hello\r\n",
            line => Imap(line, "IMAP4rev1 ESEARCH") ?? (line.Contains("SEARCH", StringComparison.Ordinal) ? "* ESEARCH (TAG \"%\") UID ALL 1:4294967295\r\n% OK\r\n" : "% BAD\r\n"));
        await FailsAsync(ErrorCode.MailboxTooLarge, server, o => o with { Tls = TlsMode.None });
    }

    // MailKit survives 200 levels; of 20,000 the process ended.
    [Theory]
    [InlineData("* 1 FETCH (UID 1 BODYSTRUCTURE ((((", "parentheses")]
    [InlineData("* 1 FETCH (UID 1 X \"a\"x\" Y ((((", "parentheses")]                       // a quote within a quoted string
    [InlineData("* 1 FETCH (UID 1 X \"))))\\\"))\" X {3}\r\n))) Y ((((", "parentheses")]    // what is quoted closes nothing
    [InlineData("* OK it is {20000}\r\n* 1 FETCH (UID 1 X ((((", "parentheses")]          // no literal: text
    [InlineData("* OK 5\" wide\r\n* 1 FETCH (UID 1 X ((((", "parentheses")]
    [InlineData("* 1 FETCH (UID 1 X \"a\r\nb\" Y ((((", "quoted string")]
    [InlineData("* 1 FETCH (UID 1 X {0}\r\n) OK \"\r\n\" Y ((((", "quoted string")]
    [InlineData("* 1 FETCH (UID 1 X {3}9999}\r\nabc Y ((((", "brace")]
    [InlineData("* OK [X {20}\r\n* X {99999}\r\n", "brace")]
    public async Task An_answer_of_IMAP_nested_too_deeply_is_left_before_it_is_read(string start, string word)
    {
        using var server = new TalkingServer(
            "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n",
            line => Imap(line) ?? (line.Contains("SEARCH", StringComparison.Ordinal) ? "* SEARCH 1\r\n% OK\r\n" : $"{start}{new string('(', 200)}NIL{new string(')', 205)}\r\n% OK\r\n"));

        Assert.Contains(word, (await FailsAsync(ErrorCode.MailboxProtocolError, server.Port, o => o with { Tls = TlsMode.None })).Message);
    }

    [Fact]
    public void Lines_of_POP3_are_not_read_as_those_of_IMAP()
    {
        using var watch = new ServerWatch(() => 1000);
        watch.LogConnect(new Uri("pop://x.test:110/"));
        var said = Encoding.ASCII.GetBytes($"+OK\r\n{new string('(', 500)}\r\nit\"s {{99999999}}\r\n.\r\n-ERR no\r\n");

        watch.LogServer(said, 0, said.Length);

        Assert.Equal("no", watch.Refusal);
    }

    [Fact]
    public async Task A_message_of_POP3_without_end_is_left()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "+OK hello\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                await RawServer.SayAsync(stream, line.Split(' ')[0] switch
                {
                    "CAPA" => "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n",
                    "STAT" => "+OK 1 10\r\n",
                    "UIDL" => "+OK\r\n1 a\r\n.\r\n",
                    "LIST" => "+OK\r\n1 10\r\n.\r\n",
                    _ => "+OK\r\n",
                }, stop);
                if (line.StartsWith("TOP", StringComparison.Ordinal)) await PourAsync(stream, stop);
            }
        });
        await FailsAsync(ErrorCode.MailboxProtocolError, server.Port, o => o with { Protocol = MailProtocol.Pop3, Tls = TlsMode.None });
    }

    [Theory]
    [InlineData(MailProtocol.Imap, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n", "% NO {0} {1} \x1b[31mred\r\n")]
    [InlineData(MailProtocol.Pop3, "+OK hello\r\n", "-ERR {0} {1} \x1b[31mred\r\n")]
    public async Task A_server_that_repeats_the_credential_has_it_shown_nowhere(MailProtocol protocol, string greeting, string answer)
    {
        var said = string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, "S3cret-P\u00c3\u00a4ssword", Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Credential.UserName}\0{Password}")));
        using var server = new TalkingServer(greeting, line => line == "CAPA" ? "+OK\r\nUSER\r\n.\r\n" : line.StartsWith("USER", StringComparison.Ordinal) ? "+OK\r\n" : said);

        var error = await FailsAsync(ErrorCode.MailboxAuthFailed, server.Port, o => o with { Protocol = protocol, Tls = TlsMode.None });

        Assert.Contains("\\u001B[31mred", error.Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("220 mx.x.test ESMTP\r\n")]
    [InlineData("\0\0\0\0\r\n\r\n")]
    public async Task Something_else_than_IMAP_is_named(string greeting)
    {
        using var server = RawServer.Saying(greeting);
        await FailsAsync(ErrorCode.MailboxProtocolError, server.Port, o => o with { Tls = TlsMode.None, Timeout = TimeSpan.FromSeconds(5) });
    }

    internal static string? Imap(string line, string capabilities = "IMAP4rev1") => line.Split(' ')[1] switch
    {
        "AUTHENTICATE" => $"% OK [CAPABILITY {capabilities}]\r\n",
        "LIST" => "* LIST (\\HasNoChildren) \"/\" INBOX\r\n% OK\r\n",
        "SELECT" or "EXAMINE" => "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n% OK [READ-ONLY] ok\r\n",
        _ => null,
    };

    /// <summary>The tag that the client will use next.</summary>
    private static string Next(string line) => line[0] + (int.Parse(line.Split(' ')[0][1..], System.Globalization.CultureInfo.InvariantCulture) + 1).ToString("D8", System.Globalization.CultureInfo.InvariantCulture);

    internal static async Task PourAsync(Stream stream, CancellationToken stop)
    {
        var block = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("1 3 5 7 9 aaaaaa ", 4000)));
        while (!stop.IsCancellationRequested) await stream.WriteAsync(block, stop);
    }

    private static async Task<MailOpsException> FailsAsync(string? code, TalkingServer server, Func<MailboxOptions, MailboxOptions> change)
    {
        var error = await FailsAsync(code, server.Port, change);
        Assert.DoesNotContain(server.Lines, line => line.Contains("AUTHENTICATE", StringComparison.Ordinal) && change(Options(0)).Tls != TlsMode.None);
        Assert.DoesNotContain(server.Lines, line => line.Contains(" LOGIN ", StringComparison.Ordinal) || line.StartsWith("PASS", StringComparison.Ordinal) || line.StartsWith("USER", StringComparison.Ordinal));
        return error;
    }

    /// <summary>Opens the mailbox and reads it; the error, which must not show the credential.</summary>
    internal static async Task<MailOpsException> FailsAsync(string? code, int port, Func<MailboxOptions, MailboxOptions> change)
    {
        var stop = TestContext.Current.CancellationToken;
        var error = await Assert.ThrowsAsync<MailOpsException>(async () =>
        {
            using var session = await MailboxSession.OpenAsync(change(Options(port)), null, stop);
            var query = new MailboxQuery();
            var ids = await session.FindAsync(query, stop);
            await session.ReadAsync(query, ids, null, stop);
        });
        if (code is not null) Assert.True(code == error.Code, $"{error.Code}: {error}");
        Assert.NotEmpty(error.Hint);
        var shown = error.ToString() + error.Hint;
        Assert.DoesNotContain(Password, shown);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Credential.UserName}\0{Password}")), shown);
        return error;
    }

    private static MailboxOptions Options(int port) => new() { Server = "127.0.0.1", Port = port, Credential = Credential, Timeout = TimeSpan.FromSeconds(30) };
}
