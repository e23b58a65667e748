using System.Text;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Authentication.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>XOAUTH2 and OAUTHBEARER: the exchange, and over the wire with a key set in a file.</summary>
public sealed class BearerTests : IDisposable
{
    private const string User = "mila@example.test";
    private readonly TokenMaker _issuer = new();
    private readonly TokenValidator _tokens;
    private readonly string _keys = Path.GetTempFileName();

    public BearerTests()
    {
        _tokens = new TokenValidator([TokenMaker.Options], _ => _issuer, TimeProvider.System);
        File.WriteAllText(_keys, _issuer.KeySet().ToJsonString());
    }

    public void Dispose()
    {
        _tokens.Dispose();
        File.Delete(_keys);
    }

    [Theory]
    [InlineData("user=mila@example.test\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Proven)]
    [InlineData("user=Mila@EXAMPLE.test\u0001auth=bearer  TOKEN\u0001\u0001", SaslResult.Proven)]
    [InlineData("user=other@example.test\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Failed)]
    [InlineData("user=mila@example.test\u0001auth=Basic TOKEN\u0001\u0001", SaslResult.Failed)]
    [InlineData("user=mila@example.test\u0001auth=Bearer TOKEN\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Failed)]
    [InlineData("user=mila@example.test\u0001auth=Bearer TOKENx\u0001\u0001", SaslResult.Failed)]
    [InlineData("user=mila@example.test\u0001\u0001", SaslResult.Failed)]
    [InlineData("user=mila@example.test\u0001auth=Bearer TOKEN", SaslResult.Malformed)]
    [InlineData("user=\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Malformed)]
    [InlineData("", SaslResult.Malformed)]
    public Task XOAUTH2_takes_a_token_for_its_own_user(string message, object expected) => CheckAsync(new XOAuth2Mechanism(_tokens), message, (SaslResult)expected);

    [Theory]
    [InlineData("n,a=mila@example.test,\u0001host=mx.example.test\u0001port=587\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Proven)]
    [InlineData("n,,\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Proven)]
    [InlineData("y,,\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Proven)]
    [InlineData("n,a=other@example.test,\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Failed)]
    [InlineData("n,,\u0001auth=Bearer\u0001\u0001", SaslResult.Failed)]
    [InlineData("n,,\u0001auth=Bearer TOKEN TOKEN\u0001\u0001", SaslResult.Failed)]
    [InlineData("p=tls-exporter,,\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Malformed)]
    [InlineData("n,mila,\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Malformed)]
    [InlineData("n\u0001auth=Bearer TOKEN\u0001\u0001", SaslResult.Malformed)]
    [InlineData("\u0001\u0001", SaslResult.Malformed)]
    public Task OAUTHBEARER_takes_a_token_for_its_own_user(string message, object expected) => CheckAsync(new OAuthBearerMechanism(_tokens), message, (SaslResult)expected);

    [Fact]
    public async Task A_refusal_is_told_in_JSON_and_then_by_535_and_the_token_is_in_no_log()
    {
        await using var server = TestServer.Start(with: o => o with
        {
            Users = [],
            Listeners = [o.Listeners[0] with { AllowPlainTextAuthentication = true }],
            Authentication = new AuthenticationOptions { Issuers = [TokenMaker.Options with { Keys = _keys }] },
        });
        await using var client = await server.ConnectAsync();
        Assert.EndsWith("250 AUTH OAUTHBEARER XOAUTH2", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        var claims = TokenMaker.Claims(DateTimeOffset.UtcNow);
        claims["aud"] = "another";
        var wrong = _issuer.Sign(claims);
        var told = await client.AskAsync("AUTH XOAUTH2 " + Base64($"user={User}\u0001auth=Bearer {wrong}\u0001\u0001"));
        Assert.Equal("334 " + Base64("""{"status":"invalid_token","schemes":"bearer"}"""), told);
        Assert.Equal("535 5.7.8 Authentication credentials invalid", await client.AskAsync(""));
        Assert.StartsWith("334 ", await client.AskAsync("AUTH OAUTHBEARER " + Base64($"n,a={User},\u0001auth=Bearer {wrong}\u0001\u0001")), StringComparison.Ordinal);
        Assert.Equal("535 5.7.8 Authentication credentials invalid", await client.AskAsync("AQ=="));
        Assert.All(server.Trace.Events, e => Assert.Equal(("AUTHFAIL", $"'{User}': an audience that is not ours"), (e.EventId, e.SourceContext!.Split(" as ")[1])));
        Assert.Equal(2, server.Trace.Events.Count);
        Assert.Equal("235 2.7.0 Authentication successful", await client.AskAsync("AUTH XOAUTH2 " + Base64($"user={User}\u0001auth=Bearer {_issuer.Sign(TokenMaker.Claims(DateTimeOffset.UtcNow), "ES256")}\u0001\u0001")));
    }

    [Fact]
    public async Task A_server_with_issuers_can_be_stopped_twice()
    {
        await using var server = TestServer.Start(with: o => o with { Authentication = new AuthenticationOptions { Issuers = [TokenMaker.Options with { Keys = _keys }] } });
        await server.Server.StopAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);   // as the relay does, which disposes it too
    }

    [Fact]
    public async Task A_user_who_was_shut_out_does_not_come_in_by_token_at_the_next_login()
    {
        var folder = Directory.CreateTempSubdirectory("mailops-users-");
        try
        {
            var file = new UsersFile(Path.Combine(folder.FullName, "users.json"), TimeProvider.System);
            var keys = ScramHash.All.Select(hash => ScramKeys.Derive(hash, "of no account"u8, "a salt of its own"u8.ToArray(), 5000));
            await file.ChangeAsync((_, _) => [new RelayUser(User) { Keys = [.. keys] }], TestContext.Current.CancellationToken);
            using var users = new UserDirectory([], file, new RecordingTrace(), new FakeTimeProvider());   // it looks by itself only when that clock is turned
            await using var server = TestServer.Start(users: users, with: o => o with
            {
                Listeners = [o.Listeners[0] with { AllowPlainTextAuthentication = true }],
                Authentication = new AuthenticationOptions { Issuers = [TokenMaker.Options with { Keys = _keys }] },
            });
            var token = _issuer.Sign(TokenMaker.Claims(DateTimeOffset.UtcNow));
            foreach (var (enabled, reply) in new[] { (true, "235 2.7.0"), (false, "535 5.7.8") })
            {
                await file.ChangeAsync((known, _) => [known[0] with { Enabled = enabled }], TestContext.Current.CancellationToken);
                foreach (var login in new[] { $"XOAUTH2 {Base64($"user={User}\u0001auth=Bearer {token}\u0001\u0001")}", $"OAUTHBEARER {Base64($"n,,\u0001auth=Bearer {token}\u0001\u0001")}" })
                {
                    await using var client = await server.ConnectAsync();
                    await client.AskAsync("EHLO x");
                    Assert.StartsWith(reply, await client.AskAsync("AUTH " + login), StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Keys_that_cannot_be_had_are_a_temporary_failure()
    {
        await using var server = TestServer.Start(with: o => o with
        {
            Listeners = [o.Listeners[0] with { AllowPlainTextAuthentication = true }],
            Authentication = new AuthenticationOptions { Issuers = [TokenMaker.Options with { Keys = _keys + ".absent" }] },
        });
        var said = await server.TalkAsync($"EHLO x\r\nAUTH XOAUTH2 {Base64($"user={User}\u0001auth=Bearer {_issuer.Sign(TokenMaker.Claims(DateTimeOffset.UtcNow))}\u0001\u0001")}\r\n");
        Assert.EndsWith("\r\n454 4.7.0 Temporary authentication failure; try again later\r\n", said, StringComparison.Ordinal);
        Assert.Contains("keys of the issuer", Assert.Single(server.Trace.Faults), StringComparison.Ordinal);
    }

    private async Task CheckAsync(ISaslMechanism mechanism, string message, SaslResult expected)
    {
        var token = _issuer.Sign(TokenMaker.Claims(DateTimeOffset.UtcNow));
        var exchange = new ScriptExchange(message.Replace("TOKEN", token, StringComparison.Ordinal), "");
        var outcome = await mechanism.RunAsync(exchange, TestContext.Current.CancellationToken);
        Assert.Equal(expected, outcome.Result);
        if (expected == SaslResult.Proven) Assert.Equal(User, outcome.User);
        Assert.Equal(expected == SaslResult.Failed ? 2 : 1, exchange.Challenges.Count);      // a failure is told before it is one
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
