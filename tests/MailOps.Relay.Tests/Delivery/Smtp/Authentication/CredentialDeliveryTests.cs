using System.Text;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Certificates = MailOps.Tests.Shared.Certificates;

namespace MailOps.Relay.Tests.Delivery.Smtp.Authentication;

/// <summary>Credentials in delivery: a queue, a smart host, a token server.</summary>
public sealed class CredentialDeliveryTests : IAsyncDisposable
{
    private const string Mailbox = "mila@example.test", ClientSecret = "client-secret-hush", Password = "password-hush";
    private readonly FakeMailServer _server = new() { Certificate = Certificates.SelfSigned("127.0.0.1") };
    private readonly TokenServer _tokens = new();
    private readonly DeliveryScene _scene = new();

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        await _server.DisposeAsync();
        await _tokens.DisposeAsync();
    }

    [Fact]
    public async Task All_connections_and_messages_use_the_token_of_one_request()
    {
        Takes("access-token-1");
        await StartAsync(OAuth());
        for (var i = 0; i < 30; i++) await _scene.SendAsync($"b{i}@far.test");
        await _scene.UntilEmptyAsync();
        Assert.Equal(30, _server.Mail.Count);
        Assert.Null(Assert.Single(_tokens.Requests).Fault);
        Untold("access-token-1");
    }

    [Fact]
    public async Task A_token_that_was_withdrawn_is_replaced_once_and_the_mail_goes()
    {
        Takes("access-token-2");
        await StartAsync(OAuth());
        await _scene.SendAsync("b@far.test");
        await _scene.UntilEmptyAsync();
        Assert.Equal((1, 2, 2), (_server.Mail.Count, _tokens.Requests.Count, Auths.Count));
        Untold("access-token");
    }

    [Fact]
    public async Task A_server_that_takes_no_token_gets_two_and_the_queue_says_what_to_change()
    {
        Takes("another");
        await StartAsync(OAuth());
        for (var i = 0; i < 5; i++) await _scene.SendAsync($"b{i}@far.test");
        await _scene.UntilDeferredAsync(5);
        Assert.Equal((2, 2), (_tokens.Requests.Count, Auths.Count));
        Assert.All(LastErrors, e => Assert.Contains("said '535 5.7.3 Authentication unsuccessful (status 401)' while authenticating. Exchange refuses the credential", e, StringComparison.Ordinal));
        Assert.All(LastErrors, e => Assert.Contains("SMTP.SendAsApp", e, StringComparison.Ordinal));
        Untold("access-token");
    }

    [Fact]
    public async Task Without_a_token_nobody_connects_and_the_queue_says_what_the_token_server_said()
    {
        _tokens.Instead = _ => (401, "", $$"""{"error":"invalid_client","error_description":"AADSTS7000222: The secret {{ClientSecret}} is expired."}""");
        await StartAsync(OAuth());
        await _scene.SendAsync("b@far.test");
        await _scene.SendAsync("c@far.test");
        await _scene.UntilDeferredAsync(2);
        Assert.Equal((0, 1), (_server.Connections, _tokens.Requests.Count));
        Assert.All(LastErrors, e => Assert.Contains("refused: invalid_client: AADSTS7000222: The secret ******** is expired.. The client secret has expired: make another", e, StringComparison.Ordinal));
        Untold("access-token");
        _scene.Trace.Forget();
    }

    [Fact]
    public async Task A_refused_password_is_sent_once_whatever_waits_and_again_when_it_is_changed()
    {
        _server.Extensions = [.. _server.Extensions, "AUTH PLAIN LOGIN CRAM-MD5"];
        _server.On = line => line.StartsWith("AUTH CRAM-MD5", StringComparison.Ordinal) ? $"535 5.7.8 Wrong {Password} {Convert.ToBase64String(Encoding.UTF8.GetBytes(Password))}" : line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 2.7.0 Ok" : null;
        var path = _scene.Temporary("password");
        await File.WriteAllTextAsync(path, Password, DeliveryScene.Ended);
        await StartAsync(new RouteOptions { Password = new SecretReference { File = path } });
        for (var i = 0; i < 5; i++) await _scene.SendAsync($"b{i}@far.test");
        await _scene.UntilDeferredAsync(5);
        Assert.Equal((1, 1), (Auths.Count, _server.Connections));

        _scene.Clock.Advance(TimeSpan.FromSeconds(90));   // the next hop is not held down any more
        await _scene.SendAsync("later@far.test");
        await _scene.UntilDeferredAsync(6);
        Assert.Equal((1, 1), (Auths.Count, _server.Connections));
        Assert.Contains(LastErrors, e => e.Contains("So that the account is not locked, the relay sends it again at 2026-03-01 12:05:00Z or once it is changed", StringComparison.Ordinal));
        Untold(Password);

        _server.On = line => line.StartsWith("AUTH CRAM-MD5", StringComparison.Ordinal) ? "235 2.7.0 Ok" : null;
        await File.WriteAllTextAsync(path, "changed", DeliveryScene.Ended);
        _scene.Clock.Advance(TimeSpan.FromMinutes(2));   // after the second failure it is held down for twice as long
        await _scene.SendAsync("changed@far.test");
        await Poll.UntilAsync(() => _server.Mail.Count == 1);
        Assert.Equal(2, Auths.Count);
    }

    [Fact]
    public async Task A_password_that_cannot_be_checked_for_now_is_sent_once_whatever_waits_and_again_when_the_next_hop_is_tried_again()
    {
        _server.Extensions = [.. _server.Extensions, "AUTH PLAIN"];
        _server.On = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "454 4.7.0 Temporary authentication failure" : null;
        var path = _scene.Temporary("password");
        await File.WriteAllTextAsync(path, Password, DeliveryScene.Ended);
        await StartAsync(new RouteOptions { Password = new SecretReference { File = path } });
        for (var i = 0; i < 5; i++) await _scene.SendAsync($"b{i}@far.test");
        await _scene.UntilDeferredAsync(5);
        Assert.Single(Auths);

        _scene.Clock.Advance(TimeSpan.FromSeconds(90));   // the next hop is not held down any more, and of the password nothing was said
        await _scene.SendAsync("later@far.test");
        await _scene.UntilDeferredAsync(6);
        Assert.Equal(2, Auths.Count);
        Assert.All(LastErrors, e => Assert.Contains("454 4.7.0", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_password_is_sent_again_when_an_administrator_says_so()
    {
        _server.Extensions = [.. _server.Extensions, "AUTH PLAIN"];
        _server.On = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "535 5.7.8 Locked" : null;
        var path = _scene.Temporary("password");
        await File.WriteAllTextAsync(path, Password, DeliveryScene.Ended);
        await StartAsync(new RouteOptions { Password = new SecretReference { File = path } });
        await _scene.SendAsync("b@far.test");
        await _scene.UntilDeferredAsync(1);
        _server.On = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 2.7.0 Ok" : null;
        Assert.True(_scene.Agent.Retry(null).Found);
        await _scene.SendAsync("c@far.test");
        await Poll.UntilAsync(() => _server.Mail.Count == 1);
    }

    [Theory]
    [InlineData("530 5.7.57 Client not authenticated to send mail.", "[The server takes mail from those who authenticate only")]
    [InlineData("550 5.7.30 Basic authentication is not supported for Client Submission.", "[Exchange Online takes no passwords for client submission any more: use OAuth 2.0")]
    public async Task What_a_server_says_of_the_account_at_MAIL_waits_with_its_meaning(string reply, string says)
    {
        _server.On = line => line.StartsWith("MAIL", StringComparison.Ordinal) ? reply : null;
        await StartAsync(new RouteOptions());
        await _scene.SendAsync("b@far.test");
        await _scene.UntilDeferredAsync(1);
        Assert.StartsWith(reply + " " + says, Assert.Single(LastErrors), StringComparison.Ordinal);
    }

    private IReadOnlyList<string> Auths => [.. _server.Commands.Where(c => c.StartsWith("AUTH", StringComparison.Ordinal))];

    private IReadOnlyList<string> LastErrors => [.. _scene.Queue.Snapshot().SelectMany(m => m.Recipients).Select(r => r.LastReply).OfType<string>()];

    private RouteOptions OAuth()
    {
        var path = _scene.Temporary("client.secret");
        File.WriteAllText(path, ClientSecret);
        _tokens.Check = TokenServer.Fields(("grant_type", "client_credentials"), ("client_id", "app"), ("client_secret", ClientSecret), ("scope", "https://outlook.office365.com/.default"));
        return new RouteOptions { Oauth = new OAuthOptions { Provider = OAuthProvider.Microsoft365, TenantId = "tenant", ClientId = "app", ClientSecret = new SecretReference { File = path }, TokenUrl = _tokens.Url } };
    }

    // As Exchange Online does: the reason in JSON, and after the client's empty line the refusal.
    private void Takes(string token)
    {
        _server.Extensions = [.. _server.Extensions, "AUTH LOGIN XOAUTH2"];
        var right = "AUTH XOAUTH2 " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"user={Mailbox}\u0001auth=Bearer {token}\u0001\u0001"));
        _server.On = line => line == right ? "235 2.7.0 Authentication successful"
            : line.StartsWith("AUTH", StringComparison.Ordinal) ? "334 " + Convert.ToBase64String("""{"status":"401","schemes":"Bearer"}"""u8)
            : line == "" ? "535 5.7.3 Authentication unsuccessful"
            : null;
    }

    private async Task StartAsync(RouteOptions credential)
    {
        var route = DeliveryScene.Route("far.test", _server);
        _scene.Options = new SmtpRelayOptions { QueuePath = "", Routes = [credential with { Domain = route.Domain, Kind = route.Kind, Host = route.Host, UserName = credential.Password is null && credential.Oauth is null ? null : Mailbox }] };
        await _scene.StartAsync();
    }

    // Nothing that the relay keeps or tells holds a secret.
    private void Untold(string secret)
    {
        var told = string.Join('\n', [.. LastErrors, .. _scene.Trace.Faults, .. _scene.Trace.Events.Select(e => e.ToString() + string.Join(' ', e.RecipientStatus ?? []) + e.SourceContext)]);
        Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
        Assert.DoesNotContain(ClientSecret, told, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), told, StringComparison.Ordinal);
    }
}
