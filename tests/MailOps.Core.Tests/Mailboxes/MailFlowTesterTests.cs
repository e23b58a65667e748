using System.Diagnostics;
using System.Net;
using MailOps.Mailboxes;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Mailboxes;

/// <summary>What Test-MailFlow makes of servers that lose mail, lie, or stop answering.</summary>
public sealed class MailFlowTesterTests : IDisposable
{
    private readonly LoopbackSmtpServer _smtp = new();

    public void Dispose() => _smtp.Dispose();

    [Fact]
    public async Task A_message_that_arrives_is_told_with_its_way()
    {
        using var imap = new TalkingServer(ImapScript.Greeting, line => Mailbox().Answer(line));
        var found = await RunAsync(imap.Port);
        Assert.Equal((MailFlowOutcome.Arrived, "7-1", "INBOX", true), (found.Outcome, found.Id, found.Folder, found.Latency > TimeSpan.Zero));
        Assert.Equal("mx.test", Assert.Single(found.Hops).By);
        Assert.Null(found.Reason);

        ImapScript Mailbox() => _smtp.Messages.IsEmpty ? new ImapScript() : new ImapScript("Received: from a by mx.test; Sun, 1 Mar 2026 10:00:00 +0000\r\n" + _smtp.Text(0));
    }

    [Fact]
    public async Task A_server_that_takes_the_message_and_never_shows_it_is_waited_for_so_long_and_no_longer()
    {
        using var imap = new TalkingServer(ImapScript.Greeting, new ImapScript().Answer);
        var clock = Stopwatch.StartNew();
        var found = await RunAsync(imap.Port);
        Assert.Equal((MailFlowOutcome.NotArrived, null, null), (found.Outcome, found.Id, found.Latency));
        Assert.StartsWith("The server took the message, and it is not in INBOX after 2 seconds.", found.Reason, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(30));
        Assert.Single(_smtp.Messages);
    }

    [Theory]
    [InlineData("Subject: something else")]
    [InlineData("Subject: MailOps mail flow test 00000000000000000000000000000000")]
    [InlineData("From: nobody@x.test")]
    public async Task The_mail_of_others_is_not_taken_for_it_whatever_the_server_says_it_found(string header)
    {
        using var imap = new TalkingServer(ImapScript.Greeting, new ImapScript(header + "\r\n\r\nHello\r\n").Answer);
        Assert.Equal(MailFlowOutcome.NotArrived, (await RunAsync(imap.Port)).Outcome);
    }

    [Theory]
    [InlineData("% NO [UNAVAILABLE] later\r\n", "later")]
    [InlineData("* BYE shutting down\r\n", "did not answer within")]
    [InlineData("* SEARCH 1:4294967295 nonsense\r\n% OK\r\n", "does not keep to IMAP, or broke off")]
    [InlineData(null, "did not answer within")]
    public async Task A_mailbox_that_fails_while_it_is_waited_for_is_asked_again_and_told_at_the_end(string? answer, string reason)
    {
        using var imap = new TalkingServer(ImapScript.Greeting, line => !_smtp.Messages.IsEmpty && line.Contains(" SEARCH", StringComparison.Ordinal) ? answer : new ImapScript().Answer(line));
        var found = await RunAsync(imap.Port);
        Assert.Equal(MailFlowOutcome.NotArrived, found.Outcome);
        Assert.Contains("could not be read", found.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, found.Reason, StringComparison.Ordinal);
        Assert.True(imap.Lines.Count(line => line.Contains("AUTHENTICATE", StringComparison.Ordinal)) > 2, "It was asked again.");
    }

    [Fact]
    public async Task One_failure_on_the_way_does_not_hide_that_the_message_arrived()
    {
        var failed = false;
        using var imap = new TalkingServer(ImapScript.Greeting, line =>
        {
            if (_smtp.Messages.IsEmpty || !line.Contains(" SEARCH", StringComparison.Ordinal)) return (_smtp.Messages.IsEmpty ? new ImapScript() : new ImapScript(_smtp.Text(0))).Answer(line);
            if (failed) return new ImapScript(_smtp.Text(0)).Answer(line);
            failed = true;
            return "% NO later\r\n";
        });
        var found = await RunAsync(imap.Port);
        Assert.Equal((MailFlowOutcome.Arrived, true), (found.Outcome, failed));
    }

    [Theory]
    [InlineData("AUTHENTICATE", ErrorCode.MailboxAuthFailed)]
    [InlineData(" SEARCH", ErrorCode.MailboxRefused)]
    public async Task A_mailbox_that_cannot_be_read_at_all_is_an_error_and_nothing_is_sent(string command, string code)
    {
        using var imap = new TalkingServer(ImapScript.Greeting, line => line.Contains(command, StringComparison.Ordinal) || (command == "AUTHENTICATE" && line.Contains(" LOGIN ", StringComparison.Ordinal)) ? "% NO no\r\n" : new ImapScript().Answer(line));
        Assert.Equal(code, (await Assert.ThrowsAsync<MailOpsException>(() => RunAsync(imap.Port))).Code);
        Assert.Equal(0, _smtp.Connections);
    }

    [Fact]
    public async Task Of_ten_thousand_messages_that_a_server_says_it_found_the_newest_are_looked_at()
    {
        using var imap = new TalkingServer(ImapScript.Greeting, line => line.Contains(" SEARCH", StringComparison.Ordinal) ? $"* SEARCH {string.Join(' ', Enumerable.Range(1, 10_000))}\r\n% OK\r\n" : new ImapScript().Answer(line));
        Assert.Equal(MailFlowOutcome.NotArrived, (await RunAsync(imap.Port)).Outcome);   // it has none of them
        var asked = imap.Lines.Where(line => line.Contains(" FETCH ", StringComparison.Ordinal)).Select(line => line.Split(' ')[3]).Distinct().ToArray();
        Assert.Equal(["9951:10000"], asked);
    }

    [Fact]
    public async Task A_message_that_is_refused_is_not_waited_for()
    {
        using var smtp = new LoopbackSmtpServer(("RCPT TO:", "550 5.1.1 nobody"));
        using var imap = new TalkingServer(ImapScript.Greeting, new ImapScript().Answer);
        var found = await RunAsync(imap.Port, smtp);
        Assert.Equal((MailFlowOutcome.NotSent, true), (found.Outcome, found.Reason!.Contains("nobody", StringComparison.Ordinal)));
        Assert.Equal(1, imap.Lines.Count(line => line.Contains("AUTHENTICATE", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_the_server_had_the_whole_of_is_waited_for_though_it_did_not_say_that_it_took_it(bool comes)
    {
        using var smtp = new LoopbackSmtpServer((".", LoopbackSmtpServer.HangUp));
        using var imap = new TalkingServer(ImapScript.Greeting, line => (smtp.Messages.IsEmpty || !comes ? new ImapScript() : new ImapScript(smtp.Text(0))).Answer(line));
        var found = await RunAsync(imap.Port, smtp, comes ? TimeSpan.FromSeconds(30) : null);
        Assert.Equal(comes ? MailFlowOutcome.Arrived : MailFlowOutcome.NotArrived, found.Outcome);
        if (comes) Assert.Null(found.Reason);
        else Assert.Matches(@"^Whether the server took the message is not known \(.*did not say whether it took it.*\), and it is not in INBOX after 2 seconds\.", found.Reason!);
        Assert.Single(smtp.Messages);
    }

    [Fact]
    public async Task A_mailbox_that_refuses_the_login_while_it_is_waited_for_is_not_asked_again()
    {
        using var imap = new TalkingServer(ImapScript.Greeting, line => !_smtp.Messages.IsEmpty && line.Contains("AUTHENTICATE", StringComparison.Ordinal) ? "% NO [AUTHENTICATIONFAILED] locked\r\n" : new ImapScript().Answer(line));
        var found = await RunAsync(imap.Port, wait: TimeSpan.FromSeconds(4));
        Assert.Equal(MailFlowOutcome.NotArrived, found.Outcome);
        Assert.Matches("^The server took the message, and the mailbox refused the login [0-3] seconds later, so that it was not asked again: .*locked", found.Reason!);
        Assert.Equal(2, imap.Lines.Count(line => line.Contains("AUTHENTICATE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_time_of_sending_is_that_of_sending_and_not_when_the_mailbox_was_looked_at_before()
    {
        DateTimeOffset looked = default;
        using var imap = new TalkingServer(ImapScript.Greeting, line =>
        {
            if (_smtp.Messages.IsEmpty) looked = DateTimeOffset.Now;
            return (_smtp.Messages.IsEmpty ? new ImapScript() : new ImapScript(_smtp.Text(0))).Answer(line);
        });
        var found = await RunAsync(imap.Port);
        Assert.InRange(found.SentTime, looked, DateTimeOffset.Now - found.SendDuration);
    }

    [Fact]
    public async Task A_stop_ends_the_wait_at_once()
    {
        using var imap = new TalkingServer(ImapScript.Greeting, new ImapScript().Answer);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = RunAsync(imap.Port, wait: TimeSpan.FromMinutes(10), stop: stop.Token);
        await Poll.UntilAsync(() => !_smtp.Messages.IsEmpty);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    private Task<MailFlowTest> RunAsync(int imap, LoopbackSmtpServer? smtp = null, TimeSpan? wait = null, CancellationToken? stop = null) => new MailFlowTester(
        new MailFlowOptions
        {
            Submission = new SubmissionOptions { Server = "127.0.0.1", Port = (smtp ?? _smtp).Port, Tls = TlsMode.None },
            Mailbox = new MailboxOptions { Server = "127.0.0.1", Port = imap, Tls = TlsMode.None, Credential = new NetworkCredential("user", "s3cret"), Timeout = TimeSpan.FromSeconds(wait is null ? 1 : 60) },
            From = MailOps.Messages.Mailbox.Parse("a@x.test"),
            To = MailOps.Messages.Mailbox.Parse("b@x.test"),
            Wait = wait ?? TimeSpan.FromSeconds(2),
        }, null).RunAsync(stop ?? TestContext.Current.CancellationToken);
}
