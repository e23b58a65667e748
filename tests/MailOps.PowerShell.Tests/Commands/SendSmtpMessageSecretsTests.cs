using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Nothing the cmdlet says holds the credential, whatever happens and whatever the server answers.</summary>
public sealed class SendSmtpMessageSecretsTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Password = "S3cret-Pässword";

    private readonly X509Certificate2 _certificate = Certificates.SelfSigned("127.0.0.1");

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("AUTH PLAIN", "235 2.7.0 welcome", null)]
    [InlineData("AUTH PLAIN", "535 5.7.8 no such user: ECHO", "SmtpAuthFailed")]
    [InlineData("AUTH LOGIN", "334 VXNlcm5hbWU6", "SmtpAuthFailed")]
    public void Verbose_debug_and_errors_show_no_secret(string mechanism, string reply, string? code)
    {
        var encoded = Base64($"\0{@"DOM\user"}\0{Password}");
        using var server = new LoopbackSmtpServer(
            (mechanism, reply.Replace("ECHO", Password + " " + encoded, StringComparison.Ordinal)), (Base64(@"DOM\user"), "334 UGFzc3dvcmQ6"), (Base64(Password), $"535 5.7.8 {Base64(Password)}"))
        { Certificate = _certificate, Keywords = [mechanism] };
        using var shell = engine.Shell(
            """
            param($port, $password)
            $secure = [securestring]::new(); foreach ($c in $password.ToCharArray()) { $secure.AppendChar($c) }
            $credential = [pscredential]::new('DOM\user', $secure)
            $DebugPreference = $VerbosePreference = 'Continue'
            Send-SmtpMessage -To a@x.test -From f@x.test -Subject S -SmtpServer 127.0.0.1 -Port $port -Credential $credential -SkipCertificateValidation -UseSsl -PassThru
            """, server.Port, Password);

        var output = shell.Invoke();

        var streams = shell.Streams;
        var shown = string.Join('\n', output.SelectMany(o => o.Properties).Select(p => p.Value).Concat(streams.Verbose).Concat(streams.Debug).Concat(streams.Warning)
            .Concat(streams.Error).Concat(streams.Error.Select(e => e.Exception.ToString() + e.ErrorDetails)));
        Assert.Contains(mechanism + " ********", string.Join('\n', streams.Debug).Replace(mechanism + "\n", mechanism + " ********", StringComparison.Ordinal));
        Assert.Contains("Connected to 127.0.0.1", shown);
        foreach (var secret in new[] { Password, Base64(Password), encoded }) Assert.DoesNotContain(secret, shown);
        Assert.Equal(code, streams.Error.SingleOrDefault()?.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(server.Commands, c => c.Contains(mechanism == "AUTH PLAIN" ? encoded : Base64(@"DOM\user"), StringComparison.Ordinal));   // the domain of the user is kept
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
