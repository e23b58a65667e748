namespace MailOps.PowerShell.Tests.Commands;

/// <summary>What the cmdlets for Outlook say where there is no Windows; on a registry they are tested with the peers.</summary>
public sealed class OutlookSmtpProfileCommandTests(Engine engine) : IClassFixture<Engine>
{
    [Theory]
    [InlineData("Get-OutlookSmtpProfile")]
    [InlineData("'a@a.test' | Get-OutlookSmtpProfile")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -Port 587")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -Port 587 -WhatIf")]
    [InlineData("[pscustomobject]@{ EmailAddress = 'a@a.test'; Port = 587 } | Set-OutlookSmtpProfile")]
    [InlineData("Test-OutlookSmtpProfile")]
    [InlineData("Test-OutlookSmtpProfile -Provider Fastmail -Connect")]
    [InlineData("Restore-OutlookSmtpProfile ./none.json")]
    [InlineData("Restore-OutlookSmtpProfile -Unfinished")]
    public void Without_Windows_there_is_one_clear_error(string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "This is Windows.");
        var result = engine.Run(script);
        Assert.Empty(result.Output);
        var error = Assert.Single(result.Errors);
        Assert.Equal("OutlookNeedsWindows", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Theory]
    [InlineData("@{ EmailAddress = 'a@a.test'; Port = 587 }, 'x' | Set-OutlookSmtpProfile -Summary", "OutlookNeedsWindows", 2)]
    [InlineData("Restore-OutlookSmtpProfile -Unfinished -Summary", "OutlookNeedsWindows", 1)]
    [InlineData("'x' | Set-OutlookSmtpProfile -UserName u -Authentication None -Summary", "OutlookSettingsInvalid", 1)]
    public void A_summary_is_there_whatever_happens_with_an_exit_code_that_tells(string script, string id, int records)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "This is Windows.");
        var result = engine.Run($"$run = {script}; \"$($run.ExitCode) $($run.Failed) $($run.Records) $($run.Results.ErrorId) $($run.Results.Advice.Length -gt 0)\"");
        Assert.Equal(id, Assert.Single(result.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal($"1 1 {records} {id} True", Assert.Single(result.Output).ToString());
    }

    [Theory]
    [InlineData("Set-OutlookSmtpProfile a@a.test", "OutlookSettingsInvalid")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -UserName u -Authentication None", "OutlookSettingsInvalid")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -IncomingEncryption StartTls", "OutlookSettingsInvalid")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -SmtpServer 'a b'", "InvalidDomain")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -Provider OutlookCom", "OutlookProviderUnsuited")]
    [InlineData("Set-OutlookSmtpProfile a@a.test -Provider Gmial", "MailProviderNotFound")]
    public void What_cannot_be_set_is_told_before_anything_is_looked_at(string script, string id) =>
        Assert.Equal(id, Assert.Single(engine.Run(script).Errors).FullyQualifiedErrorId.Split(',')[0]);
}
