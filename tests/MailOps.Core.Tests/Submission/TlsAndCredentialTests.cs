using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

/// <summary>TLS is what was asked for or an error; a credential goes where it may and is shown nowhere.</summary>
public sealed class TlsAndCredentialTests : IDisposable
{
    private const string Password = "S3cret-Pässword";
    private static readonly NetworkCredential Credential = new("user@x.test", Password);

    private readonly X509Certificate2 _certificate = Certificates.SelfSigned("127.0.0.1");
    private readonly List<string> _shown = [];

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Auto)]
    public async Task Starttls_that_is_required_and_not_offered_is_an_error_before_any_mail(TlsMode tls)
    {
        using var server = new LoopbackSmtpServer { Keywords = ["AUTH PLAIN"] };

        var result = await SendAsync(server, o => o with { Tls = tls, Credential = Credential });

        Assert.Equal(ErrorCode.TlsRequired, Assert.Single(result.Errors).Error.Code);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal) || c.StartsWith("MAIL", StringComparison.Ordinal));
        AssertNoSecret(result);
    }

    [Theory]
    [InlineData(TlsMode.StartTls, false)]
    [InlineData(TlsMode.Implicit, false)]
    [InlineData(TlsMode.Auto, true)]
    public async Task A_certificate_nobody_vouches_for_is_refused_where_tls_is_required(TlsMode tls, bool authenticate)
    {
        using var server = new LoopbackSmtpServer { Certificate = _certificate, ImplicitTls = tls == TlsMode.Implicit };

        var result = await SendAsync(server, o => o with { Tls = tls, Credential = authenticate ? Credential : null });

        var error = Assert.Single(result.Errors).Error;
        Assert.Equal(ErrorCode.CertificateInvalid, error.Code);
        Assert.Contains("its issuer is not trusted here", error.Message);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("MAIL", StringComparison.Ordinal) || c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("other.test", -1, 30, "it is for other.test, not for 127.0.0.1")]
    [InlineData("127.0.0.1", -30, -2, "it is valid from")]
    public async Task What_is_wrong_with_a_certificate_is_said(string name, int from, int to, string words)
    {
        using var certificate = Certificates.SelfSigned(name, from, to);
        using var server = new LoopbackSmtpServer { Certificate = certificate };

        Assert.Contains(words, Assert.Single((await SendAsync(server, o => o with { Tls = TlsMode.StartTls })).Errors).Error.Message);
    }

    [Theory]
    [InlineData(TlsMode.StartTls)]
    [InlineData(TlsMode.Implicit)]
    [InlineData(TlsMode.Auto)]
    public async Task A_certificate_with_a_trusted_issuer_is_enough_for_its_name_alone(TlsMode tls)
    {
        Assert.SkipWhen(TrustedCertificate.ForLocalhost is null, "Only on Linux can a test trust a certificate without changing the user's store.");
        using var server = new LoopbackSmtpServer { Certificate = TrustedCertificate.ForLocalhost, ImplicitTls = tls == TlsMode.Implicit, Keywords = ["AUTH PLAIN"] };

        var right = await SendAsync(server, o => o with { Server = "localhost", Tls = tls, Credential = Credential });
        var wrong = await SendAsync(server, o => o with { Server = "127.0.0.1", Tls = tls, Credential = Credential });

        Assert.Empty(right.Errors);
        Assert.EndsWith("it is for localhost, not for 127.0.0.1.", Assert.Single(wrong.Errors).Error.Message);
        AssertNoSecret(right);
    }

    [Theory]
    [InlineData(TlsMode.StartTls, true)]
    [InlineData(TlsMode.Implicit, true)]
    [InlineData(TlsMode.Auto, false)]   // opportunistic: better than none
    public async Task A_certificate_may_be_accepted_as_it_is(TlsMode tls, bool skip)
    {
        using var server = new LoopbackSmtpServer { Certificate = _certificate, ImplicitTls = tls == TlsMode.Implicit };

        var result = await SendAsync(server, o => o with { Tls = tls, SkipCertificateValidation = skip });

        Assert.Empty(result.Errors);
        Assert.StartsWith("Tls1", result.Message.TlsProtocol);
        Assert.Contains(_shown, line => line.Contains("the certificate is accepted although its issuer is not trusted here"));
    }

    [Fact]
    public async Task Auto_without_credential_goes_on_in_plain_text_where_tls_is_broken_and_says_so()
    {
        using var keyless = Certificates.WithoutKey(_certificate);
        using var server = new LoopbackSmtpServer { Certificate = keyless };

        var result = await SendAsync(server, o => o);
        var strict = await SendAsync(server, o => o with { Tls = TlsMode.StartTls });

        Assert.Empty(result.Errors);
        Assert.Null(result.Message.TlsProtocol);
        Assert.Contains(_shown, line => line.StartsWith("warning: TLS with 127.0.0.1", StringComparison.Ordinal));
        Assert.Equal(ErrorCode.TlsFailed, Assert.Single(strict.Errors).Error.Code);
    }

    [Fact]
    public async Task None_uses_no_tls_although_it_is_offered()
    {
        using var server = new LoopbackSmtpServer { Certificate = _certificate };

        Assert.Null((await SendAsync(server, o => o with { Tls = TlsMode.None })).Message.TlsProtocol);
        Assert.DoesNotContain("STARTTLS", server.Commands);
    }

    [Fact]
    public async Task A_credential_in_plain_text_is_refused_but_to_loopback_on_request()
    {
        var error = Assert.Throws<MailOpsException>(() => new SmtpSubmission(new SubmissionOptions { Server = "mx.x.test", Tls = TlsMode.None, Credential = Credential }));
        using var server = new LoopbackSmtpServer { Keywords = ["AUTH PLAIN"] };
        var result = await SendAsync(server, o => o with { Tls = TlsMode.None, Credential = Credential });

        Assert.Equal(ErrorCode.TlsRequired, error.Code);
        Assert.Empty(result.Errors);
        Assert.Contains("AUTH PLAIN " + Plain(), server.Commands);
        AssertNoSecret(result);
    }

    [Theory]
    [InlineData("AUTH PLAIN", "535 5.7.8 wrong: {0}")]
    [InlineData("AUTH LOGIN", "334 VXNlcm5hbWU6")]
    public async Task A_refused_credential_is_an_error_and_shown_nowhere(string mechanism, string reply)
    {
        using var server = new LoopbackSmtpServer(
            (mechanism, string.Format(System.Globalization.CultureInfo.InvariantCulture, reply, Plain())),
            (Base64("user@x.test"), "334 UGFzc3dvcmQ6"),
            (Base64(Password), $"535 5.7.8 wrong: {Password} {Base64(Password)}"))
        { Certificate = _certificate, Keywords = [mechanism] };

        var result = await SendAsync(server, o => o with { Tls = TlsMode.StartTls, SkipCertificateValidation = true, Credential = Credential });

        var error = Assert.Single(result.Errors).Error;
        Assert.Equal((ErrorCode.SmtpAuthFailed, 535, "5.7.8"), (error.Code, error.SmtpStatusCode, error.EnhancedStatusCode));
        Assert.Contains("user@x.test", error.Message);
        Assert.Contains(_shown, line => line.StartsWith("C: AUTH", StringComparison.Ordinal));
        AssertNoSecret(result);
    }

    // As the relay says it: there is one table.
    [Theory]
    [InlineData("AUTH PLAIN", "535 5.7.3 Authentication unsuccessful", ErrorCode.SmtpAuthFailed, "permission SMTP.SendAsApp with admin consent")]
    [InlineData("AUTH PLAIN", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", ErrorCode.SmtpAuthFailed, "Passwords are off for SMTP")]
    [InlineData("AUTH PLAIN", "550 5.7.30 Basic authentication is not supported for Client Submission.", ErrorCode.SmtpAuthFailed, "Exchange Online takes no passwords")]
    [InlineData("MAIL FROM:", "550 5.7.30 Basic authentication is not supported for Client Submission.", ErrorCode.SmtpRejected, "Exchange Online takes no passwords")]
    [InlineData("MAIL FROM:", "530 5.7.57 Client not authenticated to send mail.", ErrorCode.SmtpAuthFailed, "Check that this user may send. The server takes mail from those who authenticate only")]
    [InlineData("MAIL FROM:", "550 5.7.60 Client does not have permissions to send as this sender", ErrorCode.SmtpRejected, "-AccessRights SendAs")]
    [InlineData("MAIL FROM:", "550 5.7.1 not you", ErrorCode.SmtpRejected, "The reply says why")]
    public async Task What_a_provider_means_by_a_refusal_is_said_with_what_to_do(string command, string reply, string code, string says)
    {
        using var server = new LoopbackSmtpServer((command, reply)) { Certificate = _certificate, Keywords = ["AUTH PLAIN"] };

        var result = await SendAsync(server, o => o with { Tls = TlsMode.StartTls, SkipCertificateValidation = true, Credential = Credential });

        var error = Assert.Single(result.Errors).Error;
        Assert.Equal((code, reply), (error.Code, error.Reply!.ToString()));
        Assert.Contains(says, error.Hint);
        Assert.EndsWith(".", error.Hint);
    }

    [Theory]
    [InlineData("AUTH PLAIN", "C: AUTH PLAIN ********|S: 235 2.7.0 welcome")]
    [InlineData("AUTH LOGIN", "C: AUTH LOGIN|S: 334 ********|C: ********|S: 334 ********|C: ********|S: 235 2.7.0 welcome")]
    public async Task Even_the_shortest_password_is_hidden_by_its_place_in_the_conversation(string mechanism, string lines)
    {
        // So short that it cannot be looked for: it would be found in ordinary words.
        var credential = new NetworkCredential("u", "pw");
        using var server = new LoopbackSmtpServer(("AUTH LOGIN", "334 VXNlcm5hbWU6"), (Base64("u"), "334 UGFzc3dvcmQ6"), (Base64("pw"), "235 2.7.0 welcome"))
        { Certificate = _certificate, Keywords = [mechanism] };

        var result = await SendAsync(server, o => o with { Tls = TlsMode.StartTls, SkipCertificateValidation = true, Credential = credential });

        Assert.Empty(result.Errors);
        Assert.Contains(lines, string.Join('|', _shown).Replace("C: AUTH LOGIN ********", "C: AUTH LOGIN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_without_authentication_is_told_from_a_wrong_password()
    {
        using var server = new LoopbackSmtpServer { Certificate = _certificate };

        var result = await SendAsync(server, o => o with { Tls = TlsMode.StartTls, SkipCertificateValidation = true, Credential = Credential });

        Assert.Contains("offers no way to authenticate", Assert.Single(result.Errors).Error.Message);
    }

    [Theory]
    [InlineData(Pace.Whole)]
    [InlineData(Pace.ByByte)]
    public async Task The_conversation_can_be_shown_without_secrets_and_without_content(Pace pace)
    {
        using var server = new LoopbackSmtpServer { Certificate = _certificate, Keywords = ["AUTH PLAIN", "PIPELINING"], Pace = pace };

        var result = await SendAsync(server, o => o with { Tls = TlsMode.StartTls, SkipCertificateValidation = true, Credential = Credential, LocalDomain = "c.test" });

        Assert.Equal(
            [
                "S: 220 mx.test ready", "C: EHLO c.test", "S: 250-mx.test", "S: 250-AUTH PLAIN", "S: 250-PIPELINING", "S: 250 STARTTLS", "C: STARTTLS", "S: 220 2.0.0 go on",
                "C: EHLO c.test", "S: 250-mx.test", "S: 250-AUTH PLAIN", "S: 250 PIPELINING", "C: AUTH PLAIN ********", "S: 235 2.7.0 welcome",
                "C: MAIL FROM:<from@x.test>", "C: RCPT TO:<a@x.test>", "C: DATA", "S: 250 2.1.0 sender ok", "S: 250 2.1.5 recipient ok", "S: 354 go on",
                "C: (n bytes of content)", "S: 250 2.0.0 queued as 4711", "C: QUIT", "S: 221 2.0.0 bye",
            ],
            _shown.Where(line => line[1] == ':').Select(line => Regex.Replace(line, @"\(\d+ ", "(n ")));
        AssertNoSecret(result);
    }

    private async Task<SubmissionResult> SendAsync(LoopbackSmtpServer server, Func<SubmissionOptions, SubmissionOptions> change)
    {
        var log = new SubmissionLog(Show, Show, warning => Show("warning: " + warning));
        using var submission = new SmtpSubmission(change(SmtpSubmissionTests.Options(server)), log);
        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");
        await submission.CloseAsync(TestContext.Current.CancellationToken);
        return result;
    }

    private void Show(string line)
    {
        lock (_shown) _shown.Add(line);
    }

    private void AssertNoSecret(SubmissionResult result)
    {
        var errors = result.Errors.Select(e => e.Error.ToString() + e.Error.Hint + e.Error.Reply);
        var everything = string.Join('\n', _shown.Concat(errors).Concat(result.Recipients.Select(r => r.Response)));
        Assert.NotEmpty(everything);
        foreach (var secret in new[] { Password, Base64(Password), Plain() }) Assert.DoesNotContain(secret, everything);
    }

    private static string Plain() => Base64($"\0{Credential.UserName}\0{Password}");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
