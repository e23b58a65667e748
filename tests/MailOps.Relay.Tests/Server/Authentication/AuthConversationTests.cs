using System.Net;
using System.Text;
using MailOps.Relay.Server.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>AUTH as it goes over the wire: what is offered, SCRAM, blocks, and whose address may be the sender.</summary>
public sealed class AuthConversationTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("192.0.2.7");

    private static readonly Func<SmtpRelayOptions, SmtpRelayOptions> PlainText = TestServer.Listener(l => l with { AllowPlainTextAuthentication = true });

    [Fact]
    public async Task SCRAM_is_offered_before_PLAIN_and_its_last_word_goes_before_235()
    {
        await using var server = TestServer.Start(users: Ada(), with: PlainText);
        await using var client = await server.ConnectAsync();
        Assert.EndsWith("250 AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        var scram = new ScramClient(ScramHash.Sha256, "ada", "pencil");
        var challenge = await client.AskAsync("auth scram-sha-256 " + Base64(scram.First));
        Assert.StartsWith("334 ", challenge, StringComparison.Ordinal);
        var last = await client.AskAsync(Base64(scram.Final(FromBase64(challenge[4..]))));
        Assert.Equal("334 " + Base64(scram.Signature), last);
        Assert.Equal("235 2.7.0 Authentication successful", await client.AskAsync(""));
        Assert.Equal("503 5.5.1 Already authenticated", await client.AskAsync("AUTH PLAIN"));
    }

    [Fact]
    public async Task SCRAM_without_an_initial_response_begins_with_an_empty_challenge_and_can_be_cancelled_at_each_step()
    {
        await using var server = TestServer.Start(users: Ada(), with: PlainText);
        await using var client = await server.ConnectAsync();
        await client.AskAsync("EHLO x");
        Assert.Equal("334 ", await client.AskAsync("AUTH SCRAM-SHA-1"));
        Assert.Equal("501 5.7.0 Authentication cancelled", await client.AskAsync("*"));
        var scram = new ScramClient(ScramHash.Sha1, "ada", "pencil");
        var challenge = await client.AskAsync("AUTH SCRAM-SHA-1 " + Base64(scram.First));
        Assert.Equal("501 5.7.0 Authentication cancelled", await client.AskAsync("*"));
        challenge = await client.AskAsync("AUTH SCRAM-SHA-1 " + Base64(scram.First));
        await client.AskAsync(Base64(scram.Final(FromBase64(challenge[4..]))));
        Assert.Equal("501 5.7.0 Authentication cancelled", await client.AskAsync("*"));
        Assert.Equal("501 5.5.2 That is not a credential of this mechanism", await client.AskAsync("AUTH SCRAM-SHA-1 ="));
        Assert.Equal("504 5.5.4 Authentication mechanism not supported", await client.AskAsync("AUTH SCRAM-SHA-1-PLUS " + Base64("p=tls-server-end-point,,n=ada,r=abcdefghij")));   // there is no channel
        Assert.StartsWith("250 ", await client.AskAsync("MAIL FROM:<a@example.test>"), StringComparison.Ordinal);
        Assert.Equal("503 5.5.1 Not during a mail transaction", await client.AskAsync("AUTH PLAIN"));
    }

    [Fact]
    public async Task A_listener_offers_what_it_lists_and_calls_the_rest_too_weak()
    {
        await using var server = TestServer.Start(users: Ada(), with: TestServer.Listener(l => l with { AllowPlainTextAuthentication = true, Mechanisms = ["scram-sha-256"] }));
        var said = await server.TalkAsync("EHLO x\r\nAUTH PLAIN AGFkYQBwZW5jaWw=\r\nAUTH CRAM-MD5\r\n");
        Assert.Contains("250 AUTH SCRAM-SHA-256\r\n", said, StringComparison.Ordinal);
        Assert.EndsWith("\r\n534 5.7.9 Authentication mechanism is too weak here\r\n504 5.5.4 Authentication mechanism not supported\r\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12280, "535")]
    [InlineData(12300, "500 5.5.6")]
    public async Task An_answer_has_12288_octets_at_most_and_so_has_one_that_comes_with_the_command(int length, string reply)
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, users: Ada(), with: PlainText);
        var answer = Convert.ToBase64String(Encoding.ASCII.GetBytes("\0ada\0" + new string('x', length * 3 / 4 - 5)));
        var later = server.TalkAsync($"EHLO x\r\nAUTH PLAIN\r\n{answer[..(length - length % 4)]}\r\nNOOP\r\n", piece: 1000);
        await server.TurnClockUntilAsync(() => later.IsCompleted, TimeSpan.FromSeconds(1));
        Assert.Contains("\r\n" + reply, await later, StringComparison.Ordinal);
        Assert.EndsWith("\r\n250 2.0.0 OK\r\n", await later, StringComparison.Ordinal);
        var atOnce = server.TalkAsync($"EHLO x\r\nAUTH PLAIN {answer[..12260]}\r\nNOOP {new string('x', 5000)}\r\n", piece: 1000);
        await server.TurnClockUntilAsync(() => atOnce.IsCompleted, TimeSpan.FromSeconds(1));
        Assert.Contains("\r\n535", await atOnce, StringComparison.Ordinal);
        Assert.EndsWith("\r\n500 5.5.2 Line too long\r\n", await atOnce, StringComparison.Ordinal);     // no other command may be as long
    }

    [Fact]
    public async Task Ten_failures_over_several_sessions_block_the_client_and_both_are_told_without_the_password()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, users: Ada(), with: PlainText);
        for (var session = 0; session < 4; session++)
        {
            var talk = server.TalkAsync("EHLO x\r\n" + string.Concat(Enumerable.Repeat($"AUTH PLAIN {Base64("\0ada\0a guess")}\r\n", 3)), client: Stranger);
            await server.TurnClockUntilAsync(() => talk.IsCompleted, TimeSpan.FromSeconds(1));
            await talk;
        }
        var right = $"EHLO x\r\nAUTH PLAIN {Base64("\0ada\0pencil")}\r\nMAIL FROM:<a@example.test>\r\n";
        var blocked = await server.TalkAsync(right, client: Stranger);
        Assert.Contains("\r\n454 4.7.0 Too many failed authentications from your address; try again later\r\n250 2.1.0", blocked, StringComparison.Ordinal);
        Assert.Contains("\r\n235 2.7.0", await server.TalkAsync(right, client: IPAddress.Parse("192.0.2.8")), StringComparison.Ordinal);
        var (failed, throttled) = (server.Trace.Events.Where(e => e.EventId == "AUTHFAIL").ToList(), server.Trace.Events.Single(e => e.EventId == "THROTTLE"));
        Assert.Equal(10, failed.Count);
        Assert.All(failed, e => Assert.Equal(("SMTP", "192.0.2.7", "AUTH PLAIN as 'ada': wrong name or password"), (e.Source, e.ClientIp, e.SourceContext)));
        Assert.StartsWith("blocked until ", throttled.SourceContext, StringComparison.Ordinal);
        Assert.All(server.Trace.Events, e => Assert.DoesNotContain("guess", e.SourceContext, StringComparison.Ordinal));

        Assert.Equal("192.0.2.7", Assert.Single(server.Server.Authentication.Failures.Blocked()).Network);
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Contains("\r\n235 2.7.0", await server.TalkAsync(right, client: Stranger), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_goes_without_AUTH_a_blocked_client_is_sent_away_at_once()
    {
        await using var server = TestServer.Start(users: Ada(), with: TestServer.Listener(l => l with { RequireAuthentication = true }));
        for (var i = 0; i < 10; i++) server.Server.Authentication.Failures.Add(Stranger, out _);
        Assert.Equal("421 4.7.0 Too many failed authentications from your address; try again later\r\n", await server.TalkAsync("EHLO x\r\n", client: Stranger));
        Assert.StartsWith("220 ", await server.TalkAsync("QUIT\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_name_is_cut_in_the_log()
    {
        var clock = new FakeTimeProvider();
        await using var server = TestServer.Start(clock: clock, users: Ada(), with: PlainText);
        var talk = server.TalkAsync($"EHLO x\r\nAUTH PLAIN {Base64("\0" + new string('n', 2000) + "\0guess")}\r\n");
        await server.TurnClockUntilAsync(() => talk.IsCompleted, TimeSpan.FromSeconds(1));
        await talk;
        Assert.True(server.Trace.Events.Single().SourceContext!.Length < 150);
    }

    [Theory]
    [InlineData("ada", "ada@example.test", false, true)]            // no list, and nobody asks
    [InlineData("ada", "ada@example.test", true, false)]            // no list, and the name is no address
    [InlineData("ada@example.test", "Ada@example.test", true, true)]
    [InlineData("ada@example.test", "bob@example.test", true, false)]
    [InlineData("ada@example.test", "", true, true)]                // reports are anybody's
    [InlineData("listed", "ada@example.test", false, true)]
    [InlineData("listed", "anyone@sales.test", false, true)]
    [InlineData("listed", "bob@example.test", false, false)]        // who has a list is held to it
    [InlineData("listed", "bob@example.test", true, false)]
    [InlineData("listed", "", false, true)]
    [InlineData("any", "bob@example.test", true, true)]
    [InlineData(null, "bob@example.test", true, true)]              // who did not log in is not asked for what belongs to a login
    public async Task The_sender_belongs_to_the_login(string? user, string sender, bool required, bool allowed)
    {
        var users = new UserDirectory(
            [("ada", Pencil, []), ("ada@example.test", Pencil, []), ("listed", Pencil, ["ada@example.test", "@sales.test"]), ("any", Pencil, ["*"])], null, new RecordingTrace());
        await using var server = TestServer.Start(users: users, with: o => PlainText(o) with { Authentication = new AuthenticationOptions { RequireSenderOwnership = required } });
        var login = user is null ? "" : $"AUTH PLAIN {Base64($"\0{user}\0pencil")}\r\n";
        var said = await server.TalkAsync($"EHLO x\r\n{login}MAIL FROM:<{sender}>\r\n");
        Assert.EndsWith(allowed ? "\r\n250 2.1.0 Sender OK\r\n" : "\r\n553 5.7.1 That sender does not belong to the user who logged in\r\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "235 2.7.0 Authentication successful")]
    [InlineData(false, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(null, "454 4.7.0 Temporary authentication failure; try again later")]
    public async Task A_check_of_the_administrators_own_decides(bool? answer, string reply)
    {
        var clock = new FakeTimeProvider();
        (string, string, IPAddress)? asked = null;
        PasswordCheck check = (user, password, client, _) =>
        {
            asked = (user, password, client);
            return answer is { } yes ? Task.FromResult(yes) : throw new InvalidOperationException("The directory is down.");
        };
        await using var server = TestServer.Start(clock: clock, users: new CheckedUsers(check, TimeSpan.FromSeconds(10), clock), with: o => PlainText(o) with { Users = [], Authentication = new AuthenticationOptions { Check = check } });
        var talk = server.TalkAsync($"EHLO x\r\nAUTH LOGIN\r\n{Base64("ada")}\r\n{Base64("p\u00E4ss")}\r\n", client: Stranger);
        await server.TurnClockUntilAsync(() => talk.IsCompleted, TimeSpan.FromMilliseconds(100));
        Assert.Contains("250 AUTH PLAIN LOGIN\r\n", await talk, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n{reply}\r\n", await talk, StringComparison.Ordinal);
        Assert.Equal(("ada", "p\u00E4ss", Stranger), asked);
        Assert.Equal(answer is null ? 1 : 0, server.Trace.Faults.Count);
        Assert.DoesNotContain(server.Trace.Faults, f => f.Contains("p\u00E4ss", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_check_that_does_not_answer_is_a_temporary_refusal_and_holds_nobody()
    {
        var clock = new FakeTimeProvider();
        PasswordCheck check = (_, _, _, _) => new TaskCompletionSource<bool>().Task;
        await using var server = TestServer.Start(clock: clock, users: new CheckedUsers(check, TimeSpan.FromSeconds(10), clock), with: o => PlainText(o) with { Users = [], Authentication = new AuthenticationOptions { Check = check } });
        var talk = server.TalkAsync($"EHLO x\r\nAUTH PLAIN {Base64("\0ada\0guess")}\r\n");
        await server.TurnClockUntilAsync(() => talk.IsCompleted, TimeSpan.FromSeconds(1));
        Assert.EndsWith("\r\n454 4.7.0 Temporary authentication failure; try again later\r\n", await talk, StringComparison.Ordinal);
        Assert.Empty(server.Trace.Events);                          // nobody guessed
    }

    [Fact]
    public async Task A_check_that_throws_when_it_hears_that_its_time_is_over_ends_nothing_but_itself()
    {
        var clock = new FakeTimeProvider();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PasswordCheck check = (_, _, _, ended) =>
        {
            ended.Register(() =>
            {
                heard.TrySetResult();
                throw new InvalidOperationException("It was not prepared for that.");
            });
            return new TaskCompletionSource<bool>().Task;
        };
        using var users = new CheckedUsers(check, TimeSpan.FromSeconds(10), clock);
        var login = users.VerifyAsync("ada", "guess"u8.ToArray(), Stranger, TestContext.Current.CancellationToken).AsTask();
        for (var i = 0; i < 1000 && !login.IsCompleted; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));   // on this thread, as elsewhere on a timer's, where it would end the process
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        Assert.Contains("did not answer", (await Assert.ThrowsAsync<AuthenticationUnavailableException>(() => login)).Message, StringComparison.Ordinal);
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    private static readonly byte[] Pencil = "pencil"u8.ToArray();

    private static UserDirectory Ada() => new([("ada", Pencil, [])], null, new RecordingTrace());

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string FromBase64(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));
}
