using System.Net;
using MailOps.Relay.Server.Limits;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server;

public sealed class LimitTests
{
    private const string Sender = "HELO x\r\nMAIL FROM:<a@example.test>\r\n";

    [Theory]
    [InlineData(4094, "500 5.5.2 Command not recognised")]
    [InlineData(4095, "500 5.5.2 Line too long")]
    [InlineData(100_000, "500 5.5.2 Line too long")]
    public async Task A_long_line_is_refused_and_swallowed(int length, string reply)
    {
        await using var server = TestServer.Start();
        foreach (var piece in new[] { int.MaxValue, 4096, 100, length < 5000 ? 1 : 13 })
            Assert.Equal($"220 mx.example.test ESMTP MailOps\r\n{reply}\r\n250 2.0.0 OK\r\n", await server.TalkAsync(new string('x', length) + "\r\nNOOP\r\n", piece));
    }

    [Fact]
    public async Task A_line_without_an_end_ends_the_session()
    {
        await using var server = TestServer.Start();
        Assert.EndsWith("\r\n421 4.7.0 A line without an end\r\n", await server.TalkAsync(new string('x', 2_000_000)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NOOP\n")]
    [InlineData("NO\rOP\r\n")]
    [InlineData("NOOP\0\r\n")]
    [InlineData("NOOP\r\r\n")]
    [InlineData("\n")]
    public async Task A_line_with_a_lone_CR_LF_or_NUL_is_refused(string line)
    {
        await using var server = TestServer.Start();
        Assert.EndsWith("\r\n500 5.5.2 Lines end with CR LF and hold no other CR, LF or NUL\r\n250 2.0.0 OK\r\n", await server.TalkAsync(line + "NOOP\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_sent_away_while_it_sends_can_read_why()
    {
        await using var server = TestServer.Start();
        for (var round = 0; round < 2; round++)
        {
            await using var client = await server.ConnectAsync();
            await client.SendAsync(new string('x', 30_000_000));
            Assert.Equal("421 4.7.0 A line without an end", await client.ReadReplyAsync());
            Assert.Equal("", await client.ReadReplyAsync());
        }
        for (var i = 0; i < 3000 && server.Server.SessionCount > 0; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(0, server.Server.SessionCount);
    }

    [Fact]
    public async Task Too_many_recipients_are_for_another_message_and_no_error_of_the_client()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxRecipients = 3, MaxErrors = 2 }));
        var said = await server.TalkAsync(Sender + string.Concat(Enumerable.Range(0, 10).Select(i => $"RCPT TO:<r{i}@example.test>\r\n")) + "DATA\r\n.\r\n");
        Assert.Equal(7, said.Split("452 4.5.3 ").Length - 1);
        Assert.EndsWith("queued\r\n", said, StringComparison.Ordinal);
        Assert.Equal(3, server.Target.Taken.Single().Recipients.Count);
    }

    [Fact]
    public async Task Too_many_errors_end_the_session_unless_mail_is_delivered_between()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxErrors = 3 }));
        const string message = Sender + "RCPT TO:<b@example.test>\r\nDATA\r\n.\r\n", wrong = "FROB\r\n";
        Assert.EndsWith("recognised\r\n421 4.7.0 Too many errors\r\n", await server.TalkAsync(wrong + wrong + wrong + wrong + message), StringComparison.Ordinal);
        Assert.Empty(server.Target.Taken);
        Assert.DoesNotContain("421", await server.TalkAsync(wrong + wrong + wrong + message + wrong + wrong + wrong), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_keeps_quiet_is_sent_away()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock);
        await using var idle = await server.ConnectAsync();
        await using var inData = await server.ConnectAsync();
        foreach (var line in (Sender + "RCPT TO:<b@example.test>\r\nDATA").Split("\r\n")) await inData.AskAsync(line);
        var first = idle.ReadReplyAsync();
        var second = inData.ReadReplyAsync();
        var start = clock.GetUtcNow();
        await LetTimeRunOutAsync(clock, () => first.IsCompleted && second.IsCompleted, TimeSpan.FromSeconds(301));
        Assert.InRange(clock.GetUtcNow() - start, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(60));
        Assert.Equal("421 4.4.2 Waited too long for the next input", await first);
        Assert.Equal("421 4.4.2 Waited too long for the next input", await second);
        Assert.Equal("", await idle.ReadReplyAsync());
        await server.TurnClockUntilAsync(() => server.Server.SessionCount == 0, TimeSpan.Zero);
        Assert.Equal(1, server.Target.Dropped);
    }

    [Fact]
    public async Task A_client_that_drips_a_command_is_sent_away_all_the_same()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock);
        await using var client = await server.ConnectAsync();
        var reply = client.ReadReplyAsync();
        for (var i = 0; i < 9; i++)
        {
            await client.SendAsync("N");
            clock.Advance(TimeSpan.FromSeconds(30));
        }
        await LetTimeRunOutAsync(clock, () => reply.IsCompleted, TimeSpan.FromSeconds(31));
        Assert.Equal("421 4.4.2 Waited too long for the next input", await reply);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: TestServer.Limits(l => l with { MaxErrors = int.MaxValue }));
        await using var client = await server.ConnectAsync();
        var flood = FloodAsync();
        await server.TurnClockUntilAsync(() => flood.IsCompleted && server.Server.SessionCount == 0, TimeSpan.FromSeconds(20));

        async Task FloodAsync()
        {
            var line = string.Concat(Enumerable.Repeat("HELP\r\n", 1000));
            try
            {
                while (true) await client.SendAsync(line);
            }
            catch (IOException)
            {
                // Cut off, as it should be.
            }
        }
    }

    [Fact]
    public async Task One_session_too_many_is_refused_and_there_is_room_again_afterwards()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxSessions = 1 }));
        await using (var first = await server.ConnectAsync())
        {
            await using var second = await TestClient.ConnectAsync(server.Port);
            Assert.Equal("421 4.7.0 Too many connections; try again later", await second.ReadReplyAsync());
            Assert.Equal("", await second.ReadReplyAsync());
            Assert.Equal("221 2.0.0 Bye", await first.AskAsync("QUIT"));
        }
        for (var i = 0; i < 3000 && server.Server.SessionCount > 0; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        await using var third = await server.ConnectAsync();
    }

    [Fact]
    public async Task Sessions_of_one_client_are_counted_but_not_those_of_this_machine()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxSessionsPerClient = 0 }));
        Assert.Equal("421 4.7.0 Too many connections from your address; try again later\r\n", await server.TalkAsync("NOOP\r\n", client: IPAddress.Parse("192.0.2.1")));
        Assert.StartsWith("220 ", await server.TalkAsync("NOOP\r\n", client: IPAddress.IPv6Loopback), StringComparison.Ordinal);
        var counts = new ClientCounts();
        var (a, b) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        Assert.Equal([true, true, false, true], [counts.TryEnter(a, 2), counts.TryEnter(a, 2), counts.TryEnter(a, 2), counts.TryEnter(b, 2)]);
        counts.Leave(a);
        Assert.True(counts.TryEnter(a, 2));
    }

    // Up to the five minutes in steps, so that a session that has not begun to wait when the first is made is late by a step only; then second by second, each with
    // real time to say so, for which it has ten seconds of the clock.
    private static async Task LetTimeRunOutAsync(FakeTimeProvider clock, Func<bool> done, TimeSpan rest)
    {
        var step = TimeSpan.FromSeconds(10);
        for (var passed = step; passed < rest; passed += step)
        {
            clock.Advance(step);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        for (var second = 0; second < 60 && !done(); second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < 50 && !done(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
