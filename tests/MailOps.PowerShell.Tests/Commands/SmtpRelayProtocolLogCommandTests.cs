namespace MailOps.PowerShell.Tests.Commands;

public sealed class SmtpRelayProtocolLogCommandTests : IDisposable
{
    private readonly RelayScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Sessions_are_written_down_while_somebody_asks_for_it()
    {
        var port = _scene.Start();
        RelayScene.Send(port, "a@example.test", "before@example.test", "One");
        dynamic on = Run("Enable-SmtpRelayProtocolLog -Name $name -Duration 600").Only;
        Assert.Equal(($"{_scene.Name}\\*", (string?)null, (string?)null), ((string)on.Identity, (string?)on.Listener, (string?)on.RemoteIPAddress));
        Assert.Equal(DateTimeOffset.Now.AddMinutes(10), (DateTimeOffset)on.ExpirationTime, TimeSpan.FromMinutes(5));
        RelayScene.Send(port, "a@example.test", "during@example.test", "Two");
        Run("Get-SmtpRelayProtocolLog -Name $name | Disable-SmtpRelayProtocolLog").AssertNoErrors();
        Assert.Empty(Run("Get-SmtpRelayProtocolLog -Name $name").AssertNoErrors().Output);
        RelayScene.Send(port, "a@example.test", "after@example.test", "Three");
        Run("Stop-SmtpRelay $name").AssertNoErrors();
        var text = string.Concat(Directory.GetFiles((string)on.Path).Select(File.ReadAllText));
        Assert.Equal(Path.Combine(_scene.Folder, "queue", "protocol"), (string)on.Path);
        Assert.Contains(",<,RCPT TO:<during@example.test>\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("before@", text, StringComparison.Ordinal);
        Assert.DoesNotContain("after@", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Two", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Listeners_and_clients_are_chosen_and_ended_by_identity()
    {
        var port = _scene.Start();
        var endpoint = FormattableString.Invariant($"127.0.0.1:{port}");
        Assert.Equal(
            [$"{_scene.Name}\\{endpoint} 192.0.2.7", $"{_scene.Name}\\{endpoint} 2001:db8::/32"],
            Run($"(Enable-SmtpRelayProtocolLog *:{port} -RemoteIPAddress 192.0.2.7, 2001:db8::1/32 -Name $name).Identity").AssertNoErrors().Output.Select(o => o.ToString()));
        Run($"Enable-SmtpRelayProtocolLog {endpoint} -Name $name; Enable-SmtpRelayProtocolLog {endpoint} -Name $name -Duration 00:01:00").AssertNoErrors();
        Assert.Equal(3, Run("Get-SmtpRelayProtocolLog -Name $name").AssertNoErrors().Output.Count);
        Assert.NotNull(((dynamic)Run($"Get-SmtpRelayProtocolLog {endpoint} -Name $name").Only).ExpirationTime);
        Run($"Disable-SmtpRelayProtocolLog '*192.0.2.7' -Name $name; Disable-SmtpRelayProtocolLog {endpoint} -Name $name").AssertNoErrors();
        Assert.Equal(["2001:db8::/32"], Run("(Get-SmtpRelayProtocolLog -Name $name).RemoteIPAddress").AssertNoErrors().Output.Select(o => o.ToString()));
        Run("Disable-SmtpRelayProtocolLog -Name $name").AssertNoErrors();
        Assert.Empty(Run("Get-SmtpRelayProtocolLog -Name $name").AssertNoErrors().Output);
    }

    [Fact]
    public void WhatIf_changes_nothing()
    {
        _scene.Start();
        Assert.Empty(Run("Enable-SmtpRelayProtocolLog -Name $name -WhatIf").AssertNoErrors().Output);
        Assert.Empty(Run("Get-SmtpRelayProtocolLog -Name $name").AssertNoErrors().Output);
        Run("Enable-SmtpRelayProtocolLog -Name $name; Disable-SmtpRelayProtocolLog -Name $name -WhatIf").AssertNoErrors();
        Assert.Single(Run("Get-SmtpRelayProtocolLog -Name $name").AssertNoErrors().Output);
    }

    [Theory]
    [InlineData("Enable-SmtpRelayProtocolLog -Name $name -Listener 127.0.0.1:1", "RelayListenerNotFound,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Enable-SmtpRelayProtocolLog -Name $name -Listener *:1", "RelayListenerNotFound,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Enable-SmtpRelayProtocolLog -Name $name -RemoteIPAddress printer.example.test", "RelayProtocolLogInvalid,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Enable-SmtpRelayProtocolLog -Name $name -RemoteIPAddress 192.0.2.0/33", "RelayProtocolLogInvalid,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Enable-SmtpRelayProtocolLog -Name $name -Duration 0", "RelayProtocolLogInvalid,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Enable-SmtpRelayProtocolLog -Name $name -Duration ([timespan]::MaxValue)", "RelayProtocolLogInvalid,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Enable-SmtpRelayProtocolLog -Name nosuch", "RelayNotFound,MailOps.PowerShell.Commands.EnableSmtpRelayProtocolLogCommand")]
    [InlineData("Disable-SmtpRelayProtocolLog 192.0.2.7 -Name $name", "RelayProtocolLogNotFound,MailOps.PowerShell.Commands.DisableSmtpRelayProtocolLogCommand")]
    public void A_wrong_call_has_a_stable_id_says_what_to_do_and_changes_nothing(string script, string id)
    {
        _scene.Start();
        var error = Run(script).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Empty(Run("Get-SmtpRelayProtocolLog -Name $name").AssertNoErrors().Output);
    }

    private EngineResult Run(string script) => _scene.Engine.Run("param($name)\n" + script, _scene.Name);
}
