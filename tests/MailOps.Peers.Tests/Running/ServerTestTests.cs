using System.Globalization;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary>What Test-SmtpServer finds at real servers.</summary>
public sealed class ServerTestTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Postfix_with_Dovecots_passwords()
    {
        var authority = new TestAuthority(_folder);
        await using var dovecot = await Dovecot.StartAsync(_folder);
        await using var postfix = await Postfix.StartAsync(_folder, ["known@example.test"], 0,
            $"smtpd_tls_cert_file = {authority.CertificateFile}", $"smtpd_tls_key_file = {authority.KeyFile}", "smtpd_tls_security_level = encrypt", "message_size_limit = 20000",
            "smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = dovecot", FormattableString.Invariant($"smtpd_sasl_path = inet:127.0.0.1:{dovecot.AuthPort}"), "smtpd_tls_auth_only = yes");
        var lines = await ScriptAsync(
            $$"""
            $port = {{postfix.Port}}
            function Shown { process { "$($_.StatusCode) $($_.Findings.Id -join ',') $($_.TlsProtocol) $($_.AuthMechanisms -join '+') $($_.MaxMessageSize)" } }
            function Credential($password) { [pscredential]::new('user', [System.Net.NetworkCredential]::new('', $password).SecurePassword) }
            Test-SmtpServer localhost $port -Recipient known@example.test | Shown
            Test-SmtpServer localhost $port -Recipient unknown@example.test | Shown
            Test-SmtpServer localhost $port -Recipient other@elsewhere.test | Shown
            Test-SmtpServer localhost $port -Recipient other@elsewhere.test -Credential (Credential secret) | Shown
            Test-SmtpServer localhost $port -Recipient other@elsewhere.test -Credential (Credential wrong) | Shown
            Test-SmtpServer localhost $port -Tls None | Shown
            Test-SmtpServer localhost $port -Tls Implicit | Shown
            Test-SmtpServer localhost $port -MessageSize 30000 | Shown
            Test-SmtpServer localhost {{dovecot.LmtpPort}} | Shown
            $offers = (Test-SmtpServer localhost $port -Deep -Timeout 60).TlsOffers
            $offers.Where({ $_.Version -eq 'Tls13' }).CipherSuites -contains 'TLS_AES_256_GCM_SHA384'
            $offers.Where({ $_.Version -eq 'Tls12' }).CipherSuites -contains 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'
            """,
            KeyValuePair.Create("SSL_CERT_FILE", authority.RootFile));
        Assert.Equal(
            [
                "Success  TLS 1.3 PLAIN+LOGIN 20000",
                "Failure RecipientRefused TLS 1.3 PLAIN+LOGIN 20000",
                "Failure RelayingDenied TLS 1.3 PLAIN+LOGIN 20000",
                "Success  TLS 1.3 PLAIN+LOGIN 20000",
                "Failure CredentialRefused TLS 1.3 PLAIN+LOGIN 20000",
                "Failure TlsRequired   20000",
                "Failure TlsModeWrong   ",
                "Failure MessageTooLarge TLS 1.3 PLAIN+LOGIN 20000",
                "Failure NotSmtp   ",
                "True",
                "True",
            ],
            lines);
        Assert.Null(postfix.Message("known@example.test"));
    }

    [Fact]
    public async Task Postfix_as_a_closed_and_as_an_open_relay()
    {
        await using (var closed = await Postfix.StartAsync(_folder, ["known@example.test"], 0, "smtpd_error_sleep_time = 0"))
        {
            Assert.Equal(["0 of 17"], await ScriptAsync(Attempts(closed.Port)));
        }

        using var folder = new TestFolder();
        await using var open = await Postfix.StartAsync(folder, ["known@example.test"], 0, "mynetworks = 127.0.0.0/8", "smtpd_relay_restrictions = permit_mynetworks, reject");
        var lines = await ScriptAsync(Attempts(open.Port));
        Assert.Equal("OpenRelay", lines[0]);
        Assert.DoesNotContain("0 of 17", lines);

        static string Attempts(int port) => FormattableString.Invariant(
            $"$test = Test-SmtpServer localhost {port} -Tls None -OpenRelay -Timeout 60; $test.Findings.Id; \"$($test.RelayAttempts.Where({{ $_.Accepted }}).Count) of $($test.RelayAttempts.Count)\"");
    }

    [Theory]
    [InlineData("-tls1", "rsa:2048", "TlsTooOld")]
    [InlineData("-tls1_1", "rsa:2048", "TlsTooOld")]
    [InlineData("-tls1_2", "rsa:1024", "CertificateWeakKey")]
    [InlineData("-tls1_3", "rsa:2048", "CertificateSelfSigned")]
    public async Task Openssl_s_server(string version, string key, string expected)
    {
        var openssl = Installed.Program("openssl", "openssl");
        var (keyFile, certificate, port) = (_folder.At("s.key"), _folder.At("s.pem"), Ports.Free());
        var (exitCode, output) = await ChildProcess.RunAsync(
            openssl, ["req", "-x509", "-newkey", key, "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "60", "-keyout", keyFile, "-out", certificate]);
        Assert.True(exitCode == 0, output);
        await using var server = ChildProcess.Start(
            openssl, ["s_server", "-accept", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", version, "-cipher", "ALL:@SECLEVEL=0", "-cert", certificate, "-key", keyFile, "-quiet"]);
        await Ports.OpenAsync(port, server);
        var lines = await ScriptAsync($"(Test-SmtpServer localhost {port.ToString(CultureInfo.InvariantCulture)} -Tls Implicit -Timeout 8).Findings.Id");
        Assert.Contains(expected, lines);
    }

    [Fact]
    public Task A_network_that_leads_nowhere() => Network.RunAsync([], async () =>
    {
        var lines = await ScriptAsync("Test-SmtpServer 203.0.113.1, gone.example.test -Timeout 4 | ForEach-Object { \"$($_.Findings.Id) $($_.Latency -lt '00:00:05')\" }");
        Assert.Equal(["Unreachable True", "NameNotResolved True"], lines);
    });

    public void Dispose() => _folder.Dispose();

    private async Task<string[]> ScriptAsync(string script, params KeyValuePair<string, string>[] environment)
    {
        var file = _folder.Write("s.ps1", script);
        await using var run = ChildProcess.Start("dotnet", [Installed.Host(), "run", file], environment);
        await run.ExitAsync();
        return [.. run.Lines.Select(line => line.TrimEnd('\r'))];
    }
}
