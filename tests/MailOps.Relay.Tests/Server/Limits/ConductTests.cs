using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Limits;

public sealed class ConductTests
{
    private const string Message = "HELO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n";
    private static readonly IPAddress Stranger = IPAddress.Parse("192.0.2.1");

    [Fact]
    public async Task After_some_errors_every_reply_waits_and_a_message_ends_the_waiting()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: TestServer.Limits(l => l with { SlowErrors = 2 }));
        await using var client = await server.ConnectAsync();
        for (var i = 0; i < 2; i++) Assert.StartsWith("500 ", await client.AskAsync("FROB"), StringComparison.Ordinal);
        foreach (var (line, reply) in new[] { ("FROB", "500 "), ("NOOP", "250 "), ("HELO x", "250 "), ("MAIL FROM:<a@example.test>", "250 "), ("RCPT TO:<b@example.test>", "250 "), ("DATA", "354 ") })
            Assert.Equal((reply, line != "DATA"), await AskSlowlyAsync(line));
        Assert.Equal(("250 ", false), await AskSlowlyAsync("."));
        Assert.Equal(("250 ", false), await AskSlowlyAsync("NOOP"));

        // The reply, and whether the clock had to be turned on for it.
        async Task<(string Reply, bool Waited)> AskSlowlyAsync(string line)
        {
            var start = clock.GetUtcNow();
            await client.SendAsync(line + "\r\n");
            var reply = client.ReadReplyAsync();
            for (var i = 0; i < 50 && !reply.IsCompleted; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
            await server.TurnClockUntilAsync(() => reply.IsCompleted, TimeSpan.FromMilliseconds(250));
            return ((await reply)[..4], clock.GetUtcNow() > start);
        }
    }

    [Fact]
    public async Task Two_hundred_slowed_clients_hold_no_thread_and_go_on_together()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: TestServer.Limits(l => l with { SlowErrors = 0 }));
        var threads = ThreadPool.ThreadCount;
        var slow = Enumerable.Range(0, 200).Select(_ => server.TalkAsync("FROB\r\nQUIT\r\n")).ToList();
        Assert.All(slow, s => Assert.False(s.IsCompleted));   // each came as far as its wait without a thread of its own
        Assert.InRange(ThreadPool.ThreadCount - threads, int.MinValue, 50);
        await server.TurnClockUntilAsync(() => slow.All(s => s.IsCompleted), TimeSpan.FromSeconds(1));
        foreach (var said in slow) Assert.EndsWith("500 5.5.2 Command not recognised\r\n221 2.0.0 Bye\r\n", await said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NOOP")]
    [InlineData("RSET")]
    [InlineData("VRFY x")]
    [InlineData("HELP")]
    [InlineData("EHLO x")]
    public async Task Commands_that_bring_no_mail_become_errors_when_there_are_too_many(string junk)
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxJunkCommands = 5, MaxErrors = 2 }));
        string Times(int count) => string.Concat(Enumerable.Repeat(junk + "\r\n", count));
        Assert.DoesNotContain("421", await server.TalkAsync(Times(7)), StringComparison.Ordinal);
        Assert.EndsWith("\r\n421 4.7.0 Too many errors\r\n", await server.TalkAsync(Times(8)), StringComparison.Ordinal);
        Assert.DoesNotContain("421", await server.TalkAsync(Times(6) + Message + Times(7)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_messages_and_recipients_have_a_rate_each()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: TestServer.Limits(l => l with { MaxSessionRate = 3, MaxMessageRate = 2, MaxRecipientRate = 3 }));
        const string greeting = "HELO x\r\n", mail = "MAIL FROM:<a@example.test>\r\n", to = "RCPT TO:<b@example.test>\r\n";
        Assert.EndsWith(
            "250 2.1.5 Recipient OK\r\n450 4.7.1 Too many recipients from your address in a short time; try again later\r\n250 2.0.0 OK\r\n"
            + "250 2.1.0 Sender OK\r\n250 2.0.0 OK\r\n450 4.7.1 Too many messages from your address in a short time; try again later\r\n",
            await server.TalkAsync(greeting + mail + to + to + to + to + "RSET\r\n" + mail + "RSET\r\n" + mail, client: Stranger), StringComparison.Ordinal);
        Assert.EndsWith("450 4.7.1 Too many messages from your address in a short time; try again later\r\n", await server.TalkAsync(greeting + mail, client: Stranger), StringComparison.Ordinal);
        Assert.StartsWith("220 ", await server.TalkAsync("QUIT\r\n", client: Stranger), StringComparison.Ordinal);
        Assert.Equal("421 4.7.0 Too many connections from your address in a short time; try again later\r\n", await server.TalkAsync("QUIT\r\n", client: Stranger));
        Assert.StartsWith("220 ", await server.TalkAsync("QUIT\r\n"), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.EndsWith("250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n", await server.TalkAsync(greeting + mail + to, client: Stranger), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_when_its_time_is_over_however_busy_it_is()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: TestServer.Limits(l => l with { MaxSessionTime = TimeSpan.FromMinutes(3) }));
        await using var busy = await server.ConnectAsync();
        await using var idle = await server.ConnectAsync();
        await using var sending = await server.ConnectAsync();
        foreach (var line in Message.Split("\r\n")[..4]) await sending.AskAsync(line);
        clock.Advance(TimeSpan.FromMinutes(3) - TimeSpan.FromTicks(1));
        Assert.Equal("250 2.0.0 OK", await busy.AskAsync("NOOP"));
        var refusals = new[] { idle.ReadReplyAsync(), sending.ReadReplyAsync() };
        clock.Advance(TimeSpan.FromTicks(1));
        const string tooLong = "421 4.4.2 The session has lasted too long; connect again";
        Assert.Equal(tooLong, await busy.AskAsync("NOOP"));
        await sending.SendAsync("a line of the content\r\n");
        await server.TurnClockUntilAsync(() => refusals.All(r => r.IsCompleted), TimeSpan.FromSeconds(1));
        foreach (var refusal in refusals) Assert.Equal(tooLong, await refusal);
        await server.TurnClockUntilAsync(() => server.Server.SessionCount == 0, TimeSpan.FromSeconds(1));
        Assert.Equal(1, server.Target.Dropped);
    }

    [Fact]
    public async Task A_listener_has_limits_of_its_own_where_they_are_given_and_otherwise_the_relays()
    {
        await using var server = TestServer.Start(with: o => o with
        {
            Limits = o.Limits with { MaxMessageSize = 200_000, MaxErrors = 1 },
            Listeners = [o.Listeners[0] with { Limits = new ListenerLimitOptions { MaxErrors = 3, MaxRecipients = 100 } }, o.Listeners[0] with { Limits = new ListenerLimitOptions { MaxMessageSize = 100_000 } }],
        });
        Assert.Equal((200_000, 3, 100), Of(0));
        Assert.Equal((100_000, 1, 1000), Of(1));
        Assert.Contains("250-SIZE 200000\r\n", await server.TalkAsync("EHLO x\r\n"), StringComparison.Ordinal);

        (long, int, int) Of(int listener) => server.Server.Bound[listener].Limits is var l ? (l.MaxMessageSize, l.MaxErrors, l.MaxRecipients) : default;
    }
}
