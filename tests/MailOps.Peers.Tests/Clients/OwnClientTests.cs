using System.Globalization;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Clients;

/// <summary>How Send-SmtpMessage and Test-SmtpServer log in, by each mechanism: at the relay, and at Postfix with the passwords of Dovecot.</summary>
[Collection(ClientTests.Name)]
public sealed class OwnClientTests(ClientRelay relay) : IDisposable
{
    private const string LogIn =
        """
        function Secret($text) { [System.Net.NetworkCredential]::new('', $text).SecurePassword }
        function Show($way, $port, $tls, $arguments) {
            $sent = Send-SmtpMessage -To "$($way.ToLowerInvariant())@example.test" -From client@example.test -Subject x -Body y -SmtpServer localhost -Port $port -Tls $tls -Authentication $way @arguments -PassThru -ErrorAction SilentlyContinue -ErrorVariable failed
            $test = Test-SmtpServer localhost $port -Tls $tls -Authentication $way @arguments -Timeout 30
            "$way $($sent.Status) $($failed.FullyQualifiedErrorId) / $($test.AuthMechanism) $($test.Findings.Id)"
        }

        """;

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task The_relay_lets_in_by_each_mechanism_and_not_with_a_wrong_secret()
    {
        var (port, implicitPort) = (relay.Port(Door.StartTls).ToString(CultureInfo.InvariantCulture), relay.Port(Door.Implicit).ToString(CultureInfo.InvariantCulture));
        string[] passwords = ["ScramSha256Plus", "ScramSha1Plus", "ScramSha256", "ScramSha1", "Plain", "Login"], tokens = ["XOAuth2", "OAuthBearer"];
        var lines = await ScriptAsync(LogIn + $$"""
            $user = '{{ClientRelay.User}}'
            $right = @{ Credential = [pscredential]::new($user, (Secret '{{ClientRelay.Password.Replace("'", "''", StringComparison.Ordinal)}}')) }
            $wrong = @{ Credential = [pscredential]::new($user, (Secret 'wrong')) }
            $token = @{ UserName = $user; AccessToken = (Secret '{{relay.Token()}}') }
            $another = @{ UserName = $user; AccessToken = (Secret '{{relay.Token("another")}}') }
            foreach ($way in '{{string.Join("', '", passwords)}}') { Show $way {{port}} StartTls $right }
            foreach ($way in '{{string.Join("', '", tokens)}}') { Show $way {{port}} StartTls $token }
            Show ScramSha256Plus {{implicitPort}} Implicit $right
            Show ScramSha256Plus {{port}} StartTls $wrong
            Show OAuthBearer {{port}} StartTls $another
            """, relay.RootFile);
        Assert.Equal([.. Lines([.. passwords, .. tokens, "ScramSha256Plus"], true), .. Lines(["ScramSha256Plus", "OAuthBearer"], false)], lines);
        foreach (var way in passwords.Concat(tokens)) await relay.ReceivedAsync(way.ToLowerInvariant(), Door.StartTls);
    }

    [Fact]
    public async Task Dovecot_lets_in_by_each_of_its_mechanisms_and_not_with_a_wrong_password()
    {
        var authority = new TestAuthority(_folder);
        await using var dovecot = await Dovecot.StartAsync(_folder, mechanisms: "plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256");
        await using var postfix = await Postfix.StartAsync(_folder, ["known@example.test"], 0,
            $"smtpd_tls_cert_file = {authority.CertificateFile}", $"smtpd_tls_key_file = {authority.KeyFile}", "smtpd_tls_security_level = may", "smtpd_error_sleep_time = 0", "smtpd_hard_error_limit = 100",
            "smtpd_sasl_auth_enable = yes", "smtpd_sasl_type = dovecot", FormattableString.Invariant($"smtpd_sasl_path = inet:127.0.0.1:{dovecot.AuthPort}"), "smtpd_tls_auth_only = yes",
            "smtpd_sasl_tls_security_options = noanonymous", "smtpd_recipient_restrictions = permit_sasl_authenticated, reject");
        var port = postfix.Port.ToString(CultureInfo.InvariantCulture);
        string[] ways = ["CramMd5", "DigestMd5", "ScramSha1", "ScramSha256", "Plain", "Login"];
        var lines = await ScriptAsync(LogIn + $$"""
            $right, $wrong = 'secret', 'wrong' | ForEach-Object { @{ Credential = [pscredential]::new('user', (Secret $_)) } }
            foreach ($way in '{{string.Join("', '", ways)}}') { Show $way {{port}} StartTls $right }
            Show DigestMd5 {{port}} StartTls $wrong   # one: Dovecot lets who fails wait longer and longer
            """, authority.RootFile);
        // Only known@example.test exists there: who is let in is refused the recipient.
        string Refused(string line) => line.Replace("Delivered ", "Failed SmtpRecipientRefused,MailOps.PowerShell.Commands.SendSmtpMessageCommand", StringComparison.Ordinal);
        Assert.Equal([.. Lines(ways, true).Select(Refused), .. Lines(["DigestMd5"], false)], lines);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Lines(string[] ways, bool isRight) => ways.Select(way => isRight
        ? $"{way} Delivered  / {Name(way)} "
        : $"{way} Failed SmtpAuthFailed,MailOps.PowerShell.Commands.SendSmtpMessageCommand / {Name(way)} CredentialRefused");

    private static string Name(string way) => way switch
    {
        "ScramSha256Plus" => "SCRAM-SHA-256-PLUS",
        "ScramSha1Plus" => "SCRAM-SHA-1-PLUS",
        "ScramSha256" => "SCRAM-SHA-256",
        "ScramSha1" => "SCRAM-SHA-1",
        "CramMd5" => "CRAM-MD5",
        "DigestMd5" => "DIGEST-MD5",
        _ => way.ToUpperInvariant(),
    };

    private async Task<string[]> ScriptAsync(string script, string rootFile)
    {
        var file = _folder.Write("s.ps1", script);
        await using var run = ChildProcess.Start("dotnet", [Installed.Host(), "run", file], [KeyValuePair.Create("SSL_CERT_FILE", rootFile)]);
        await run.ExitAsync();
        return [.. run.Lines.Select(line => line.TrimEnd('\r'))];
    }
}
