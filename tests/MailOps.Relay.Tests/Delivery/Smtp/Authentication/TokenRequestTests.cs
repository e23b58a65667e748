using System.Buffers.Text;
using System.Globalization;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MailOps.Authentication.Tokens;
using MailOps.Relay.Delivery.Smtp.Authentication;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using Certificates = MailOps.Tests.Shared.Certificates;

namespace MailOps.Relay.Tests.Delivery.Smtp.Authentication;

/// <summary>What a token server is asked by each right, against one that looks at every field, and what becomes of its answer.</summary>
public sealed class TokenRequestTests : IDisposable
{
    private const string Mailbox = "mila@example.test", JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-tokens-");
    private readonly RecordingTrace _trace = new();

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Client_credentials_with_a_secret_over_verified_TLS()
    {
        Assert.SkipWhen(TrustedCertificate.ForLoopback is null, "Only on Linux can a process trust a certificate of its own.");
        await using var server = new TokenServer(TrustedCertificate.ForLoopback)
        {
            Check = TokenServer.Fields(("grant_type", "client_credentials"), ("client_id", "app"), ("client_secret", "s&cr=t+ä"), ("scope", "https://outlook.office365.com/.default")),
        };
        Assert.Equal("access-token-1", await TokenAsync(Entra(server) with { ClientSecret = Secret("s&cr=t+ä") }));
    }

    [Fact]
    public async Task A_token_server_whose_certificate_nobody_vouches_for_is_told_nothing()
    {
        await using var server = new TokenServer(Certificates.SelfSigned("127.0.0.1"));
        var e = await Assert.ThrowsAsync<TokenException>(() => TokenAsync(Entra(server) with { ClientSecret = Secret("hush") }));
        Assert.Contains("cannot be asked", e.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(OAuthProvider.Microsoft365)]
    [InlineData(OAuthProvider.Custom)]
    public async Task Client_credentials_with_a_certificate(OAuthProvider provider)
    {
        using var certificate = Certificates.SelfSigned("app.example.test");
        var (pem, pss) = (_folder.FullName + "/app.pem", provider == OAuthProvider.Microsoft365);
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem() + "\n" + certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(), Ended);
        var ids = new HashSet<string>();
        await using var server = new TokenServer();
        server.Check = fields => TokenServer.Fields(("grant_type", "client_credentials"), ("client_id", "app"), ("client_assertion_type", JwtBearer), ("client_assertion", null), ("scope", "s"))(fields)
            ?? TokenServer.Assertion(fields["client_assertion"], certificate.GetRSAPublicKey()!, pss, [("x5t#S256", Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256)))],
                [("aud", server.Url), ("iss", "app"), ("sub", "app")], TimeSpan.FromMinutes(10))
            ?? (ids.Add((string)JsonNode.Parse(Base64Url.DecodeFromChars(fields["client_assertion"].Split('.')[1]))!["jti"]!) ? null : "jti was there before");
        server.ExpiresIn = 1;
        var options = Entra(server) with { Provider = provider, TenantId = pss ? "tenant" : null, Scope = "s", ClientCertificate = new CertificateOptions { Path = pem } };
        using var sources = new TokenSources(_trace, TimeProvider.System);
        Assert.Equal("access-token-1", await sources.Of(options, Mailbox).GetAsync(Ended));
        using var others = new TokenSources(_trace, TimeProvider.System);
        Assert.Equal("access-token-2", await others.Of(options, Mailbox).GetAsync(Ended));
    }

    [Fact]
    public async Task A_Google_service_account_acts_for_the_mailbox()
    {
        using var key = RSA.Create(2048);
        var path = _folder.FullName + "/key.json";
        await File.WriteAllTextAsync(path, new JsonObject { ["type"] = "service_account", ["client_email"] = "relay@project.test", ["private_key_id"] = "kid1", ["private_key"] = key.ExportPkcs8PrivateKeyPem() }.ToJsonString(), Ended);
        await using var server = new TokenServer();
        server.Check = fields => TokenServer.Fields(("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", null))(fields)
            ?? TokenServer.Assertion(fields["assertion"], key, false, [("kid", "kid1")], [("aud", server.Url), ("iss", "relay@project.test"), ("sub", Mailbox), ("scope", "https://mail.google.com/")], TimeSpan.FromHours(1));
        var options = new OAuthOptions { Provider = OAuthProvider.Google, ServiceAccountKeyPath = path, TokenUrl = server.Url };
        using var sources = new TokenSources(_trace, TimeProvider.System);
        Assert.Equal("access-token-1", await sources.Of(options, Mailbox).GetAsync(Ended));
        Assert.NotSame(sources.Of(options, Mailbox), sources.Of(options, "other@example.test"));   // a token is one mailbox's
        Assert.Same(sources.Of(options with { }, Mailbox), sources.Of(options, Mailbox));
    }

    [Theory]
    [InlineData("not json", "it is not JSON")]
    [InlineData("[]", "it has no client_email or no private_key")]
    [InlineData("""{"client_email": "a@b", "private_key": "-----BEGIN PRIVATE KEY-----\nSGVsbG8=\n-----END PRIVATE KEY-----"}""", "its private_key is no RSA key")]
    [InlineData(null, "cannot be used")]
    public void A_key_file_that_is_none_is_told_by_its_name_and_nothing_of_the_key(string? content, string says)
    {
        var path = _folder.FullName + "/key.json";
        if (content is not null) File.WriteAllText(path, content);
        var e = Assert.Throws<MailOpsException>(() => TokenSources.Check(new OAuthOptions { Provider = OAuthProvider.Google, ServiceAccountKeyPath = path }, Mailbox, TimeProvider.System));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SGVsbG8", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_token_that_is_replaced_is_replaced_in_its_file()
    {
        var path = _folder.FullName + "/refresh";
        await File.WriteAllTextAsync(path, "first\n", Ended);
        await using var server = new TokenServer { ExpiresIn = 1, Refresh = n => n < 3 ? string.Create(CultureInfo.InvariantCulture, $"after{n}") : null };
        server.Check = TokenServer.Fields(("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", null));
        var options = new OAuthOptions { Provider = OAuthProvider.Google, ClientId = "app", RefreshToken = new SecretReference { File = path }, TokenUrl = server.Url };
        foreach (var (number, after) in ((int, string)[])[(1, "after1"), (2, "after2"), (3, "after2")])
        {
            using var sources = new TokenSources(_trace, TimeProvider.System);
            await sources.Of(options, Mailbox).GetAsync(Ended);
            Assert.Equal((after + "\n", number), (await File.ReadAllTextAsync(path, Ended), server.Requests.Count));
            Assert.Empty(sources.Warnings);
        }
        Assert.Equal(["first", "after1", "after2"], server.Requests.Select(r => r.Fields["refresh_token"]));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(["refresh"], _folder.GetFiles().Select(f => f.Name));
    }

    [Fact]
    public async Task A_refresh_token_that_cannot_be_written_is_kept_in_memory_with_a_warning_until_its_place_holds_another()
    {
        const string Name = "MAILOPS_TEST_REFRESH";
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        Environment.SetEnvironmentVariable(Name, "first-refresh");
        try
        {
            await using var server = new TokenServer { Refresh = n => string.Create(CultureInfo.InvariantCulture, $"after{n}") };
            server.Check = TokenServer.Fields(("grant_type", "refresh_token"), ("client_id", "app"), ("client_secret", "hush"), ("refresh_token", null), ("scope", "https://outlook.office.com/SMTP.Send offline_access"));
            using var sources = new TokenSources(_trace, clock);
            var tokens = sources.Of(Entra(server) with { ClientSecret = Secret("hush"), RefreshToken = new SecretReference { EnvironmentVariable = Name } }, Mailbox);
            for (var i = 1; i <= 3; i++)
            {
                if (i == 3) Environment.SetEnvironmentVariable(Name, "another");
                await tokens.GetAsync(Ended);
                clock.Advance(TimeSpan.FromHours(1));
            }
            Assert.Equal(["first-refresh", "after1", "another"], server.Requests.Select(r => r.Fields["refresh_token"]));
            var warning = Assert.Single(sources.Warnings);
            Assert.Contains("environment variable " + Name, warning, StringComparison.Ordinal);
            Assert.DoesNotContain("after", warning, StringComparison.Ordinal);
            Assert.Contains("is in memory only", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, null);
        }
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided: hush-hush.\r\nTrace ID: 1"}""", true,
        "refused: invalid_client: AADSTS7000215: Invalid client secret provided: ********.  Trace ID: 1. The client secret is wrong: give its value, not its id")]
    [InlineData(400, """{"error":"invalid_grant"}""", true, "refused: invalid_grant: no description. The refresh token or assertion is not good any more")]
    [InlineData(400, """{"error":"temporarily_unavailable","error_description":"later"}""", false, "refused: temporarily_unavailable: later")]
    [InlineData(503, "busy", false, "refused: HTTP 503: no description")]
    [InlineData(302, "{}", false, "refused: HTTP 302: no description")]
    [InlineData(200, "hello", false, "answered HTTP 200 without a bearer token")]
    [InlineData(200, """{"access_token":"a b","token_type":"Bearer"}""", false, "answered HTTP 200 without a bearer token")]
    [InlineData(200, """{"access_token":"a","token_type":"mac"}""", false, "answered HTTP 200 without a bearer token")]
    public async Task What_a_token_server_says_is_told_without_secrets(int status, string body, bool permanent, string says)
    {
        await using var server = new TokenServer { Instead = _ => (status, "Location: https://elsewhere.test/\r\n", body) };
        var e = await Assert.ThrowsAsync<TokenException>(() => TokenAsync(Entra(server) with { ClientSecret = Secret("hush-hush") }));
        Assert.Equal(permanent, e.IsPermanent);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.DoesNotContain("hush-hush", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_a_token_server_says_is_told_in_short_and_too_much_is_not_read()
    {
        await using var server = new TokenServer { Instead = n => n == 1 ? (400, "", new JsonObject { ["error"] = "x", ["error_description"] = new string('y', 5000) }.ToJsonString()) : (200, "", new string('z', 65537)) };
        Assert.InRange((await Assert.ThrowsAsync<TokenException>(() => TokenAsync(Entra(server) with { ClientSecret = Secret("hush") }))).Message.Length, 300, 400);
        Assert.Contains("answered more than 65536 bytes", (await Assert.ThrowsAsync<TokenException>(() => TokenAsync(Entra(server) with { ClientSecret = Secret("hush") }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pause_a_token_server_asks_for_is_heard()
    {
        await using var server = new TokenServer { Instead = _ => (429, "Retry-After: 120\r\n", "{}") };
        Assert.Equal(TimeSpan.FromMinutes(2), (await Assert.ThrowsAsync<TokenException>(() => TokenAsync(Entra(server) with { ClientSecret = Secret("hush") }))).RetryAfter);
    }

    [Fact]
    public async Task A_token_server_that_does_not_answer_is_left_in_time()
    {
        using var answers = new ManualResetEventSlim();
        await using var server = new TokenServer
        {
            Instead = _ =>
            {
                answers.Wait();
                return null;
            },
        };
        using var client = new TokenClient(TimeProvider.System.GetUtcNow, TimeSpan.FromSeconds(0.5));
        try
        {
            var asking = client.PostAsync(new Uri(server.Url), new TokenForm().With("grant_type", "x"), Ended);
            var e = await Assert.ThrowsAsync<TokenException>(() => asking.WaitAsync(TimeSpan.FromSeconds(30), Ended));
            Assert.Contains("did not answer within 0.5 seconds", e.Message, StringComparison.Ordinal);
            Assert.Single(server.Requests);
            Assert.Equal(TimeSpan.FromSeconds(30), TokenClient.Patience);
            Assert.False(e.IsPermanent);
        }
        finally
        {
            answers.Set();
        }
    }

    [Theory]
    [InlineData("\"expires_in\":\"600\"", 600)]
    [InlineData("\"expires_in\":86400000", 86400)]
    [InlineData("\"expires_in\":-5", 300)]
    [InlineData("\"x\":1", 300)]
    public async Task A_lifetime_that_is_odd_or_absent_is_not_believed(string member, int seconds)
    {
        await using var server = new TokenServer { Instead = _ => (200, "", $"{{\"access_token\":\"a\",\"token_type\":\"bearer\",{member}}}") };
        using var client = new TokenClient(TimeProvider.System.GetUtcNow);
        var response = await client.PostAsync(new Uri(server.Url), new TokenForm().With("grant_type", "x"), Ended);
        Assert.Equal(("a", seconds), (response.AccessToken, (int)response.Lifetime.TotalSeconds));
    }

    private static OAuthOptions Entra(TokenServer server) => new() { Provider = OAuthProvider.Microsoft365, TenantId = "tenant", ClientId = "app", TokenUrl = server.Url };

    private static SecretReference Secret(string text)
    {
        var secret = new SecureString();
        foreach (var c in text) secret.AppendChar(c);
        return new SecretReference { Value = secret };
    }

    private async Task<string> TokenAsync(OAuthOptions options)
    {
        using var sources = new TokenSources(_trace, TimeProvider.System);
        return await sources.Of(options, Mailbox).GetAsync(Ended);
    }
}
