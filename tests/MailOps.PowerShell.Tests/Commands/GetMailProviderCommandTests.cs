namespace MailOps.PowerShell.Tests.Commands;

public sealed class GetMailProviderCommandTests(Engine engine) : IClassFixture<Engine>
{
    [Theory]
    [InlineData("Get-MailProvider gmail", "Gmail")]
    [InlineData("Get-MailProvider Gmx*", "GmxNet GmxCom")]
    [InlineData("Get-MailProvider nothing*", "")]
    [InlineData("'Yahoo', 'Aol' | Get-MailProvider", "Yahoo Aol")]
    [InlineData("Get-MailProvider -Domain me.com, outlook.com", "ICloud OutlookCom")]
    [InlineData("[pscustomobject]@{ PrimarySmtpAddress = 'Some.One@GMX.at' } | Get-MailProvider", "GmxNet")]
    public void A_provider_is_found_by_name_domain_or_address(string script, string names) =>
        Assert.Equal(names, string.Join(' ', engine.Run(script).AssertNoErrors().Output.Select(o => o.Properties["Name"].Value)));

    [Fact]
    public void Without_a_name_all_are_shown() => Assert.Equal(19, engine.Run("Get-MailProvider").AssertNoErrors().Output.Count);

    [Fact]
    public void Its_server_for_sending_stands_on_the_provider_itself()
    {
        var gmail = engine.Run("Get-MailProvider Gmail").Only;
        Assert.Equal("smtp.gmail.com 465 Implicit", $"{gmail.Properties["SmtpServer"].Value} {gmail.Properties["Port"].Value} {gmail.Properties["Tls"].Value}");
        Assert.Equal("MailOps.MailProvider", gmail.TypeNames[0]);
    }

    [Fact]
    public void What_is_not_known_is_an_error_of_its_own_and_the_others_go_on()
    {
        var result = engine.Run("Get-MailProvider Gmial, Gmail; Get-MailProvider -Domain example.test, 'not a domain'; Get-MailProvider -Address example.test, a@example.test");

        Assert.Equal(
            ["MailProviderNotFound Gmial", "MailProviderNotFound example.test", "InvalidDomain not a domain", "InvalidAddress example.test", "MailProviderNotFound a@example.test"],
            result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.Contains("the nearest known one is 'Gmail'", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Equal("Gmail", Assert.Single(result.Output).Properties["Name"].Value);
    }

    [Theory]
    [InlineData("Get-MailProvider gm", "Gmail GmxNet GmxCom")]
    [InlineData("Get-MailProvider -Name hotm", "OutlookCom")]
    public void Names_are_completed_by_what_the_provider_is_known_by(string line, string names) => Assert.Equal(
        names,
        string.Join(' ', engine.Run("param($line) [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches", line).AssertNoErrors()
            .Output.Select(o => o.Properties["CompletionText"].Value)));
}
