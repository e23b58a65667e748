namespace MailOps.Peers.Tests.Outlook;

/// <summary>Which accounts of a registry rows and advice mean.</summary>
[Collection(WineMachine.Registry)]
public sealed class OutlookRowsTests(WineMachine machine)
{
    private const string User = "HKEY_CURRENT_USER";

    [Fact]
    public async Task A_row_has_no_wildcards_and_the_advice_of_the_test_can_be_run_as_it_is()
    {
        var wine = await machine.ReadyAsync();
        var (profile, key) = ("P" + Guid.NewGuid().ToString("N")[..10], $@"{User}\{RegistryText.Profiles("16.0")}");
        var before = await wine.ImportAsync(key, RegistryText.Profile(User, "16.0", profile, ("o'neil;exit@exact.test", ""), ("acb@exact.test", "")));
        var (_, output) = await wine.ScriptAsync($$"""
            $rows = '*@exact.test', 'a?b@exact.test' | ForEach-Object { [pscustomobject]@{ EmailAddress = $_; Port = 2525 } }
            "strict " + ($rows | Set-OutlookSmtpProfile -ProfileName {{profile}} -Strict -Summary -ErrorAction SilentlyContinue).Results.ErrorId
            "others " + ($rows | Set-OutlookSmtpProfile -ProfileName {{profile}} -Summary).NotHere
            """);
        Assert.Equal("strict OutlookAccountNotFound OutlookAccountNotFound others 2", output.ReplaceLineEndings(" ").Trim());
        Assert.Equal(before, await wine.ExportAsync(key));
        (_, output) = await wine.ScriptAsync($$"""
            $test = Test-OutlookSmtpProfile *exit@exact.test -ProfileName {{profile}} -Port 2525
            $done = & ([scriptblock]::Create($test.Findings[0].Advice))
            "$($done.Status) $($done.EmailAddress) $((Test-OutlookSmtpProfile *exit@exact.test -ProfileName {{profile}} -Port 2525).Findings.Id -contains 'PortDiffers')"
            """);
        Assert.Equal("Changed o'neil;exit@exact.test False", output.Trim());
    }
}
