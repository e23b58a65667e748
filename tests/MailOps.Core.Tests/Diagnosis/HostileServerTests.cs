using MailOps.Diagnosis;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>Servers that mean harm, or have lost their mind: no test takes longer than its time, or more memory than it should.</summary>
public sealed class HostileServerTests
{
    private static readonly string[] Kinds = ["", "+pipelining", "+binarymime", "+dsn", "+smtputf8", "+requiretls", "+digest-md5", "+x-exps"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public static TheoryData<string, Pace> Transcripts => new(
        from pace in Enum.GetValues<Pace>()
        from name in Kinds
        select ("comcast-ehlo" + name, pace));

    [Fact]
    public async Task Endless_challenges_end()
    {
        using var server = new LoopbackSmtpServer(("AUTH PLAIN", "334 aGVsbG8="), ("", "334 aGVsbG8="))
        {
            Certificate = TrustedCertificate.ForLocalhost,
            Keywords = ["SIZE 1"],
            TlsKeywords = ["AUTH PLAIN"],
        };
        var test = await TimedAsync(server.Port, o => o with { Credential = new("user", "hunter2-secret") });
        Assert.Contains(test.Findings, finding => finding.Id == "AuthBroken");
    }

    [Fact]
    public async Task Slow_bytes_end_with_the_time()
    {
        using var server = new RawServer(async (stream, stop) =>
        {
            while (true)
            {
                await RawServer.SayAsync(stream, "2", stop);
                await Task.Delay(200, stop);
            }
        });
        var test = await TimedAsync(server.Port);
        Assert.Equal(SmtpServerVerdict.Failure, test.StatusCode);
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle()
    {
        using var silent = new LoopbackSmtpServer(("EHLO", LoopbackSmtpServer.Silence));
        Assert.Equal("TimedOut", (await TimedAsync(silent.Port)).Findings[0].Id);
        using var gone = new LoopbackSmtpServer(("EHLO", LoopbackSmtpServer.HangUp));
        Assert.Equal("ConnectionLost", (await TimedAsync(gone.Port)).Findings[0].Id);
        using var noTls = new LoopbackSmtpServer(("EHLO", "250-mx.test\r\n250 STARTTLS"), ("", LoopbackSmtpServer.Silence), ("STARTTLS", "220 go on"));
        Assert.Equal(SmtpServerVerdict.Failure, (await TimedAsync(noTls.Port, o => o with { Tls = TlsMode.StartTls })).StatusCode);
    }

    [Fact]
    public async Task More_than_was_asked_is_not_taken_for_an_answer()
    {
        using var server = new LoopbackSmtpServer(("(greeting)", "220 mx.test\r\n250-mx.test\r\n250 AUTH PLAIN"));
        Assert.Equal("UnexpectedReplies", (await TimedAsync(server.Port)).Findings[0].Id);
    }

    [Fact]
    public async Task Control_characters_reach_nobodys_terminal()
    {
        using var server = new LoopbackSmtpServer(("(greeting)", "220 \x1b]0;owned\x07\x1b[2Jmx\u202e"), ("STARTTLS", "502 \x1b[31m"));
        var test = await TimedAsync(server.Port);
        var all = string.Join("|", test.Steps.Select(step => step.Seen).Concat(test.Findings.Select(finding => finding.Problem)).Append(test.Banner).Concat(test.Capabilities));
        Assert.DoesNotContain(all, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', all);
        Assert.Contains("\\u001B]0;owned\\u0007", all);
    }

    [Theory]
    [MemberData(nameof(Transcripts))]
    public async Task Recorded_replies_are_understood(string ehlo, Pace pace)
    {
        using var server = new LoopbackSmtpServer(
            ("(greeting)", Read("comcast-greeting")), ("EHLO", Read(ehlo)), ("MAIL FROM:", Read("comcast-mail-from")), ("RCPT TO:", Read("comcast-rcpt-to")),
            ("RSET", Read("comcast-rset")), ("QUIT", Read("comcast-quit")))
        {
            Pace = pace,
        };
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { Tls = TlsMode.None, Recipient = "b@example.test" });
        Assert.Empty(test.Findings);
        Assert.Equal(36700160, test.MaxMessageSize);
        Assert.Contains("STARTTLS", test.Capabilities);
        Assert.Equal(!ehlo.EndsWith("x-exps", StringComparison.Ordinal), test.AuthMechanisms.Contains("PLAIN"));   // that one says X-EXPS, which is not AUTH
        Assert.Equal("QUIT", server.Commands.Last());
    }

    [Theory]
    [InlineData("(greeting)", "greeting-not-ready", "ServiceRefused")]
    [InlineData("EHLO", "ehlo-failed", "HelloOnly")]
    [InlineData("RCPT TO:", "mailbox-unavailable", "RecipientRefused")]
    [InlineData("MAIL FROM:", "auth-required", "AuthRequired")]
    [InlineData("MAIL FROM:", "bad-command-sequence", "SenderRefused")]
    public async Task Recorded_refusals_are_named(string command, string file, string id)
    {
        foreach (var pace in new[] { Pace.Whole, Pace.ByLine, Pace.ByByte })
        {
            using var server = new LoopbackSmtpServer(("EHLO", Read("comcast-ehlo")), (command, Read(file))) { Pace = pace };
            var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { Tls = TlsMode.None, Recipient = "b@example.test" });
            Assert.Contains(test.Findings, finding => finding.Id == id);
        }
    }

    internal static async Task<SmtpServerTest> TimedAsync(int port, Func<SmtpServerTestOptions, SmtpServerTestOptions>? change = null)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var test = await SmtpServerTesterTests.RunAsync(port, o => (change ?? (x => x))(o with { Timeout = Limit }));
        Assert.True(clock.Elapsed < Limit + TimeSpan.FromSeconds(1.5), $"{clock.Elapsed}");
        return test;
    }

    private static string Read(string name) => string.Join("\r\n", File.ReadAllLines(Conformance.Files("transcripts/smtp", name + ".txt").Single()));
}
