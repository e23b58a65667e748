using System.Globalization;
using System.Management.Automation;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>-Authentication, -AccessToken, -OAuth and -UserName: what goes on the wire, what is an error, and that no secret is shown.</summary>
public sealed class LoginParameterTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Secret = "S3cret-of-the-app", Refresh = "R3fresh-token", Token = "eyJ0b2tlbiI6MX0.abcdef";

    private readonly X509Certificate2 _certificate = Certificates.SelfSigned("127.0.0.1");

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("@{ Grant = 'ClientCredentials'; TokenEndpoint = $url; ClientId = 'app'; ClientSecret = $secret; Scope = 'mail.send', 'mail.read' }")]
    [InlineData("@{ grant = 'clientcredentials'; tokenendpoint = $url; clientid = 'app'; clientsecret = $secure; scope = 'mail.send mail.read'; user = 'mila@x.test' }")]
    public async Task A_token_is_asked_for_once_and_shown(string table)
    {
        await using var tokens = new TokenServer
        {
            Check = TokenServer.Fields(("grant_type", "client_credentials"), ("client_id", "app"), ("client_secret", Secret), ("scope", "mail.send mail.read")),
            Token = n => string.Create(CultureInfo.InvariantCulture, $"{Token}{n}"),
        };
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (output, shown, errors) = Run($"1..3 | ForEach-Object {{ [pscustomobject]@{{ To = \"a$_@x.test\" }} }} | Send-SmtpMessage @common -MaxConnections 2 -OAuth {table}{(table.Contains("user", StringComparison.Ordinal) ? "" : " -UserName mila@x.test")}", server, tokens.Url);
        Assert.Equal(3, output.Count);
        Assert.Empty(errors);
        Assert.Null(Assert.Single(tokens.Requests).Fault);
        Assert.Contains("AUTH XOAUTH2 " + Base64($"user=mila@x.test\u0001auth=Bearer {Token}1\u0001\u0001"), server.Commands);
        Assert.Contains("Authenticated as mila@x.test by XOAUTH2.", shown, StringComparison.Ordinal);
        AssertNoSecret(shown, Token);
    }

    [Fact]
    public async Task A_refresh_token_is_enough_and_its_successor_is_used()
    {
        await using var tokens = new TokenServer { ExpiresIn = 1, Refresh = _ => "successor", Token = n => string.Create(CultureInfo.InvariantCulture, $"{Token}{n}") };
        tokens.Check = TokenServer.Fields(("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", null));
        using var server = Server("OAUTHBEARER", "235 2.7.0 welcome");
        var (_, shown, errors) = Run("foreach ($i in 1, 2) { Send-SmtpMessage @common -To a@x.test -UserName mila@x.test -OAuth @{ Grant = 'RefreshToken'; TokenEndpoint = $url; ClientId = 'app'; RefreshToken = $refresh }; [Threading.Thread]::Sleep(1100) }", server, tokens.Url);
        Assert.Empty(errors);
        Assert.Equal([Refresh, "successor"], tokens.Requests.Select(r => r.Fields["refresh_token"]));
        AssertNoSecret(shown, Token);
    }

    [Fact]
    public void An_access_token_of_elsewhere_is_shown_by_the_mechanism_that_is_named()
    {
        using var server = Server("OAUTHBEARER XOAUTH2", "235 2.7.0 welcome");
        var (_, shown, errors) = Run("Send-SmtpMessage @common -To a@x.test -UserName mila@x.test -AccessToken $token -Authentication XOAuth2", server, "");
        Assert.Empty(errors);
        Assert.Contains(server.Commands, c => c.StartsWith("AUTH XOAUTH2 ", StringComparison.Ordinal));
        AssertNoSecret(shown, Token);
    }

    [Theory]
    [InlineData("-Authentication Login -Credential $credential", "AUTH LOGIN")]
    [InlineData("-Authentication plain -Credential $credential", "AUTH PLAIN ")]
    [InlineData("-Authentication SPA -Credential $credential", "AUTH NTLM ")]
    [InlineData("-Authentication Anonymous -UserName trace@x.test", "AUTH ANONYMOUS ")]
    [InlineData("-Credential $credential", "AUTH CRAM-MD5")]
    public void The_mechanism_that_is_named_is_used(string parameters, string command)
    {
        using var server = Server("NTLM LOGIN PLAIN CRAM-MD5 ANONYMOUS", "535 5.7.8 no");
        Run($"Send-SmtpMessage @common -To a@x.test {parameters}", server, "");
        Assert.StartsWith(command, Assert.Single(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Credential $credential -AccessToken $token", "-Credential and -AccessToken were both given")]
    [InlineData("-Credential $credential -OAuth @{ Grant = 'ClientCredentials'; ClientId = 'app'; ClientSecret = $secret; TenantId = 't' }", "-Credential and -OAuth were both given")]
    [InlineData("-AccessToken $token", "An access token is for a mailbox, and none was named")]
    [InlineData("-AccessToken $bad -UserName m@x.test", "-AccessToken is empty or has characters")]
    [InlineData("-UserName m@x.test", "-UserName was given without -AccessToken and -OAuth")]
    [InlineData("-Authentication Plain -AccessToken $token -UserName m@x.test", "-Authentication Plain shows a password, and -AccessToken gives an access token")]
    [InlineData("-Authentication XOAuth2 -Credential $credential", "-Authentication XOAuth2 shows an access token, and -Credential has a password")]
    [InlineData("-Authentication CramMd5", "-Authentication CramMd5 needs something to show")]
    [InlineData("-Authentication Anonymous -Credential $credential", "-Authentication Anonymous shows nothing")]
    [InlineData("-Credential $credential -UserName m@x.test", "-UserName is for -AccessToken and -OAuth")]
    [InlineData("-UserName m@x.test -OAuth @{ Grant = 'ClientCredentials'; ClientId = 'app'; ClientSecret = $secret }", "lacks TenantId or TokenEndpoint")]
    [InlineData("-UserName m@x.test -OAuth @{ Grant = 'ClientCredentials'; ClientId = 'app'; ClientSecret = $secret; TokenEndpoint = 'https://127.0.0.1:1/'; User = 'n@x.test' }", "-UserName is not the User of -OAuth")]
    [InlineData("-UserName m@x.test -OAuth @{ Grant = 'ClientCredentials'; ClientId = 'app'; ClientSecret = $secret; TokenEndpoint = 'http://token.x.test/' }", "must be an https URL")]
    public void What_does_not_fit_together_is_an_error_and_nothing_is_sent(string parameters, string says)
    {
        using var server = Server("PLAIN XOAUTH2", "235 2.7.0 welcome");
        var (_, shown, errors) = Run($"Send-SmtpMessage @common -To a@x.test {parameters}", server, "");
        var error = Assert.Single(errors);
        Assert.StartsWith("AuthenticationInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(says, error.Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Empty(server.Commands);
        AssertNoSecret(shown, Token);
    }

    [Theory]
    [InlineData(401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided: " + Secret + ".\"}", "give its value, not its id")]
    [InlineData(401, "{\"error\":\"invalid_client\",\"error_description\":\"S3cret%2dof-the%2Dapp, YXBwOlMzY3JldC1vZi10aGUtYXBw\"}", "invalid_client: ********, YXBwOl********")]   // of app:secret
    [InlineData(302, "{}", "HTTP 302")]
    [InlineData(500, "<html>" + Secret, "HTTP 500")]
    [InlineData(200, "{\"access_token\":", "without a bearer token")]
    public async Task A_token_server_that_fails_is_told_with_advice_and_without_secrets(int status, string body, string says)
    {
        await using var tokens = new TokenServer { Instead = _ => (status, "Location: http://127.0.0.1:1/\r\n", body) };
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (_, shown, errors) = Run("1..5 | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\" } } | Send-SmtpMessage @common -UserName mila@x.test -OAuth @{ Grant = 'ClientCredentials'; TokenEndpoint = $url; ClientId = 'app'; ClientSecret = $secret }", server, tokens.Url);
        Assert.Equal(5, errors.Count);
        Assert.All(errors, e => Assert.StartsWith("OAuthTokenFailed,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Contains(says, errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.InRange(tokens.Requests.Count, 1, 2);   // and not one a message
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
        AssertNoSecret(shown, Token);
    }

    [Fact]
    public async Task Who_tries_again_is_not_kept_waiting_by_the_failure_before()
    {
        await using var tokens = new TokenServer { Instead = n => n == 1 ? (400, "", "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS65001: no consent\"}") : null };
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (output, _, errors) = Run("foreach ($i in 1, 2) { Send-SmtpMessage @common -To a@x.test -UserName mila@x.test -OAuth @{ Grant = 'ClientCredentials'; TokenEndpoint = $url; ClientId = 'app'; ClientSecret = $secret } }", server, tokens.Url);
        Assert.Contains("Grant admin consent", Assert.Single(errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal("Delivered", output[^1].Properties["Status"].Value.ToString());
    }

    [Fact]
    public async Task Somebody_who_signs_in_by_a_browser_is_shown_the_code_once()
    {
        await using var tokens = Device(pending: 1);
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (output, shown, errors) = Run($"foreach ($i in 1, 2) {{ Send-SmtpMessage @common -To a@x.test {SignIn} }}", server, tokens.Url);
        Assert.Empty(errors);
        Assert.Equal(["Delivered", "Delivered"], output.Select(o => o.Properties["Status"].Value.ToString()));
        Assert.Single(shown.Split('\n'), line => line.Contains("To sign in as mila@x.test, open https://login.x.test/device in a browser and enter the code ABCD-EFGH.", StringComparison.Ordinal));
        Assert.Equal(3, tokens.Requests.Count);
        Assert.DoesNotContain("D3vice", shown, StringComparison.Ordinal);
        AssertNoSecret(shown, "access-token-3");
    }

    [Theory]
    [InlineData("Send-SmtpMessage @common -To a@x.test {0} -WhatIf")]
    [InlineData("& { $WhatIfPreference = $true; Send-SmtpMessage @common -To a@x.test {0} }")]
    public async Task WhatIf_asks_nobody_to_sign_in(string script)
    {
        await using var tokens = Device(pending: 1);
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        Assert.Empty(Run(script.Replace("{0}", SignIn, StringComparison.Ordinal), server, tokens.Url).Errors);
        Assert.Empty(tokens.Requests);
    }

    [Theory]
    [InlineData("Send-SmtpMessage @common -To a@x.test -Credential $credential", "-Credential and -OAuth were both given")]
    [InlineData("Test-SmtpServer 127.0.0.1 $port -AccessToken $token", "-AccessToken and -OAuth were both given")]
    public async Task Nobody_is_asked_to_sign_in_for_what_is_an_error_anyway(string script, string says)
    {
        await using var tokens = Device(pending: 1);
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        Assert.Contains(says, Assert.Single(Run($"{script} {SignIn}", server, tokens.Url).Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Empty(tokens.Requests);
    }

    // Test-MailFlow has the parameters twice: those of its server that sends begin with Smtp.
    [Theory]
    [InlineData("-SmtpOAuth @{ Grant = 'Password' }", "Grant of -SmtpOAuth is 'Password'", "AuthenticationInvalid,")]
    [InlineData("-SmtpUserName mila@x.test -SmtpOAuth @{ Grant = 'DeviceCode'; TokenEndpoint = $url; DeviceEndpoint = $url; ClientId = 'app' }", "values of -SmtpOAuth", "OAuthTokenFailed,")]
    [InlineData("-OAuth @{ Grant = 'Password' }", "Grant of -OAuth is 'Password'", "AuthenticationInvalid,")]
    public async Task The_parameter_that_is_wrong_is_named_as_it_was_typed(string parameters, string says, string id)
    {
        await using var tokens = new TokenServer { Instead = _ => (400, "", "{\"error\":\"invalid_client\"}") };
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var told = Assert.Single(Run($"try {{ Test-MailFlow 127.0.0.1 -SmtpServer 127.0.0.1 -SmtpPort $port {parameters} }} catch {{ \"$($_.FullyQualifiedErrorId)|$($_.Exception.Message) $($_.ErrorDetails.RecommendedAction)\" }}", server, tokens.Url).Output).ToString();
        Assert.StartsWith(id, told, StringComparison.Ordinal);
        var text = told[told.IndexOf('|', StringComparison.Ordinal)..];
        Assert.Contains(says, text, StringComparison.Ordinal);
        Assert.Equal(says.Contains("-OAuth", StringComparison.Ordinal), text.Contains("-OAuth", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_server_of_the_sending_server_that_fails_names_its_parameter()
    {
        await using var tokens = new TokenServer { Instead = _ => (400, "", "{\"error\":\"invalid_client\"}") };
        using var mailbox = new TalkingServer(ImapScript.Greeting, new ImapScript().Answer);
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (output, _, errors) = Run($"Test-MailFlow 127.0.0.1 -Port {mailbox.Port} -Tls None -Credential $credential -To a@x.test -SmtpServer 127.0.0.1 -SmtpPort $port -SkipCertificateValidation -SmtpUserName mila@x.test -SmtpOAuth @{{ Grant = 'ClientCredentials'; TokenEndpoint = $url; ClientId = 'app'; ClientSecret = $secret }}", server, tokens.Url);
        Assert.Empty(errors);
        Assert.Contains("check the values of -SmtpOAuth", Assert.Single(output).Properties["Reason"].Value.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_is_looked_for_from_the_location_of_PowerShell()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("key.json"), "no key", TestContext.Current.CancellationToken);
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (_, _, errors) = Run(
            $"$paths = $ExecutionContext.SessionState.Path; [void]$paths.SetLocation('{folder.Path}'); try {{ Send-SmtpMessage @common -To a@x.test -UserName mila@x.test -OAuth @{{ Grant = 'ServiceAccount'; serviceaccountkeypath = 'key.json'; TokenEndpoint = 'https://127.0.0.1:1/' }} }} finally {{ [void]$paths.SetLocation('/') }}",
            server, "");
        Assert.Contains($"{folder.File("key.json")} cannot be used: it is not JSON", Assert.Single(errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_for_a_sign_in()
    {
        await using var tokens = Device(pending: int.MaxValue);
        using var shell = engine.Shell($"param($url) Send-SmtpMessage -To a@x.test -From f@x.test -SmtpServer 127.0.0.1 -Port 1 {SignIn}", tokens.Url);
        var running = shell.BeginInvoke();
        await Poll.UntilAsync(() => tokens.Requests.Count >= 2);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        shell.Stop();
        Assert.True(running.IsCompleted);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        var asked = tokens.Requests.Count;
        await Task.Delay(2500, TestContext.Current.CancellationToken);
        Assert.Equal(asked, tokens.Requests.Count);
    }

    private const string SignIn = "-UserName mila@x.test -OAuth @{ Grant = 'DeviceCode'; TokenEndpoint = $url; DeviceEndpoint = $url.Replace('/token', '/devicecode'); ClientId = 'app' }";

    private static TokenServer Device(int pending) => new()
    {
        Instead = n => n == 1 ? (200, "", """{"device_code":"D3vice","user_code":"ABCD-EFGH","verification_uri":"https://login.x.test/device","expires_in":900,"interval":1}""")
            : n - 1 <= pending ? (400, "", """{"error":"authorization_pending"}""") : null,
        Refresh = _ => "successor",
    };

    [Fact]
    public void Mechanisms_complete()
    {
        using var shell = engine.Shell("[System.Management.Automation.CommandCompletion]::CompleteInput('Send-SmtpMessage -Authentication S', 34, $null).CompletionMatches.CompletionText -join ' '");
        Assert.Equal("ScramSha1 ScramSha1Plus ScramSha256 ScramSha256Plus ScramSha512 ScramSha512Plus", Assert.Single(shell.Invoke()).ToString());
    }

    [Fact]
    public async Task Turkish_rules_for_letters_change_nothing()
    {
        await using var tokens = new TokenServer { Check = TokenServer.Fields(("grant_type", "client_credentials"), ("client_id", "app"), ("client_secret", Secret)) };
        using var server = Server("XOAUTH2", "235 2.7.0 welcome");
        var (_, _, errors) = Run(
            "[cultureinfo]::CurrentCulture = 'tr-TR'; Send-SmtpMessage @common -To a@x.test -UserName ilk@x.test -OAuth @{ GRANT = 'CLIENTCREDENTIALS'; TOKENENDPOINT = $url; CLIENTID = 'app'; clientsecret = $secret; PROVIDER = 'custom' } -Authentication xoauth2", server, tokens.Url);
        Assert.Empty(errors);
        Assert.Contains(server.Commands, c => c.StartsWith("AUTH XOAUTH2", StringComparison.Ordinal));
    }

    private LoopbackSmtpServer Server(string mechanisms, string reply) =>
        new([.. mechanisms.Split(' ').Select(m => ("AUTH " + m, reply))]) { Certificate = _certificate, Keywords = ["AUTH " + mechanisms] };

    private (IReadOnlyList<PSObject> Output, string Shown, IReadOnlyList<ErrorRecord> Errors) Run(string script, LoopbackSmtpServer server, string url)
    {
        using var shell = engine.Shell(
            """
            param($port, $url, $secret, $refresh, [securestring]$token, [securestring]$secure, [securestring]$bad)
            $credential = [pscredential]::new('DOM\mila', $secure)
            $DebugPreference = $VerbosePreference = 'Continue'
            $common = @{ From = 'f@x.test'; Subject = 'S'; SmtpServer = '127.0.0.1'; Port = $port; SkipCertificateValidation = $true; PassThru = $true }

            """ + script, server.Port, url, Secret, Refresh, Secure(Token), Secure(Secret), Secure("Bearer x\r\n"));
        var output = shell.Invoke();
        var streams = shell.Streams;
        var shown = string.Join('\n', output.SelectMany(o => o.Properties).Select(p => p.Value).Concat(streams.Verbose).Concat(streams.Debug).Concat(streams.Warning)
            .Concat(streams.Error).Concat(streams.Error.Select(e => e.Exception.ToString() + e.ErrorDetails)));
        return ([.. output], shown, [.. streams.Error]);
    }

    private static void AssertNoSecret(string shown, string token)
    {
        foreach (var secret in new[] { Secret, Refresh, "successor", token, Base64(token)[..20], Base64($"user=mila@x.test\u0001auth=Bearer {token}")[..60] }) Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
    }

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (var c in text) secure.AppendChar(c);
        return secure;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
