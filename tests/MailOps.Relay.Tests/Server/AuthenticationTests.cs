using System.Text;
using MailOps.Relay.Server;
using MailOps.Relay.Server.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server;

public sealed class AuthenticationTests
{
    private static readonly Func<SmtpRelayOptions, SmtpRelayOptions> PlainText = TestServer.Listener(l => l with { AllowPlainTextAuthentication = true });

    [Fact]
    public async Task LOGIN_and_PLAIN_go_step_by_step_and_can_be_cancelled()
    {
        await Transcript.PlayAsync($"""
            S: 220 mx.example.test ESMTP MailOps
            C: HELO x
            S: 250 mx.example.test
            C: AUTH XOAUTH2 eA==
            S: 504 5.5.4 Authentication mechanism not supported
            C: AUTH PLAIN not!base64
            S: 501 5.5.2 That is not base64
            C: AUTH PLAIN =
            S: 501 5.5.2 That is not a credential of this mechanism
            C: AUTH PLAIN {Base64("no nul")}
            S: 501 5.5.2 That is not a credential of this mechanism
            C: AUTH PLAIN {Base64("\0\0secret")}
            S: 501 5.5.2 That is not a credential of this mechanism
            C: AUTH PLAIN
            S: 334 
            C: *
            S: 501 5.7.0 Authentication cancelled
            C: AUTH LOGIN
            S: 334 VXNlcm5hbWU6
            C: {Base64(TestServer.User)}
            S: 334 UGFzc3dvcmQ6
            C: *
            S: 501 5.7.0 Authentication cancelled
            C: AUTH LOGIN {Base64(TestServer.User)}
            S: 334 UGFzc3dvcmQ6
            C: {Base64(TestServer.Password)}
            S: 235 2.7.0 Authentication successful
            C: AUTH LOGIN
            S: 503 5.5.1 Already authenticated
            C: QUIT
            S: 221 2.0.0 Bye
            """, with: PlainText);
    }

    [Theory]
    [InlineData("\0printer\0t0p secret", true)]
    [InlineData("printer\0printer\0t0p secret", true)]
    [InlineData("other\0printer\0t0p secret", false)]
    [InlineData("\0printer\0wrong", false)]
    [InlineData("\0Printer\0t0p secret", false)]
    [InlineData("\0printer\0", false)]
    public async Task PLAIN_takes_the_right_password_for_the_user_itself(string message, bool right)
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: PlainText);
        var talk = server.TalkAsync($"EHLO x\r\nAUTH PLAIN\r\n{Base64(message)}\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n.\r\n");
        await server.TurnClockUntilAsync(() => talk.IsCompleted, TimeSpan.FromSeconds(1));
        Assert.Contains(right ? "\r\n235 2.7.0" : "\r\n535 5.7.8", await talk, StringComparison.Ordinal);
        var origin = server.Target.Taken.Single().Sender.Origin!;
        Assert.Equal(right ? ("ESMTPA", "printer") : ("ESMTP", null), (origin.Protocol, origin.UserName));
    }

    [Fact]
    public async Task Failures_wait_and_the_third_ends_the_session()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, with: PlainText);
        await using var client = await server.ConnectAsync();
        await client.AskAsync("EHLO x");
        foreach (var (wait, reply) in new[] { (1, "535 5.7.8 Authentication credentials invalid"), (2, "535 5.7.8 Authentication credentials invalid"), (3, "421 4.7.0 Too many failed authentications") })
        {
            var answer = client.AskAsync("AUTH PLAIN " + Base64("\0printer\0guess"));
            var start = clock.GetUtcNow();
            await server.TurnClockUntilAsync(() => answer.IsCompleted, TimeSpan.FromMilliseconds(250));
            Assert.Equal(reply, await answer);
            Assert.InRange((clock.GetUtcNow() - start).TotalSeconds, wait, 300);
        }
        Assert.Equal("", await client.ReadReplyAsync());
    }

    [Fact]
    public async Task Without_TLS_a_password_is_neither_offered_nor_taken()
    {
        await using var server = TestServer.Start();
        var said = await server.TalkAsync($"EHLO x\r\nAUTH PLAIN {Base64("\0printer\0t0p secret")}\r\n");
        Assert.DoesNotContain("250-AUTH", said, StringComparison.Ordinal);
        Assert.EndsWith("\r\n538 5.7.11 Encryption required for authentication; issue STARTTLS first\r\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_users_AUTH_does_not_exist()
    {
        await using var server = TestServer.Start(with: o => PlainText(o) with { Users = [] });
        var said = await server.TalkAsync("EHLO x\r\nAUTH LOGIN\r\n");
        Assert.DoesNotContain("AUTH PLAIN", said, StringComparison.Ordinal);
        Assert.EndsWith("\r\n502 5.5.1 Command not implemented\r\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AUTH_is_offered_until_it_was_used()
    {
        await using var server = TestServer.Start(with: PlainText);
        var said = await server.TalkAsync($"EHLO x\r\nAUTH PLAIN {Base64("\0printer\0t0p secret")}\r\nEHLO x\r\n");
        Assert.Single(said.Split("250 AUTH PLAIN LOGIN\r\n")[1..]);
        Assert.EndsWith("250-LIMITS RCPTMAX=1000\r\n250 STARTTLS\r\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("disabled")]
    public async Task A_user_who_was_shut_out_sends_no_more_in_an_open_session(string how)
    {
        var directory = new ChangingUsers();
        await using var server = TestServer.Start(with: PlainText, users: directory);
        await using var client = await TestClient.ConnectAsync(server.Port);
        await client.ReadReplyAsync();
        await client.AskAsync("EHLO x");
        Assert.StartsWith("235", await client.AskAsync($"AUTH PLAIN {Base64("\0ada\0pw")}"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@example.test>"), StringComparison.Ordinal);
        directory.Ada = how == "removed" ? null : new RelayUser("ada") { Enabled = false };
        await client.AskAsync("RSET");
        Assert.StartsWith("530 5.7.0 The user who logged in may do so no longer", await client.AskAsync("MAIL FROM:<a@example.test>"), StringComparison.Ordinal);
        Assert.Contains("AUTH PLAIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);   // nobody is logged in any more
    }

    [Fact]
    public async Task A_user_whom_only_a_script_knows_stays_in_its_session()
    {
        await using var server = TestServer.Start(with: PlainText);
        var said = await server.TalkAsync(Encoding.ASCII.GetBytes($"EHLO x\r\nAUTH PLAIN {Base64("\0printer\0t0p secret")}\r\nMAIL FROM:<a@example.test>\r\n"));
        Assert.EndsWith("250 2.1.0 Sender OK\r\n", said, StringComparison.Ordinal);
    }

    private sealed class ChangingUsers : IUserDirectory
    {
        public RelayUser? Ada { get; set; } = new("ada");

        public ValueTask<bool> VerifyAsync(string user, ReadOnlyMemory<byte> password, System.Net.IPAddress client, CancellationToken cancellationToken) => new(true);

        public RelayUser? Find(string user) => Ada;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
