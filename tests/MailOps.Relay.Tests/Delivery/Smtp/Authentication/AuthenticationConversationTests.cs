using System.Text;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Smtp.Authentication;

/// <summary>AUTH octet for octet, against a script.</summary>
public sealed class AuthenticationConversationTests
{
    private const string Token = "eyJ0b2tlbiI6IHNob3J0fQ";
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 NTLM", null, "SCRAM-SHA-512")]
    [InlineData("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", null, "SCRAM-SHA-1")]
    [InlineData("GSSAPI NTLM LOGIN", null, "LOGIN")]
    [InlineData("GSSAPI NTLM", null, "NTLM")]
    [InlineData("PLAIN SCRAM-SHA-256 LOGIN", "login PLAIN", "PLAIN")]
    [InlineData("PLAIN LOGIN NTLM", "NTLM", "NTLM")]
    [InlineData("PLAIN XOAUTH2", "SCRAM-SHA-256", null)]
    [InlineData("XOAUTH2", null, null)]
    public void The_best_that_is_offered_and_allowed_is_taken(string offered, string? allowed, string? chosen) =>
        Assert.Equal(chosen, ClientMechanisms.Choose(offered.Split(' '), false, allowed?.Split(' ')));

    [Theory]
    [InlineData("LOGIN XOAUTH2 OAUTHBEARER", null, "OAUTHBEARER")]
    [InlineData("LOGIN XOAUTH2", null, "XOAUTH2")]
    [InlineData("OAUTHBEARER XOAUTH2", "XOAUTH2", "XOAUTH2")]
    [InlineData("PLAIN LOGIN", null, null)]
    public void A_token_is_shown_by_the_mechanisms_for_tokens_alone(string offered, string? allowed, string? chosen) =>
        Assert.Equal(chosen, ClientMechanisms.Choose(offered.Split(' '), true, allowed?.Split(' ')));

    [Fact]
    public async Task XOAUTH2_says_user_and_token()
    {
        var talk = Talk(Bearer(Token));
        await OpenAsync(talk, "XOAUTH2", ($"AUTH XOAUTH2 {Encode($"user=mila@example.test\u0001auth=Bearer {Token}\u0001\u0001")}\r\n", "235 2.7.0 Ok\r\n"));
        Assert.True(talk.Stream.IsOver);
    }

    [Fact]
    public async Task OAUTHBEARER_says_the_server_too()
    {
        var talk = Talk(Bearer(Token, user: "a,b=c"));
        await OpenAsync(talk, "OAUTHBEARER", ($"AUTH OAUTHBEARER {Encode($"n,a=a=2Cb=3Dc,\u0001host=mx.test\u0001port=587\u0001auth=Bearer {Token}\u0001\u0001")}\r\n", "235 2.7.0 Ok\r\n"));
        Assert.True(talk.Stream.IsOver);
    }

    [Theory]
    [InlineData(507, true)]
    [InlineData(511, false)]   // with CRLF one octet too long
    public async Task What_is_longer_than_a_command_may_be_follows_an_empty_challenge(int length, bool fits)
    {
        var password = "";
        string Line() => "AUTH PLAIN " + Encode($"\0m\0{password}");
        while (Line().Length < length) password += "x";
        Assert.Equal(length, Line().Length);
        var talk = Talk(new HostCredential { UserName = "m", Password = () => password });
        await OpenAsync(talk, "PLAIN", fits ? [(Line() + "\r\n", "235 Ok\r\n")] : [("AUTH PLAIN\r\n", "334 \r\n"), (Line()["AUTH PLAIN ".Length..] + "\r\n", "235 Ok\r\n")]);
        Assert.True(talk.Stream.IsOver);
    }

    [Theory]
    [InlineData("XOAUTH2", "")]
    [InlineData("OAUTHBEARER", "AQ==")]
    public async Task The_reason_of_a_refused_token_is_told_and_the_token_is_not(string mechanism, string answer)
    {
        var talk = Talk(Bearer(Token));
        var first = mechanism == "XOAUTH2" ? $"user=mila@example.test\u0001auth=Bearer {Token}\u0001\u0001" : $"n,a=mila@example.test,\u0001host=mx.test\u0001port=587\u0001auth=Bearer {Token}\u0001\u0001";
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => OpenAsync(talk, mechanism, ($"AUTH {mechanism} {Encode(first)}\r\n", $"334 {Encode("""{"status":"401","schemes":"bearer"}""")}\r\n"), (answer + "\r\n", $"535 5.7.8 No good: {Token} {Encode(first)}\r\n")));
        Assert.Equal((SmtpStep.Auth, "535 5.7.8 No good: ******** ******** (status 401)"), (failure.Step, failure.Reply.ToString()));
        Assert.DoesNotContain(Token, failure.ToString(), StringComparison.Ordinal);
        Assert.True(talk.Stream.IsOver);
    }

    [Theory]
    [InlineData("401\\r\\nQUIT", "401  QUIT")]
    [InlineData("\\u0007\\u001b[31mno", "[31mno")]
    public async Task The_reason_of_a_refused_token_is_told_on_one_line_without_control_characters(string status, string told)
    {
        var talk = Talk(Bearer(Token));
        var first = $"user=mila@example.test\u0001auth=Bearer {Token}\u0001\u0001";
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => OpenAsync(talk, "XOAUTH2", ($"AUTH XOAUTH2 {Encode(first)}\r\n", $"334 {Encode($$"""{"status":"{{status}}"}""")}\r\n"), ("\r\n", "535 5.7.8 No\r\n")));
        Assert.Equal($"535 5.7.8 No (status {told})", failure.Reply.ToString());
    }

    [Fact]
    public async Task A_password_that_is_taken_is_not_remembered_as_refused_any_more()
    {
        var refused = new RefusedPassword(_clock);
        var credential = new HostCredential { UserName = "user", Password = () => "hush", Refused = refused };
        var (no, yes) = ("535 5.7.8 Wrong", "235 2.7.0 Ok");
        string? Answer(string line, string reply) => line.StartsWith("AUTH", StringComparison.Ordinal) ? reply : null;

        await Assert.ThrowsAsync<SmtpFailureException>(() => AgainstAsync(line => Answer(line, no), "PLAIN", credential));
        Assert.NotNull(refused.Holds("hush"));
        _clock.Advance(TimeSpan.FromMinutes(5));
        await AgainstAsync(line => Answer(line, yes), "PLAIN", credential);
        await Assert.ThrowsAsync<SmtpFailureException>(() => AgainstAsync(line => Answer(line, no), "PLAIN", credential));
        _clock.Advance(TimeSpan.FromMinutes(5));   // as after a first refusal, and not after a second
        Assert.Null(refused.Holds("hush"));
    }

    [Theory]
    [InlineData("mila", "one", true)]
    [InlineData("another", "one", false)]
    [InlineData("mila", "two", false)]
    public async Task A_password_that_was_refused_on_one_route_is_not_sent_on_another_of_the_same_account(string user, string file, bool isSame)
    {
        var folder = Directory.CreateTempSubdirectory("mailops-account-");
        try
        {
            RouteOptions Route(string host, string user, string file) =>
                new() { Kind = RouteKind.SmartHost, Host = host, UserName = user, Password = new SecretReference { File = Path.Combine(folder.FullName, file) } };
            foreach (var name in (string[])["one", "two"]) await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), "hush", TestContext.Current.CancellationToken);
            using var store = new CredentialStore(new RecordingTrace(), _clock);
            store.Of(Route("a.test", "mila", "one"), "a.test", 587).Refuse("hush", new SmtpReply(535, "5.7.8", "Wrong"));
            var other = store.Of(Route("b.test", user, file), "b.test", 25);
            if (isSame) Assert.Contains("The server refused this password", (await Assert.ThrowsAsync<SmtpFailureException>(() => other.SecretAsync(TestContext.Current.CancellationToken).AsTask())).Message, StringComparison.Ordinal);
            else Assert.Equal("hush", await other.SecretAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("CRAM-MD5", "334 not base64!")]
    [InlineData("SCRAM-SHA-256", "334 AAAA")]
    [InlineData("NTLM", "334 AAAA")]
    [InlineData("NTLM", "334 TlRMTVNTUAACAAAA")]
    public async Task A_challenge_that_makes_no_sense_ends_the_conversation(string mechanism, string challenge)
    {
        var credential = new HostCredential { UserName = "user", Password = () => "hush" };
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => AgainstAsync(line => line.StartsWith("EHLO", StringComparison.Ordinal) ? null : challenge, mechanism, credential));
        Assert.Contains("challenge makes no sense", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_asks_on_and_on_is_left()
    {
        var talk = Talk(new HostCredential { UserName = "user", Password = () => "hush" });
        (string, string)[] script = [("AUTH PLAIN AHVzZXIAaHVzaA==\r\n", "334 \r\n"), .. Enumerable.Repeat(("\r\n", "334 \r\n"), 10)];
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(() => OpenAsync(talk, "PLAIN", script));
        Assert.Contains("does not come to an end", failure.Reply.Text, StringComparison.Ordinal);
        Assert.True(talk.Stream.IsOver);
    }

    [Fact]
    public async Task A_server_that_takes_SCRAM_without_proving_that_it_knows_the_password_is_not_believed()
    {
        var server = new ScramPeer { ProvesItself = false };
        var failure = await Assert.ThrowsAsync<SmtpFailureException>(async () => await AgainstAsync(server.Answer, "SCRAM-SHA-256", new HostCredential { UserName = "user", Password = () => "pencil" }));
        Assert.Contains("did not prove that it knows the password", failure.Reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task SCRAM_is_proven_by_both_sides(string mechanism)
    {
        var server = new ScramPeer { Mechanism = mechanism };
        await AgainstAsync(server.Answer, mechanism, new HostCredential { UserName = "user", Password = () => "pencil" });
        Assert.True(server.IsProven);
        var wrong = new ScramPeer { Mechanism = mechanism };
        await Assert.ThrowsAsync<SmtpFailureException>(async () => await AgainstAsync(wrong.Answer, mechanism, new HostCredential { UserName = "user", Password = () => "pen" }));
    }

    [Fact]
    public async Task CRAM_MD5_answers_as_RFC_2195_section_2_shows()
    {
        var talk = Talk(new HostCredential { UserName = "tim", Password = () => "tanstaaftanstaaf" });
        await OpenAsync(talk, "CRAM-MD5", ("AUTH CRAM-MD5\r\n", "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n"), ("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n", "235 Ok\r\n"));
        Assert.True(talk.Stream.IsOver);
    }

    [Theory]
    [InlineData("user", "", "user")]
    [InlineData("Domain\\User", "Domain", "User")]
    public async Task NTLM_answers_a_challenge_by_version_2(string name, string domain, string user)
    {
        var server = new NtlmPeer("Password", domain, user);
        await AgainstAsync(server.Answer, "NTLM", new HostCredential { UserName = name, Password = () => "Password" });
        Assert.True(server.IsProven, server.Fault);
        var wrong = new NtlmPeer("Other", domain, user);
        await Assert.ThrowsAsync<SmtpFailureException>(async () => await AgainstAsync(wrong.Answer, "NTLM", new HostCredential { UserName = name, Password = () => "Password" }));
    }

    // A real socket with TLS left out: the mechanisms that answer a challenge by chance cannot be scripted.
    private static async Task AgainstAsync(Func<string, string?> answer, string mechanism, HostCredential credential)
    {
        await using var server = new FakeMailServer { On = answer };
        server.Extensions = [.. server.Extensions, "AUTH " + mechanism];
        var host = new SmtpHost("127.0.0.1", new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, server.Port));
        await using var channel = new SmtpChannel(await host.ConnectAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken), TimeProvider.System);
        await SmtpOpening.RunAsync(channel, new OpeningOptions { HostName = "relay.test", Certificate = new("mx.test"), Peer = "mx", Tls = TlsMode.None, IsLoopback = true, Credential = credential }, TestContext.Current.CancellationToken);
    }

    private static Task OpenAsync(Conversation talk, string offered, params (string, string)[] script) =>
        talk.OpenWithAsync(Chunking.ByLine, [("", "220 mx.test ESMTP\r\n"), ("EHLO relay.test\r\n", $"250-mx\r\n250 AUTH {offered}\r\n"), .. script]);

    private static Conversation Talk(HostCredential credential) => new()
    {
        Opening = new OpeningOptions { HostName = "relay.test", Certificate = new("mx.test"), Peer = "mx.test", Tls = TlsMode.None, IsLoopback = true, Credential = credential },
    };

    private HostCredential Bearer(string token, string? allowed = null, string user = "mila@example.test") => new()
    {
        UserName = user,
        Tokens = new AccessTokens(_ => Task.FromResult(new TokenResponse(token, TimeSpan.FromHours(1), null)), _clock.GetUtcNow, TestContext.Current.CancellationToken),
        Mechanisms = allowed?.Split(' '),
        Host = "mx.test",
        Port = 587,
    };

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
