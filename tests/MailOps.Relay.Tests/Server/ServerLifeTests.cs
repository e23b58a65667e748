using System.Globalization;
using System.Net;
using MailOps.Relay.Server;
using MailOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server;

public sealed class ServerLifeTests
{
    [Fact]
    public async Task A_port_that_is_taken_is_named_with_what_to_do()
    {
        await using var server = TestServer.Start();
        var e = Assert.Throws<MailOpsException>(() => TestServer.Start(with: TestServer.Listener(l => l with { Endpoint = $"127.0.0.1:{server.Port}" })));
        Assert.Equal(ErrorCode.RelayListenFailed, e.Code);
        Assert.Equal($"The relay cannot listen on 127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}: it is in use by another program.", e.Message);
        Assert.NotEmpty(e.Hint);
    }

    [Fact]
    public async Task When_one_port_cannot_be_taken_the_others_are_given_back()
    {
        await using var server = TestServer.Start();
        var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        Assert.Throws<MailOpsException>(() => TestServer.Start(with: o => o with
        {
            Listeners = [o.Listeners[0] with { Endpoint = $"127.0.0.1:{port}" }, o.Listeners[0] with { Endpoint = $"127.0.0.1:{server.Port}" }],
        }));
        await using var second = TestServer.Start(with: TestServer.Listener(l => l with { Endpoint = $"127.0.0.1:{port}" }));
        Assert.Equal(port, second.Port);
    }

    [Fact]
    public async Task IPv6_clients_are_served_and_traced()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var server = TestServer.Start(with: TestServer.Listener(l => l with { Endpoint = "[::1]:0" }));
        Assert.Equal("::1", server.Server.Listeners[0].Address);
        await server.TalkAsync("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n", client: IPAddress.Parse("2001:db8::1"));
        Assert.StartsWith("Received: from x ([IPv6:2001:db8::1])\r\n", server.Target.Taken.Single().Trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_sends_idle_clients_away_and_lets_a_message_finish()
    {
        await using var server = TestServer.Start();
        await using var idle = await server.ConnectAsync();
        await using var begun = await server.ConnectAsync();
        await begun.AskAsync("EHLO x");
        await begun.AskAsync("MAIL FROM:<a@example.test>");
        await using var busy = await server.ConnectAsync();
        foreach (var line in new[] { "EHLO x", "MAIL FROM:<a@example.test>", "RCPT TO:<b@example.test>", "DATA" }) await busy.AskAsync(line);
        await busy.SendAsync("half\r\n");
        var stopped = server.Server.StopAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.Equal("421 4.3.2 This server is stopping; try again later", await idle.ReadReplyAsync());
        Assert.Equal("421 4.3.2 This server is stopping; try again later", await begun.ReadReplyAsync());
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => TestClient.ConnectAsync(server.Port));
        Assert.False(stopped.IsCompleted);
        await busy.SendAsync("other half\r\n.\r\n");
        Assert.Equal("250 2.6.0 id2 queued", await busy.ReadReplyAsync());
        Assert.Equal("421 4.3.2 This server is stopping; try again later", await busy.ReadReplyAsync());
        await stopped;
        Assert.Equal("half\r\nother half\r\n", server.Target.Taken.Single().Body);
        Assert.Equal(0, server.Server.SessionCount);
        Assert.Equal(1, server.Target.Dropped);
    }

    [Fact]
    public async Task Stopping_between_chunks_lets_the_message_finish()
    {
        await using var server = TestServer.Start();
        await using var idle = await server.ConnectAsync();
        await using var client = await server.ConnectAsync();
        foreach (var line in new[] { "EHLO x", "MAIL FROM:<a@example.test>", "RCPT TO:<b@example.test>", "BDAT 6\r\nhalf" }) await client.AskAsync(line);
        var stopped = server.Server.StopAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        Assert.StartsWith("421 4.3.2 ", await idle.ReadReplyAsync(), StringComparison.Ordinal);   // by now all sessions were told
        Assert.Equal("250 2.6.0 id1 queued", await client.AskAsync("BDAT 6 LAST\r\nhalf"));
        Assert.Equal("421 4.3.2 This server is stopping; try again later", await client.ReadReplyAsync());
        await stopped;
        Assert.Equal("half\r\nhalf\r\n", server.Target.Taken.Single().Body);
    }

    [Fact]
    public async Task What_is_not_finished_when_the_grace_is_over_is_cut()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock);
        await using var busy = await server.ConnectAsync();
        foreach (var line in new[] { "EHLO x", "MAIL FROM:<a@example.test>", "RCPT TO:<b@example.test>", "DATA" }) await busy.AskAsync(line);
        var stopped = server.Server.StopAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await server.TurnClockUntilAsync(() => stopped.IsCompleted, TimeSpan.FromSeconds(1));
        Assert.Equal("", await busy.ReadReplyAsync());
        Assert.Equal(1, server.Target.Dropped);
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task Sessions_are_cut_although_what_waits_for_one_throws_when_it_hears_of_it()
    {
        var users = new Startled();
        await using var server = TestServer.Start(users: users, with: TestServer.Listener(l => l with { AllowPlainTextAuthentication = true }));
        var clients = new List<TestClient>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                clients.Add(await server.ConnectAsync());
                await clients[i].AskAsync("EHLO x");
                Assert.Equal("334 ", await clients[i].AskAsync("AUTH PLAIN"));
                await clients[i].SendAsync("AGFkYQBndWVzcw==\r\n");
            }
            await Poll.UntilAsync(() => users.Asked == 3);
            await server.Server.StopAsync(TimeSpan.Zero, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(0, server.Server.SessionCount);
            Assert.Equal(3, server.Trace.Faults.Count(fault => fault.Contains("It was not prepared for that.", StringComparison.Ordinal)));
        }
        finally
        {
            foreach (var client in clients) await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_spool_that_is_not_there_is_made_for_the_relays_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows inherits the permissions of the folder above.");
        var folder = Directory.CreateTempSubdirectory("mailops-server-").FullName;
        try
        {
            var spool = Path.Combine(folder, "spool");
            await using var server = SmtpServer.Start(new SmtpRelayOptions { QueuePath = folder, Listeners = [] }, "mx.example.test", spool, new RecordingTarget(), new PlainUsers(), new RecordingTrace(), TimeProvider.System);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(spool));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Many_idle_sessions_cost_little_and_one_of_them_is_still_served()
    {
        await using var server = TestServer.Start();
        var clients = new List<TestClient>();
        try
        {
            for (var i = 0; i < 300; i++) clients.Add(await server.ConnectAsync());
            Assert.Equal(300, server.Server.SessionCount);
            Assert.Equal("250 2.0.0 OK", await clients[150].AskAsync("NOOP"));
        }
        finally
        {
            foreach (var client in clients) await client.DisposeAsync();
        }
    }

    /// <summary>Never answers, and throws when it hears that nobody waits for the answer.</summary>
    private sealed class Startled : IUserDirectory
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public async ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, IPAddress client, CancellationToken cancellationToken)
        {
            await using var _ = cancellationToken.Register(() => throw new InvalidOperationException("It was not prepared for that."));
            Interlocked.Increment(ref _asked);
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return false;
        }
    }
}
