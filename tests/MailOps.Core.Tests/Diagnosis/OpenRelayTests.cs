using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Diagnosis;

/// <summary>Servers that pass mail on for strangers, in this way or that.</summary>
public sealed class OpenRelayTests
{
    [Fact]
    public async Task A_closed_server_refuses_every_trick_and_gets_no_message()
    {
        using var server = SmtpServerTesterTests.Good(("RCPT TO:", "554 5.7.1 Relay access denied"));
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true });
        Assert.Equal(SmtpServerVerdict.Success, test.StatusCode);
        Assert.Equal(17, test.RelayAttempts.Length);   // of 18: the sender at localhost is the sender of its own here
        Assert.All(test.RelayAttempts, attempt => Assert.Equal((false, "554 5.7.1 Relay access denied"), (attempt.Accepted, attempt.Response)));
        Assert.Equal(["0 of 17 accepted"], test.Steps.Where(step => step.Name == "OpenRelay").Select(step => step.Seen));
        Assert.DoesNotContain(server.Commands, command => command.StartsWith("DATA", StringComparison.OrdinalIgnoreCase) || command.StartsWith("BDAT", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task The_tricks_are_the_classic_ones()
    {
        using var server = SmtpServerTesterTests.Good(("RCPT TO:", "554 5.7.1 no"));
        await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true, Recipient = "u@d.test", From = "s@f.test" });
        foreach (var expected in new[]
        {
            "RCPT TO:<u@d.test>", "RCPT TO:<u%d.test@localhost>", "RCPT TO:<u%d.test@[127.0.0.1]>", "RCPT TO:<d.test!u>", "RCPT TO:<d.test!u@localhost>", "RCPT TO:<\"u@d.test\">",
            "RCPT TO:<\"u@d.test\"@localhost>", "RCPT TO:<@localhost:u@d.test>", "RCPT TO:<@[127.0.0.1]:u@d.test>", "RCPT TO:<u@d.test@localhost>", "MAIL FROM:<>", "MAIL FROM:<postmaster@[127.0.0.1]>",
        }) Assert.Contains(expected, server.Commands);
    }

    [Fact]
    public async Task An_open_relay_is_named()
    {
        using var server = SmtpServerTesterTests.Good();
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true });
        SmtpServerTesterTests.Is(test, "OpenRelay", "as it is", "smtpd_relay_restrictions");
        Assert.All(test.RelayAttempts, attempt => Assert.True(attempt.Accepted));
    }

    [Fact]
    public async Task One_that_falls_for_a_trick_is_named_with_it()
    {
        using var server = SmtpServerTesterTests.Good(("RCPT TO:", "554 5.7.1 no"), ("RCPT TO:<relay-test%", "250 ok"));
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true });
        SmtpServerTesterTests.Is(test, "OpenRelay", "percent hack", "smtpd_relay_restrictions");
        Assert.Equal(SmtpServerVerdict.Failure, test.StatusCode);
        Assert.Equal(4, test.RelayAttempts.Count(attempt => attempt.Accepted));
    }

    [Fact]
    public async Task One_that_takes_whatever_is_its_own_is_suspected_only()
    {
        using var server = SmtpServerTesterTests.Good(("RCPT TO:", "554 5.7.1 no"), ("RCPT TO:<relay-test%", "250 ok"), ("RCPT TO:<no-such-user-", "250 ok"));
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true });
        SmtpServerTesterTests.Is(test, "OpenRelaySuspected", "percent hack", "log");
        Assert.Equal(SmtpServerVerdict.Warning, test.StatusCode);
    }

    [Fact]
    public async Task A_server_that_hangs_up_on_the_refused_is_asked_on()
    {
        using var server = SmtpServerTesterTests.Good(("RCPT TO:", "554 5.7.1 no"), ("RCPT TO:<relay-test@example.net@", LoopbackSmtpServer.HangUp), ("RCPT TO:<\"", "421 4.7.0 enough"));
        var test = await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true, Timeout = TimeSpan.FromSeconds(20) });
        Assert.Equal("ConnectionLost", test.Findings[0].Id);   // hung up on every time, in the end
        Assert.Equal(13, test.RelayAttempts.Length);
        Assert.Equal(10, server.Connections);   // the test itself, the first attempt, and eight more
    }

    [Fact]
    public async Task No_attempt_is_authenticated()
    {
        using var server = SmtpServerTesterTests.Good(("RCPT TO:", "554 5.7.1 no"));
        await SmtpServerTesterTests.RunAsync(server.Port, o => o with { OpenRelay = true, Credential = new("user", "hunter2-secret") });
        Assert.Single(server.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.Equal(2, server.Connections);
    }
}
