namespace MailOps.PowerShell.Tests.Commands;

public sealed class NewOutlookSmtpProfileCommandTests : IClassFixture<Engine>, IDisposable
{
    private const string Servers = "-ImapServer imap.contoso.example -Pop3Server pop.contoso.example -SmtpServer smtp.contoso.example -Organization Contoso";
    private readonly Engine _engine;
    private readonly TempFolder _folder = new();

    public NewOutlookSmtpProfileCommandTests(Engine engine) => _engine = engine;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void With_a_path_the_file_is_written_and_nothing_else()
    {
        var made = Run($"New-OutlookSmtpProfile a@contoso.example {Servers} -AccountType Pop3 -ProfileName Work -Path $folder/a.prf").AssertNoErrors();
        var profile = Assert.Single(made.Output);
        Assert.Equal("Written a@contoso.example Work Pop3", $"{profile.Properties["State"].Value} {profile.Properties["EmailAddress"].Value} {profile.Properties["ProfileName"].Value} {profile.Properties["AccountType"].Value}");
        Assert.Null(profile.Properties["UserSid"].Value);
        var text = File.ReadAllText(_folder.File("a.prf"));
        Assert.Contains("ProfileName=Work\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Account1=I_Mail\r\n", text, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_file_that_is_there_stays_without_Force_and_WhatIf_writes_none()
    {
        Assert.Empty(Run($"New-OutlookSmtpProfile a@contoso.example {Servers} -Path $folder/a.prf -WhatIf").AssertNoErrors().Output);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        File.WriteAllText(_folder.File("a.prf"), "kept");
        Assert.StartsWith("FileExists", Run($"New-OutlookSmtpProfile a@contoso.example {Servers} -Path $folder/a.prf").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(_folder.File("a.prf")));
        Run($"New-OutlookSmtpProfile a@contoso.example {Servers} -Path $folder/a.prf -Force").AssertNoErrors();
        Assert.StartsWith(";Section 1", File.ReadAllText(_folder.File("a.prf")), StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_are_named_and_the_others_go_on()
    {
        var result = Run($$"""
            @('a@contoso.example', 'A'), @('nobody', 'B'), @('c@contoso.example', 'Ελένη'), @('d@contoso.example', 'D') |
                ForEach-Object { [pscustomobject]@{ EmailAddress = $_[0]; DisplayName = $_[1]; Path = "$folder/$($_[0]).prf" } } | New-OutlookSmtpProfile {{Servers}}
            """);
        Assert.Equal(["InvalidAddress Row 2 (nobody)", "MailClientFormatUnfit Row 3 (c@contoso.example)"], result.Errors.Select(error => $"{error.FullyQualifiedErrorId.Split(',')[0]} {error.Exception.Message.Split(':')[0]}"));
        Assert.Equal(["a@contoso.example.prf", "d@contoso.example.prf"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_file_is_for_one_user_and_a_folder_for_many()
    {
        var result = Run($"'a@contoso.example', 'b@contoso.example' | ForEach-Object {{ [pscustomobject]@{{ EmailAddress = $_ }} }} | New-OutlookSmtpProfile {Servers} -Path $folder/x.prf -Force");
        Assert.StartsWith("FileExists", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("EmailAddress=a@contoso.example", File.ReadAllText(_folder.File("x.prf")), StringComparison.Ordinal);
        File.Delete(_folder.File("x.prf"));
        Run($"'a@contoso.example', 'b@contoso.example' | ForEach-Object {{ [pscustomobject]@{{ EmailAddress = $_ }} }} | New-OutlookSmtpProfile {Servers} -Path $folder").AssertNoErrors();
        Assert.Equal(["a@contoso.example.prf", "b@contoso.example.prf"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_a_name_the_organisation_is_the_users_domain()
    {
        Run("New-OutlookSmtpProfile a@contoso.example -Pop3Server pop.host.example -SmtpServer smtp.host.example -Path $folder/a.prf").AssertNoErrors();
        Assert.Contains("ProfileName=contoso.example", File.ReadAllText(_folder.File("a.prf")), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_address_there_is_no_account() =>
        Assert.StartsWith("MailClientFormatUnfit", Run($"New-OutlookSmtpProfile {Servers} -Path $folder/a.prf").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public void Staging_elsewhere_than_on_Windows_is_one_clear_error()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "This is Windows.");
        var error = Run($"New-OutlookSmtpProfile a@contoso.example {Servers}").Error;
        Assert.StartsWith("OutlookNeedsWindows", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Path", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_and_a_place_to_stage_exclude_each_other() =>
        Assert.StartsWith("AmbiguousParameterSet", Run($"New-OutlookSmtpProfile a@contoso.example {Servers} -Path $folder/a.prf -StagingPath $folder").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

    private EngineResult Run(string script) => _engine.Run("param($folder) " + script, _folder.Path);
}
