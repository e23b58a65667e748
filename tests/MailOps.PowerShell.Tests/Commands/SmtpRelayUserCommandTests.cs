using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class SmtpRelayUserCommandTests : IDisposable
{
    private const string Prepare = "param($folder) $file = \"$folder/users.json\"; function secret($name, $password) { $s = [securestring]::new(); foreach ($c in $password.ToCharArray()) { $s.AppendChar($c) }; [pscredential]::new($name, $s) }\n";

    private readonly RelayScene _scene = new();

    private string File => Path.Combine(_scene.Folder, "users.json");

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_user_is_made_shown_changed_and_removed_and_no_hash_is_ever_shown()
    {
        dynamic made = Run("New-SmtpRelayUser -Path $file -Credential (secret ada pencil) -Sender ada@example.test, '@sales.test'").Only;
        Assert.Equal(("ada", true, File), ((string)made.Name, (bool)made.Enabled, (string)made.Path));
        Assert.Equal(["ada@example.test", "@sales.test"], (IReadOnlyList<string>)made.Sender);
        Assert.Equal(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "PLAIN", "LOGIN"], (IReadOnlyList<string>)made.Mechanisms);
        Assert.Equal(DateTimeOffset.Now, (DateTimeOffset)made.Created, TimeSpan.FromMinutes(5));

        var before = System.IO.File.ReadAllText(File);
        Assert.DoesNotContain("pencil", before, StringComparison.Ordinal);
        dynamic changed = Run("Get-SmtpRelayUser $file | Set-SmtpRelayUser -Enabled $false -Sender @() -PassThru").Only;
        Assert.Equal((false, 0), ((bool)changed.Enabled, ((IReadOnlyList<string>)changed.Sender).Count));
        Assert.True((DateTimeOffset)changed.Changed >= (DateTimeOffset)made.Created);
        Assert.Contains(HashIn(before), System.IO.File.ReadAllText(File), StringComparison.Ordinal);                // the password is what it was

        Run("Set-SmtpRelayUser $file ada -Credential (secret ada pencil)").AssertNoErrors();
        var silent = Run("Set-SmtpRelayUser $file -Credential (secret ada eraser)").AssertNoErrors();
        Assert.Empty(silent.Output);
        Assert.DoesNotContain(HashIn(before), System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.False(Run("(Get-SmtpRelayUser $file a*).Enabled").Value<bool>());

        var shown = _scene.Engine.Show(Prepare + "Get-SmtpRelayUser $file | Format-List *", _scene.Folder) + string.Join(' ', Run("Get-SmtpRelayUser $file").Only.Properties.Select(p => p.Value));
        Assert.DoesNotContain(HashIn(System.IO.File.ReadAllText(File)), shown, StringComparison.Ordinal);

        Run("Get-SmtpRelayUser $file | Remove-SmtpRelayUser").AssertNoErrors();
        Assert.Empty(Run("Get-SmtpRelayUser $file").AssertNoErrors().Output);
    }

    [Fact]
    public void WhatIf_changes_nothing()
    {
        Assert.Empty(Run("New-SmtpRelayUser $file (secret ada pencil) -WhatIf").AssertNoErrors().Output);
        Assert.False(System.IO.File.Exists(File));
        Run("New-SmtpRelayUser $file (secret ada pencil)").AssertNoErrors();
        var before = System.IO.File.ReadAllText(File);
        Run("Set-SmtpRelayUser $file ada -Enabled $false -WhatIf; Remove-SmtpRelayUser $file ada -WhatIf").AssertNoErrors();
        Assert.Equal(before, System.IO.File.ReadAllText(File));
    }

    [Theory]
    [InlineData("New-SmtpRelayUser $file (secret ada pencil)", "RelayUserExists,MailOps.PowerShell.Commands.NewSmtpRelayUserCommand")]
    [InlineData("New-SmtpRelayUser $file (secret bob pencil) -Sender nobody", "RelayUserInvalid,MailOps.PowerShell.Commands.NewSmtpRelayUserCommand")]
    [InlineData("New-SmtpRelayUser $file (secret bob \"a`tb\")", "RelayUserInvalid,MailOps.PowerShell.Commands.NewSmtpRelayUserCommand")]
    [InlineData("New-SmtpRelayUser $folder/absent/users.json (secret bob pencil)", "RelayUserFileUnusable,MailOps.PowerShell.Commands.NewSmtpRelayUserCommand")]
    [InlineData("Set-SmtpRelayUser $file nobody -Enabled $true", "RelayUserNotFound,MailOps.PowerShell.Commands.SetSmtpRelayUserCommand")]
    [InlineData("Set-SmtpRelayUser $file ada -Credential (secret bob pencil)", "RelayUserInvalid,MailOps.PowerShell.Commands.SetSmtpRelayUserCommand")]
    [InlineData("Get-SmtpRelayUser $file nobody", "RelayUserNotFound,MailOps.PowerShell.Commands.GetSmtpRelayUserCommand")]
    [InlineData("Get-SmtpRelayUser $folder/absent.json", "RelayUserFileUnusable,MailOps.PowerShell.Commands.GetSmtpRelayUserCommand")]
    [InlineData("Remove-SmtpRelayUser $file nobody, ada", "RelayUserNotFound,MailOps.PowerShell.Commands.RemoveSmtpRelayUserCommand")]
    [InlineData("Remove-SmtpRelayIPBlockListEntry 192.0.2.7", "RelayBlockNotFound,MailOps.PowerShell.Commands.RemoveSmtpRelayIPBlockListEntryCommand")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn 127.0.0.1:0 -UserFile $folder/absent.json", "RelayUserFileUnusable,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    [InlineData("Start-SmtpRelay -QueuePath $folder/q -ListenOn 127.0.0.1:0 -UserFile $file -Authenticate { $true }", "RelayConfigurationInvalid,MailOps.PowerShell.Commands.StartSmtpRelayCommand")]
    public void A_wrong_call_has_a_stable_id_and_says_what_to_do(string script, string id)
    {
        Run("New-SmtpRelayUser $file (secret ada pencil)").AssertNoErrors();
        var error = Run(script).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.DoesNotContain("pencil", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_relay_sees_new_users_and_changed_ones()
    {
        Run("New-SmtpRelayUser $file (secret ada pencil)").AssertNoErrors();
        var port = _scene.Start("-UserFile $folder/users.json");
        Assert.StartsWith("235 ", await LoginAsync(port, "ada", "pencil"), StringComparison.Ordinal);
        Run("New-SmtpRelayUser $file (secret bob hammer); Set-SmtpRelayUser $file ada -Enabled $false").AssertNoErrors();
        Assert.StartsWith("235 ", await LoginAsync(port, "bob", "hammer"), StringComparison.Ordinal);
        Assert.StartsWith("535 ", await LoginAsync(port, "ada", "pencil"), StringComparison.Ordinal);
        dynamic failed = _scene.Engine.Run("param($name) Get-SmtpRelayTrackingLog -Name $name -EventId AUTHFAIL", _scene.Name).Only;
        Assert.Equal(("127.0.0.1", "AUTH PLAIN as 'ada': wrong name or password"), ((string)failed.ClientIp, (string)failed.SourceContext));
        Assert.Empty(_scene.Engine.Run("param($name) Get-SmtpRelayIPBlockListEntry -Name $name", _scene.Name).AssertNoErrors().Output);   // loopback never is
    }

    [Theory]
    [InlineData("{ param($userName, $password, $clientAddress) $userName -ceq 'ada' -and $password -ceq 'pencil' -and $clientAddress.ToString() -eq '127.0.0.1' }", "235 ")]
    [InlineData("{ param($userName, $password) $password -ceq 'eraser' }", "535 ")]
    [InlineData("{ $false }", "535 ")]
    [InlineData("{ throw 'the directory is down' }", "454 ")]
    [InlineData("{ nonsense; $true }", "454 ")]                     // an error that ends nothing, and then a yes
    [InlineData("{ 'true' }", "454 ")]
    [InlineData("{ 1 }", "454 ")]
    [InlineData("{ $true; $true }", "454 ")]
    [InlineData("{ }", "454 ")]
    [InlineData("{ param($userName, [int]$password) $true }", "454 ")]   // an error that holds the password
    public async Task A_script_decides_and_only_true_is_a_yes(string script, string reply)
    {
        var port = _scene.Start("-Authenticate " + script);
        Assert.StartsWith(reply, await LoginAsync(port, "ada", "pencil"), StringComparison.Ordinal);
        _scene.Engine.Run("param($name) Stop-SmtpRelay $name -Timeout 5", _scene.Name).AssertNoErrors();
        var everything = string.Concat(Directory.EnumerateFiles(_scene.Folder, "*", SearchOption.AllDirectories).Select(System.IO.File.ReadAllText));
        Assert.DoesNotContain("pencil", everything, StringComparison.Ordinal);
        Assert.Equal(reply == "454 ", everything.Contains("-Authenticate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scripts_run_beside_each_other_and_see_nothing_of_the_session()
    {
        _scene.Engine.Run("$global:seen = $true");
        var port = _scene.Start("-Authenticate { param($userName) if ($userName -ceq 'slow') { [Threading.Thread]::Sleep(13000) }; $null -eq $global:seen }");
        var waiting = LoginAsync(port, "slow", "x");
        Assert.StartsWith("235 ", await LoginAsync(port, "quick", "x"), StringComparison.Ordinal);
        Assert.StartsWith("454 ", await waiting, StringComparison.Ordinal);       // after its 10 seconds
    }

    [Fact]
    public async Task A_block_is_ended_in_the_relay_that_is_named_and_in_no_other()
    {
        Run("New-SmtpRelayUser $file (secret ada pencil)").AssertNoErrors();
        foreach (var which in new[] { "a", "b" })
        {
            var path = Path.Combine(_scene.Folder, which + ".json");
            System.IO.File.WriteAllText(path, $$"""
                {
                  "name": "{{_scene.Name}}{{which}}", "queuePath": "{{which}}", "usersFile": "users.json", "authentication": { "maxFailures": 1 },
                  "listeners": [ { "endpoint": "127.0.0.1:0", "proxyNetworks": [ "127.0.0.1" ], "allowPlainTextAuthentication": true } ]
                }
                """);
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(IPAddress.Loopback, _scene.Engine.Run("param($path) (Start-SmtpRelay -Configuration $path).Port", path).Value<int>(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(tcp.GetStream());
            await tcp.GetStream().WriteAsync("PROXY TCP4 192.0.2.7 198.51.100.2 56324 25\r\nEHLO x\r\nAUTH PLAIN AGFkYQB3cm9uZw==\r\nQUIT\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Contains("535 ", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.StartsWith("RelayNotFound,", Blocks("Remove-SmtpRelayIPBlockListEntry 192.0.2.7 -Name \"${name}c\"").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Blocks("Remove-SmtpRelayIPBlockListEntry 192.0.2.7 -Name \"${name}a\"").AssertNoErrors();
        Assert.Equal($@"{_scene.Name}b\192.0.2.7", Blocks("(Get-SmtpRelayIPBlockListEntry -Name \"$name*\").Identity").Value<string>());
        Assert.StartsWith("RelayBlockNotFound,", Blocks("Remove-SmtpRelayIPBlockListEntry 192.0.2.7 -Name \"${name}a\"").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private EngineResult Blocks(string script) => _scene.Engine.Run("param($name) " + script, _scene.Name);

    private EngineResult Run(string script) => _scene.Engine.Run(Prepare + script, _scene.Folder);

    private static string HashIn(string file) => file.Split("\"storedKey\": \"")[1].Split('"')[0];

    private static async Task<string> LoginAsync(int port, string user, string password)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port);
        using var plain = new StreamReader(tcp.GetStream(), leaveOpen: true);
        await plain.ReadLineAsync();
        await tcp.GetStream().WriteAsync("EHLO x\r\nSTARTTLS\r\n"u8.ToArray());
        while (await plain.ReadLineAsync() is { } line && !line.StartsWith("220 ", StringComparison.Ordinal)) { }
        using var tls = new SslStream(tcp.GetStream(), false, (_, certificate, _, _) => certificate?.Subject == "CN=relay.example.test");
        await tls.AuthenticateAsClientAsync("relay.example.test");
        using var reader = new StreamReader(tls);
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"EHLO x\r\nAUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"))}\r\n"));
        while (await reader.ReadLineAsync() is { } line)
            if (!line.StartsWith("250", StringComparison.Ordinal)) return line;
        return "";
    }
}
