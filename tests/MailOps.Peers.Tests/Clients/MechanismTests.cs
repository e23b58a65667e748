using System.Globalization;
using MailKit.Net.Smtp;
using MailKit.Security;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Clients;

/// <summary>Each mechanism, with clients that implement it themselves.</summary>
[Collection(ClientTests.Name)]
public sealed class MechanismTests(ClientRelay relay)
{
    [Theory]
    [InlineData(Door.StartTls, "SCRAM-SHA-256")]
    [InlineData(Door.StartTls, "SCRAM-SHA-256-PLUS")]
    [InlineData(Door.Implicit, "SCRAM-SHA-256-PLUS")]
    [InlineData(Door.PlainWithAuth, "SCRAM-SHA-256")]
    [InlineData(Door.StartTls, "SCRAM-SHA-1")]
    [InlineData(Door.StartTls, "SCRAM-SHA-1-PLUS")]
    [InlineData(Door.PlainWithAuth, "SCRAM-SHA-1")]
    [InlineData(Door.Implicit, "SCRAM-SHA-1-PLUS")]
    [InlineData(Door.StartTls, "PLAIN")]
    [InlineData(Door.Implicit, "PLAIN")]
    [InlineData(Door.PlainWithAuth, "LOGIN")]
    [InlineData(Door.StartTls, "LOGIN")]
    [InlineData(Door.StartTls, "XOAUTH2")]
    [InlineData(Door.Implicit, "XOAUTH2")]
    [InlineData(Door.StartTls, "OAUTHBEARER")]
    [InlineData(Door.Implicit, "OAUTHBEARER")]
    public async Task MailKit_logs_in(Door door, string mechanism)
    {
        var (cancel, refused) = (TestContext.Current.CancellationToken, mechanism.Contains("OAUTH", StringComparison.Ordinal) ? relay.Token("another") : "wrong");
        using var client = await ConnectAsync(door);
        Assert.Contains(mechanism, client.AuthenticationMechanisms);
        await client.AuthenticateAsync(Mechanism(mechanism, null), cancel);
        Assert.True(client.IsAuthenticated);
        await client.DisconnectAsync(true, cancel);
        using var stranger = await ConnectAsync(door);
        var e = await Assert.ThrowsAsync<AuthenticationException>(() => stranger.AuthenticateAsync(Mechanism(mechanism, refused), cancel));
        Assert.Contains("535", e.InnerException?.Message + e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("XOAUTH2")]
    [InlineData("OAUTHBEARER")]
    public async Task Curl_sends_with_a_token(string mechanism)
    {
        var (good, output) = await CurlAsync(mechanism, relay.Token(), $"curl-{mechanism}");
        Assert.True(good == 0, output);
        await relay.ReceivedAsync($"curl-{mechanism}", Door.StartTls);
        var (bad, _) = await CurlAsync(mechanism, relay.Token("another"), "nobody");
        Assert.Equal(67, bad);   // curl: "The user name, password, or similar was not accepted"
    }

    private Task<(int ExitCode, string Output)> CurlAsync(string mechanism, string token, string mailbox) => ChildProcess.RunAsync(Installed.Program("curl", "curl"),
    [
        "--silent", "--show-error", "--url", string.Create(CultureInfo.InvariantCulture, $"smtp://localhost:{relay.Port(Door.StartTls)}/client.example.test"), "--ssl-reqd",
        "--cacert", relay.RootFile, "--mail-from", ClientRelay.User, "--mail-rcpt", $"{mailbox}@example.test", "--login-options", $"AUTH={mechanism}",
        "--user", $"{ClientRelay.User}:", "--oauth2-bearer", token, "--upload-file", relay.Write($"{mailbox}-{mechanism}.eml", "Subject: From curl\r\n\r\nwith a token\r\n"),
    ]);

    private async Task<SmtpClient> ConnectAsync(Door door)
    {
        var client = new SmtpClient { LocalDomain = "client.example.test", CheckCertificateRevocation = false };
        client.ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        var options = door == Door.Implicit ? SecureSocketOptions.SslOnConnect : door == Door.StartTls ? SecureSocketOptions.StartTls : SecureSocketOptions.None;
        await client.ConnectAsync("localhost", relay.Port(door), options, TestContext.Current.CancellationToken);
        return client;
    }

    private SaslMechanism Mechanism(string name, string? secret) => name switch
    {
        "SCRAM-SHA-256" => new SaslMechanismScramSha256(ClientRelay.User, secret ?? ClientRelay.Password),
        "SCRAM-SHA-256-PLUS" => new SaslMechanismScramSha256Plus(ClientRelay.User, secret ?? ClientRelay.Password),
        "SCRAM-SHA-1" => new SaslMechanismScramSha1(ClientRelay.User, secret ?? ClientRelay.Password),
        "SCRAM-SHA-1-PLUS" => new SaslMechanismScramSha1Plus(ClientRelay.User, secret ?? ClientRelay.Password),
        "PLAIN" => new SaslMechanismPlain(ClientRelay.User, secret ?? ClientRelay.Password),
        "LOGIN" => new SaslMechanismLogin(ClientRelay.User, secret ?? ClientRelay.Password),
        "XOAUTH2" => new SaslMechanismOAuth2(ClientRelay.User, secret ?? relay.Token()),
        _ => new SaslMechanismOAuthBearer(ClientRelay.User, secret ?? relay.Token()),
    };
}
