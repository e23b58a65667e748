using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;
using MailOps.Core.Tests.Submission;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authentication;

/// <summary>One mechanism, one attempt: by which a sender logs in, and what it says where that fails.</summary>
public sealed class ClientLoginTests : IDisposable
{
    private const string User = "mila@x.test", Password = "S3cret-Pässword", Token = "eyJ0b2tlbiI6InNlY3JldCJ9.abcdef";

    private readonly X509Certificate2 _certificate = Certificates.SelfSigned("127.0.0.1");
    private readonly List<string> _shown = [];

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 NTLM", AuthenticationMechanism.Auto, false, false, "SCRAM-SHA-256")]
    [InlineData("LOGIN PLAIN CRAM-MD5 DIGEST-MD5 XOAUTH2", AuthenticationMechanism.Auto, false, false, "CRAM-MD5")]
    [InlineData("NTLM LOGIN PLAIN", AuthenticationMechanism.Auto, false, false, "PLAIN")]
    [InlineData("NTLM", AuthenticationMechanism.Auto, false, false, "NTLM")]
    [InlineData("NTLM", AuthenticationMechanism.Auto, false, true, "")]
    [InlineData("PLAIN", AuthenticationMechanism.Auto, false, true, "PLAIN")]
    [InlineData("", AuthenticationMechanism.Auto, false, true, "")]
    [InlineData("PLAIN", AuthenticationMechanism.Login, false, true, "")]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.Login, false, true, "LOGIN")]
    [InlineData("PLAIN LOGIN DIGEST-MD5", AuthenticationMechanism.DigestMd5, false, true, "DIGEST-MD5")]
    [InlineData("PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", AuthenticationMechanism.Auto, false, false, "SCRAM-SHA-256")]
    [InlineData("PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", AuthenticationMechanism.ScramSha256Plus, false, false, "SCRAM-SHA-256-PLUS")]
    [InlineData("PLAIN NTLM", AuthenticationMechanism.Spa, false, false, "NTLM")]
    [InlineData("LOGIN XOAUTH2 OAUTHBEARER", AuthenticationMechanism.Auto, true, true, "OAUTHBEARER")]
    [InlineData("LOGIN XOAUTH2 OAUTHBEARER", AuthenticationMechanism.XOAuth2, true, true, "XOAUTH2")]
    public void The_mechanism_is_the_one_asked_for_or_the_best_that_is_offered(string offered, AuthenticationMechanism asked, bool isToken, bool hasCommand, string chosen) =>
        Assert.Equal(chosen, ClientLogin.Choose(Method(asked, isToken), offered.Split(' ', StringSplitOptions.RemoveEmptyEntries), hasCommand));

    [Theory]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.CramMd5, false, "does not offer CRAM-MD5; it offers LOGIN, PLAIN.")]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.Auto, true, "with an access token that this client knows; it offers LOGIN, PLAIN.")]
    [InlineData("GSSAPI XOAUTH2", AuthenticationMechanism.Auto, false, "with a password that this client knows; it offers GSSAPI, XOAUTH2.")]
    [InlineData("", AuthenticationMechanism.Plain, false, "does not offer PLAIN; it offers none at all.")]
    public async Task What_is_not_offered_is_told_with_what_is_and_nothing_is_sent(string offered, AuthenticationMechanism asked, bool isToken, string says)
    {
        using var server = Server(offered.Length > 0 ? ["AUTH " + offered] : ["PIPELINING"]);

        var error = await ErrorAsync(server, Method(asked, isToken));

        Assert.Equal(ErrorCode.SmtpAuthFailed, error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase));
        AssertNoSecret(error);
    }

    // MailKit would go on with the next mechanism: CRAM-MD5, PLAIN, LOGIN are three wrong passwords, and many accounts are locked after that.
    [Theory]
    [InlineData("535 5.7.8 wrong password", "take it by -Authentication Plain")]
    [InlineData("535 5.7.3 Authentication unsuccessful", "SMTP.SendAsApp")]
    [InlineData("504 5.5.4 unknown", "Check user name and password")]
    [InlineData("534 5.7.9 Please log in with your web browser", "app password")]
    [InlineData("454 4.7.0 Temporary authentication failure", "passes by itself")]
    [InlineData("500 what", "Check user name and password")]
    public async Task A_refused_password_is_not_shown_again_by_another_mechanism(string reply, string advice)
    {
        using var server = Server(["AUTH LOGIN PLAIN CRAM-MD5"], ("AUTH CRAM-MD5", "334 " + Base64("<1.2@mx.test>")), (Base64(User).Substring(0, 6), reply), ("AUTH PLAIN", "235 2.7.0 welcome"), ("AUTH LOGIN", "235 2.7.0 welcome"));

        var error = await ErrorAsync(server, LoginMethod.Default);

        Assert.Equal((ErrorCode.SmtpAuthFailed, reply), (error.Code, error.Reply!.ToString()));
        Assert.Contains($"refused the credential of {User} by CRAM-MD5: {reply}", error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Hint, StringComparison.Ordinal);
        Assert.Equal("AUTH CRAM-MD5", Assert.Single(server.Commands, c => c.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase)));
        AssertNoSecret(error);
    }

    [Theory]
    [InlineData("XOAUTH2")]
    [InlineData("OAUTHBEARER")]
    public async Task A_token_is_shown_for_its_user(string mechanism)
    {
        using var server = Server(["AUTH PLAIN " + mechanism], ("AUTH " + mechanism, "235 2.7.0 welcome"));

        var result = await SendAsync(server, Method(AuthenticationMechanism.Auto, true));

        Assert.Empty(result.Errors);
        var message = mechanism == "XOAUTH2" ? $"user={User}\u0001auth=Bearer {Token}\u0001\u0001" : $"n,a={User},\u0001host=127.0.0.1\u0001port={server.Port}\u0001auth=Bearer {Token}\u0001\u0001";
        Assert.Contains($"AUTH {mechanism} {Base64(message)}", server.Commands);
        Assert.Contains(_shown, line => line.Contains($"Authenticated as {User} by {mechanism}.", StringComparison.Ordinal));
        AssertNoSecret(null);
    }

    [Theory]
    [InlineData("XOAUTH2", "535 5.7.3 Authentication unsuccessful", "scope SMTP.Send")]
    [InlineData("XOAUTH2", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "for tokens too: Set-TransportConfig")]
    [InlineData("XOAUTH2", "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria", "a policy of the tenant refuses the sign-in")]
    [InlineData("XOAUTH2", "535 5.7.8 Username and Password not accepted.", "scope must be https://mail.google.com/")]
    [InlineData("OAUTHBEARER", "535 5.7.8 no", "expired, of another mailbox, or without the scope")]
    public async Task Why_a_token_is_refused_is_decoded_and_told(string mechanism, string reply, string advice)
    {
        var why = Base64($$"""{"status":"400 {{Token}}","schemes":"Bearer","scope":"https://mail.google.com/"}""");
        using var server = Server(["AUTH " + mechanism], ("AUTH " + mechanism, "334 " + why), ("AQ==", reply + " " + Token), ("", reply + " " + Token));

        var error = await ErrorAsync(server, Method(AuthenticationMechanism.Auto, true));

        Assert.Contains($"refused the access token of {User} by {mechanism}: {reply} ******** (status 400 ********, scope https://mail.google.com/)", error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Hint, StringComparison.Ordinal);
        AssertNoSecret(error);
    }

    [Fact]
    public async Task A_refused_token_is_not_shown_again_while_another_can_be_had()
    {
        var asked = 0;
        var tokens = new AccessTokens(_ => Task.FromResult(new TokenResponse($"{Token}{++asked}", TimeSpan.FromHours(1), null)), () => DateTimeOffset.UtcNow, CancellationToken.None);
        using var server = Server(["AUTH XOAUTH2"], ("AUTH XOAUTH2", "535 5.7.8 no"));
        for (var i = 1; i <= 2; i++)
        {
            await ErrorAsync(server, new LoginMethod { Tokens = tokens });
            Assert.Equal(i, asked);
        }
        Assert.Equal(2, server.Commands.Where(c => c.StartsWith("AUTH", StringComparison.Ordinal)).Distinct().Count());
    }

    [Fact]
    public async Task A_token_server_that_refuses_is_another_error_than_a_mail_server_that_does()
    {
        var tokens = new AccessTokens(_ => throw new TokenException("the token server login.x.test refused: invalid_client") { IsPermanent = true }, () => DateTimeOffset.UtcNow, CancellationToken.None);
        using var server = Server(["AUTH XOAUTH2"]);

        var error = await ErrorAsync(server, new LoginMethod { Tokens = tokens });

        Assert.Equal((ErrorCode.OAuthTokenFailed, $"There is no access token for {User}: the token server login.x.test refused: invalid_client."), (error.Code, error.Message));
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_does_not_leave_without_tls()
    {
        using var server = new LoopbackSmtpServer { Keywords = ["AUTH XOAUTH2"] };

        Assert.Equal(ErrorCode.TlsRequired, (await ErrorAsync(server, Method(AuthenticationMechanism.Auto, true))).Code);
        Assert.Equal(ErrorCode.TlsRequired, Assert.Throws<MailOpsException>(() => new SmtpSubmission(new SubmissionOptions { Server = "mx.x.test", Tls = TlsMode.None, Credential = new NetworkCredential(User, ""), Login = Method(AuthenticationMechanism.Auto, true) })).Code);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_does_not_prove_itself_by_SCRAM_is_left()
    {
        using var server = Server(["AUTH SCRAM-SHA-256"], ("AUTH SCRAM-SHA-256", "235 2.7.0 welcome, whoever you are"));

        var error = await ErrorAsync(server, LoginMethod.Default);

        Assert.Equal(ErrorCode.SmtpAuthFailed, error.Code);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AUTH PLAIN")]
    [InlineData("AUTH LOGIN")]
    [InlineData("AUTH XOAUTH2")]
    [InlineData("AUTH CRAM-MD5")]
    public async Task A_server_that_asks_for_ever_is_left(string keyword)
    {
        using var server = Server([keyword], (keyword, "334 "), ("", "334 "));

        var error = await ErrorAsync(server, Method(AuthenticationMechanism.Auto, keyword == "AUTH XOAUTH2")).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(ErrorCode.SmtpAuthFailed, error.Code);
        Assert.InRange(server.Commands.Count, 2, 40);
    }

    [Fact]
    public async Task Anonymous_leaves_its_trace()
    {
        using var server = Server(["AUTH PLAIN ANONYMOUS"], ("AUTH ANONYMOUS", "235 2.7.0 welcome"));

        Assert.Empty((await SendAsync(server, new LoginMethod { Mechanism = AuthenticationMechanism.Anonymous })).Errors);

        Assert.Contains("AUTH ANONYMOUS " + Base64(User), server.Commands);
    }

    private static LoginMethod Method(AuthenticationMechanism mechanism, bool isToken) => new() { Mechanism = mechanism, Tokens = isToken ? AccessTokens.Of(Token) : null };

    private LoopbackSmtpServer Server(IReadOnlyList<string> keywords, params (string, string)[] replies) => new(replies) { Certificate = _certificate, Keywords = keywords };

    private async Task<MailOpsException> ErrorAsync(LoopbackSmtpServer server, LoginMethod method) => Assert.Single((await SendAsync(server, method)).Errors).Error;

    private async Task<SubmissionResult> SendAsync(LoopbackSmtpServer server, LoginMethod method)
    {
        var options = SmtpSubmissionTests.Options(server) with { SkipCertificateValidation = true, Credential = new NetworkCredential(User, method.Tokens is null ? Password : ""), Login = method };
        using var submission = new SmtpSubmission(options, new SubmissionLog(Show, Show, Show));
        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");
        await submission.CloseAsync(TestContext.Current.CancellationToken);
        return result;
    }

    private void Show(string line)
    {
        lock (_shown) _shown.Add(line);
    }

    private void AssertNoSecret(MailOpsException? error)
    {
        var everything = string.Join('\n', _shown) + error + error?.Hint + error?.Reply;
        foreach (var secret in new[] { Password, Base64(Password), Token, Base64(Token), Base64($"user={User}\u0001auth=Bearer {Token}\u0001\u0001") }) Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
