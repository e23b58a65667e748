namespace MailOps.PowerShell.Tests.Commands;

/// <summary>What is asked of relays in a process where none runs: silence would look like success.</summary>
public sealed class NoRelayTests
{
    [Fact]
    public async Task What_would_change_something_is_an_error_and_what_only_asks_a_warning()
    {
        string[] changes =
        [
            "Suspend-SmtpRelayQueue *", "Suspend-SmtpRelayQueue example.com", "Resume-SmtpRelayQueue *", "Restart-SmtpRelayQueue *", "Suspend-SmtpRelayMessage -Filter \"Size -gt 1\"",
            "Remove-SmtpRelayMessage 0123456789ABCDEF -Confirm:$false", "Enable-SmtpRelayProtocolLog",
        ];
        string[] questions = ["Get-SmtpRelayQueue", "Get-SmtpRelayMessage", "Get-SmtpRelayTrackingLog", "Get-SmtpRelayProtocolLog", "Get-SmtpRelayIPBlockListEntry"];
        string[] lines =
        [
            .. changes.Select(command => $"$e = $null; {command} -ErrorVariable e -ErrorAction SilentlyContinue; \"{command[..12]}: $($e.FullyQualifiedErrorId -replace ',.*')\""),
            .. questions.Select(command => $"$w = $null; {command} -WarningVariable w -WarningAction SilentlyContinue; '{command}: ' + $w"),
        ];
        var (code, output) = await Child.RunScriptAsync($"param($module) Import-Module $module -ErrorAction Stop\n{string.Join('\n', lines)}", BuiltFiles.Module);
        string[] expected =
        [
            .. changes.Select(command => $"{command[..12]}: RelayNotFound"),
            .. questions.Select(command => $"{command}: No relay runs in this session. Start one with Start-SmtpRelay. One that runs in another process is administered in that process."),
        ];
        Assert.Equal((0, string.Join('\n', expected)), (code, output));
    }
}
