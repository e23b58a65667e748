using System.Net;
using System.Text;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;
using MailOps.Diagnosis;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authentication;

/// <summary>What Test-SmtpServer says of mechanisms, tokens and token servers.</summary>
public sealed class ServerTestLoginTests
{
    private const string User = "mila@x.test", Token = "eyJ0b2tlbiI6InNlY3JldCJ9.abcdef";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.Auto, false, "PLAIN", null, "")]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.Login, false, "LOGIN", "CredentialRefused", "")]
    [InlineData("PLAIN XOAUTH2", AuthenticationMechanism.Auto, true, "XOAUTH2", null, "")]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.Auto, true, null, "AuthMechanismUnsupported", "for an access token: PLAIN LOGIN")]
    [InlineData("PLAIN LOGIN", AuthenticationMechanism.CramMd5, false, null, "AuthMechanismUnsupported", "does not offer CRAM-MD5: PLAIN LOGIN")]
    [InlineData("PLAIN DIGEST-MD5", AuthenticationMechanism.DigestMd5, false, "DIGEST-MD5", "CredentialRefused", "500 5.5.2")]
    [InlineData("PLAIN SCRAM-SHA-1-PLUS", AuthenticationMechanism.ScramSha1Plus, false, "SCRAM-SHA-1-PLUS", "CredentialRefused", "500 5.5.2")]
    public async Task The_mechanism_is_told(string offered, AuthenticationMechanism asked, bool isToken, string? used, string? finding, string says)
    {
        using var server = Server(offered, ("AUTH PLAIN", "235 2.7.0 welcome"), ("AUTH XOAUTH2", "235 2.7.0 welcome"), ("AUTH LOGIN", "535 5.7.8 no"));

        var test = await RunAsync(server, new LoginMethod { Mechanism = asked, Tokens = isToken ? AccessTokens.Of(Token) : null });

        Assert.Equal((used, finding), (test.AuthMechanism, test.Findings.SingleOrDefault()?.Id));
        Assert.Contains(says, test.Details, StringComparison.Ordinal);
        Assert.InRange(server.Commands.Count(c => c.StartsWith("AUTH", StringComparison.Ordinal)), used is null ? 0 : 1, used is null ? 0 : 1);
    }

    [Fact]
    public async Task Why_a_token_is_refused_is_told()
    {
        var why = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"status":"400 {{Token}}","scope":"https://mail.google.com/"}"""));
        using var server = Server("XOAUTH2", ("AUTH XOAUTH2", "334 " + why), ("", $"535 5.7.139 SmtpClientAuthentication is disabled for the Tenant. {Token}"));

        var test = await RunAsync(server, new LoginMethod { Tokens = AccessTokens.Of(Token) });

        var finding = Assert.Single(test.Findings);
        Assert.Equal("CredentialRefused", finding.Id);
        Assert.Contains("refuses the access token of mila@x.test: 535 5.7.139", finding.Problem, StringComparison.Ordinal);
        Assert.Contains("(status 400 ********, scope https://mail.google.com/)", finding.Problem, StringComparison.Ordinal);
        Assert.Contains("for tokens too", finding.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, string.Join('\n', test.Steps.Select(step => step.Seen)) + finding.Problem + test.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_server_that_gives_none_is_a_fault_with_advice()
    {
        await using var tokens = new TokenServer { Instead = _ => (401, "", """{"error":"invalid_client","error_description":"AADSTS7000222: expired"}""") };
        using var server = Server("XOAUTH2");
        var client = OAuthTable.Read([new("Grant", "ClientCredentials"), new("TokenEndpoint", tokens.Url), new("ClientId", "app"), new("ClientSecret", "hush-hush")], MailProtocol.Smtp);

        var test = await RunAsync(server, new LoginMethod { Tokens = ClientTokens.Of(client, User) });

        var finding = Assert.Single(test.Findings);
        Assert.Equal(("TokenFailed", SmtpServerVerdict.Failure), (finding.Id, test.StatusCode));
        Assert.Contains("The client secret has expired", finding.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Advice);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_file_that_is_none_is_a_fault_with_advice()
    {
        using var server = Server("XOAUTH2");
        var client = OAuthTable.Read([new("Grant", "ServiceAccount"), new("ServiceAccountKeyPath", "/nonexistent/key.json")], MailProtocol.Smtp);

        var finding = Assert.Single((await RunAsync(server, new LoginMethod { Tokens = ClientTokens.Of(client, User) })).Findings);

        Assert.Equal("TokenFailed", finding.Id);
        Assert.Contains("/nonexistent/key.json", finding.Problem, StringComparison.Ordinal);
    }

    private static LoopbackSmtpServer Server(string offered, params (string, string)[] replies)
    {
        Assert.SkipWhen(TrustedCertificate.ForLocalhost is null, "Only on Linux can a test trust a certificate without changing the user's store.");
        return new(replies) { Certificate = TrustedCertificate.ForLocalhost, Keywords = ["PIPELINING"], TlsKeywords = ["AUTH " + offered] };
    }

    private static Task<SmtpServerTest> RunAsync(LoopbackSmtpServer server, LoginMethod method) => SmtpServerTester.RunAsync(
        new SmtpServerTestOptions { Server = "localhost", Port = server.Port, Tls = TlsMode.StartTls, Credential = new NetworkCredential(User, method.Tokens is null ? "hunter2-secret" : ""), Login = method }, Ended);
}
