using System.Diagnostics;
using System.Management.Automation;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class ExportMailClientProfileCommandTests : IClassFixture<Engine>, IDisposable
{
    private const string Servers = "-ImapServer imap.contoso.example -SmtpServer smtp.contoso.example -Organization Contoso -Domain contoso.example";
    private readonly Engine _engine;
    private readonly TempFolder _folder = new();

    public ExportMailClientProfileCommandTests(Engine engine) => _engine = engine;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Several_forms_in_one_call_are_files_of_a_folder_that_is_made()
    {
        var files = Run($"Export-MailClientProfile ./new/folder AutodiscoverXml, Autoconfig, DnsSrv, Instructions, Autoconfig {Servers} -WarningAction SilentlyContinue").AssertNoErrors().Output;
        Assert.Equal(["AutodiscoverXml autodiscover.xml", "Autoconfig config-v1.1.xml", "DnsSrv contoso.example.srv.zone", "Instructions instructions.md"], files.Select(Shown));
        Assert.All(files, file => Assert.True(File.Exists((string)file.Properties["Path"].Value)));
        Assert.Equal(4, Directory.GetFiles(_folder.File("new/folder")).Length);
        if (!OperatingSystem.IsWindows()) Assert.True(File.GetUnixFileMode(_folder.File("new/folder/autodiscover.xml")).HasFlag(UnixFileMode.OtherRead), "A web server cannot read it.");
    }

    [Fact]
    public void A_template_for_a_form_without_place_holders_is_an_error_and_the_others_are_written()
    {
        var result = Run($"Export-MailClientProfile . MobileConfig, Autoconfig {Servers}");
        Assert.Equal("MailClientFormatUnfit", result.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("-EmailAddress", result.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("Autoconfig config-v1.1.xml", Shown(Assert.Single(result.Output)));
    }

    [Fact]
    public void Nothing_is_overwritten_without_Force_and_nothing_is_left_beside()
    {
        File.WriteAllText(_folder.File("config-v1.1.xml"), "kept");
        var result = Run($"Export-MailClientProfile . Autoconfig {Servers}");
        Assert.Equal("FileExists", result.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("kept", File.ReadAllText(_folder.File("config-v1.1.xml")));
        Assert.Single(Run($"Export-MailClientProfile . Autoconfig {Servers} -Force").AssertNoErrors().Output);
        Assert.StartsWith("<?xml", File.ReadAllText(_folder.File("config-v1.1.xml")), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void WhatIf_makes_neither_file_nor_folder()
    {
        Assert.Empty(Run($"Export-MailClientProfile ./new Autoconfig, MobileConfig {Servers} -EmailAddress a@contoso.example -WhatIf").AssertNoErrors().Output);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_is_wrong_with_the_settings_ends_it_before_the_first_file()
    {
        var result = Run("try { Export-MailClientProfile ./new Autoconfig -Provider AmazonSes -Settings @([MailOps.MailSettings]@{ Address = 'a@b.example'; Server = 'x y'; Port = 1 }) -Organization \"a`nb\" } catch { $_ }");
        var error = Assert.IsType<ErrorRecord>(Assert.Single(result.Output).BaseObject);
        Assert.StartsWith("MailClientSettingsInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        foreach (var part in new[] { "both -Provider and -Settings", "'x y' is no host name", "no server for reading", "a\\u000Ab" }) Assert.Contains(part, error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("-Provider Nobody", "MailProviderNotFound")]
    [InlineData("-Provider ''", "ParameterArgumentValidationError")]
    [InlineData("-SmtpPort 70000", "ParameterArgumentValidationError")]
    [InlineData("-AccountType Smtp", "ParameterArgumentValidationError")]
    [InlineData("-Format Vcard", "CannotConvertArgumentNoMessage")]
    public void Values_that_cannot_be_are_refused(string parameters, string id) =>
        Assert.StartsWith(id, Run($"Export-MailClientProfile . {(parameters.Contains("-Format", StringComparison.Ordinal) ? "" : "Autoconfig")} {parameters}").Error.FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public void A_user_has_files_of_his_own_and_a_name_that_is_fit_for_a_file()
    {
        var files = Run($"'user@contoso.example', '\"a/../b\"@contoso.example' | ForEach-Object {{ [pscustomobject]@{{ PrimarySmtpAddress = $_; DisplayName = ''; UserName = '' }} }} | Export-MailClientProfile . MobileConfig, DnsSrv {Servers}").AssertNoErrors().Output;
        Assert.Equal(["MobileConfig user@contoso.example.mobileconfig", "DnsSrv contoso.example.srv.zone", "MobileConfig %22a%2F..%2Fb%22@contoso.example.mobileconfig"], files.Select(Shown));
        Assert.Equal("user@contoso.example", files[0].Properties["EmailAddress"].Value);
        Assert.Contains("%EMAIL", File.ReadAllText((string)Run($"Export-MailClientProfile ./t Autoconfig {Servers}").Only.Properties["Path"].Value), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_rows_with_bad_ones_among_them_and_a_second_run()
    {
        var rows = Enumerable.Range(1, 1000).Select(row => row switch
        {
            100 => Row("nobody", "No Body"),
            200 => Row("", "Nameless"),
            300 => Row("u300@contoso.example", new string('x', 300)),
            400 => Row("u400@contoso.example", "two\nlines"),
            500 => Row("u1@contoso.example", "Again"),
            600 => Row("u600@elsewhere.example", "Else"),
            _ => Row($"u{row}@contoso.example", $"User {row}"),
        }).ToArray();
        var script = $"param($folder, $rows) $rows | Export-MailClientProfile $folder/out MobileConfig, AutodiscoverXml {Servers}";
        var clock = Stopwatch.StartNew();
        var result = _engine.Run(script, _folder.Path, rows);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");

        Assert.Equal(
            ["InvalidAddress Row 100 (nobody)", "InvalidAddress Row 200 ()", "MailClientSettingsInvalid Row 300 (u300@contoso.example)", "MailClientSettingsInvalid Row 400 (u400@contoso.example)", "FileExists Row 500 (u1@contoso.example)", "FileExists Row 500 (u1@contoso.example)"],
            result.Errors.Select(error => $"{error.FullyQualifiedErrorId.Split(',')[0]} {error.Exception.Message.Split(':')[0]}"));
        Assert.Equal(2 * 995, result.Output.Count);
        Assert.Equal(2 * 995, Directory.GetFiles(_folder.File("out")).Length);
        Assert.Single(result.Warnings, warning => warning.Contains("u600@elsewhere.example is in none of the domains", StringComparison.Ordinal));
        Assert.True(result.Warnings.Count < 6, "A warning is told once.");

        var before = Directory.GetFiles(_folder.File("out")).ToDictionary(file => file, File.ReadAllText);
        Assert.Equal(2 * 996 + 4, _engine.Run(script, _folder.Path, rows).Errors.Count);
        Assert.Equal(before, Directory.GetFiles(_folder.File("out")).ToDictionary(file => file, File.ReadAllText));
    }

    [Fact]
    public void Settings_in_the_pipeline_are_not_taken_for_users()
    {
        var result = Run("[MailOps.MailSettings]@{ Address = 'a@b.example'; Server = 'imap.b.example'; Port = 993; UserName = 'a' } | Export-MailClientProfile . Autoconfig -Provider Gmail -Domain b.example");
        Assert.StartsWith("InvalidAddress", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_was_found_for_an_address_becomes_a_definition()
    {
        Run("""
            $found = [MailOps.MailSettings]@{ Address = 'a@b.example'; Protocol = 'Imap'; Server = 'imap.b.example'; Port = 993; Tls = 'Implicit'; UserNameForm = '%EMAILLOCALPART%'; DisplayName = 'B Ltd' },
                [MailOps.MailSettings]@{ Address = 'a@b.example'; Protocol = 'Smtp'; Server = 'smtp.b.example'; Port = 587; Tls = 'StartTls'; UserNameForm = '%EMAILADDRESS%' }
            Export-MailClientProfile . Autoconfig -Settings $found -SmtpAuthentication None
            """).AssertNoErrors();
        var text = File.ReadAllText(_folder.File("config-v1.1.xml"));
        foreach (var part in new[] { "<domain>b.example</domain>", "<displayName>B Ltd</displayName>", "%EMAILLOCALPART%", "<authentication>none</authentication>" }) Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_without_its_key_is_refused_at_once()
    {
        using var certificate = MailOps.Tests.Shared.Certificates.SelfSigned("signer.example");
        using var bare = MailOps.Tests.Shared.Certificates.WithoutKey(certificate);
        var script = $"param($certificate, $folder) Export-MailClientProfile $folder MobileConfig {Servers} -EmailAddress a@contoso.example -SigningCertificate $certificate";
        Assert.StartsWith("SigningFailed", _engine.Run(script, bare, _folder.Path).Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        _engine.Run(script, certificate, _folder.Path).AssertNoErrors();
        Assert.Equal(0x30, File.ReadAllBytes(_folder.File("a@contoso.example.mobileconfig"))[0]);
    }

    [Fact]
    public void PRF_and_reg_files_take_profile_and_account_from_the_record()
    {
        var script = $"[pscustomobject]@{{ EmailAddress = 'a@contoso.example'; DisplayName = ''; ProfileName = 'Work'; AccountKey = '0000000b'; OutlookVersion = '15.0' }} | Export-MailClientProfile . Prf, Reg {Servers}";
        Assert.Equal(["Prf a@contoso.example.prf", "Reg a@contoso.example.reg"], Run(script).AssertNoErrors().Output.Select(Shown));
        Assert.Contains("ProfileName=Work\r\n", File.ReadAllText(_folder.File("a@contoso.example.prf")), StringComparison.Ordinal);
        Assert.Contains(@"15.0\Outlook\Profiles\Work\9375CFF0413111d3B88A00104B2A6676\0000000b]", File.ReadAllText(_folder.File("a@contoso.example.reg")), StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_without_a_server_choose_among_those_of_the_provider()
    {
        Run("Export-MailClientProfile . Autoconfig -Provider Gmail -Domain b.example -SmtpPort 587 -WarningAction SilentlyContinue").AssertNoErrors();
        var text = File.ReadAllText(_folder.File("config-v1.1.xml"));
        Assert.Contains("<port>587</port>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<port>465</port>", text, StringComparison.Ordinal);
        foreach (var parameters in new[] { "-Provider Gmail -SmtpPort 2525", "-Provider Gmail -SmtpTls None", "-SmtpServer smtp.b.example -ImapPort 993" })
            Assert.StartsWith("MailClientSettingsInvalid,", Run($"Export-MailClientProfile ./new Autoconfig -Domain b.example {parameters}").Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Imap")]
    [InlineData("Pop3")]
    [InlineData("Smtp")]
    public void Two_kinds_of_TLS_are_not_a_third(string protocol)
    {
        var error = Run($"Export-MailClientProfile . Autoconfig {Servers} -{protocol}Tls None, StartTls").Error;
        Assert.StartsWith("ParameterArgumentTransformationError", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("more than one name", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_Outlook_needs_beyond_the_settings_is_in_the_PRF_file()
    {
        Run($"Export-MailClientProfile . Prf {Servers} -Pop3Server pop.contoso.example -AccountType Pop3 -EmailAddress a@contoso.example -KeepDefaultProfile -DaysOnServer 14").AssertNoErrors();
        var text = File.ReadAllText(_folder.File("a@contoso.example.prf"));
        foreach (var line in new[] { "DefaultProfile=No\r\n", "LeaveOnServer=0xE0003\r\n" }) Assert.Contains(line, text, StringComparison.Ordinal);
        Run($"New-OutlookSmtpProfile a@contoso.example {Servers} -Pop3Server pop.contoso.example -AccountType Pop3 -LeaveOnServer $false -Path $folder/b.prf").AssertNoErrors();
        text = File.ReadAllText(_folder.File("b.prf"));
        foreach (var line in new[] { "DefaultProfile=Yes\r\n", "LeaveOnServer=0x0\r\n" }) Assert.Contains(line, text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_PRF_file_cannot_hold_is_an_error_of_the_row_and_other_forms_are_written()
    {
        var result = Run($"[pscustomobject]@{{ EmailAddress = 'a@contoso.example'; DisplayName = 'Ελένη' }} | Export-MailClientProfile . Prf, Reg, MobileConfig {Servers}");
        Assert.Equal(["MailClientFormatUnfit", "MailClientFormatUnfit"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.StartsWith("Row 1 (a@contoso.example): 'Ελένη' (DisplayName)", result.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-AccountKey", result.Errors[1].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("MobileConfig a@contoso.example.mobileconfig", Shown(Assert.Single(result.Output)));
    }

    [Fact]
    public void A_version_is_a_column_of_text_as_any_other_and_a_wrong_one_is_that_rows_error()
    {
        var result = Run($$"""
            @('a', ''), @('b', '16'), @('c', '2019'), @(' d', '15.0') | ForEach-Object { [pscustomobject]@{ EmailAddress = "$($_[0])@contoso.example "; ProfileName = 'P'; AccountKey = '00000002'; OutlookVersion = $_[1] } } |
                Export-MailClientProfile . Reg {{Servers}}
            """);
        Assert.StartsWith("Row 3 (c@contoso.example ): OutlookVersion '2019'", Assert.Single(result.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "d"], result.Output.Select(file => Path.GetFileName((string)file.Properties["Path"].Value)[..1]));
    }

    private static string Shown(PSObject file) => $"{file.Properties["Format"].Value} {Path.GetFileName((string)file.Properties["Path"].Value)}";

    // As Import-Csv gives it: text in all columns, empty where nothing is there.
    private static PSObject Row(string address, string name)
    {
        var row = new PSObject();
        row.Properties.Add(new PSNoteProperty("EmailAddress", address));
        row.Properties.Add(new PSNoteProperty("DisplayName", name));
        row.Properties.Add(new PSNoteProperty("UserName", ""));
        return row;
    }

    private EngineResult Run(string script) => _engine.Run("param($folder) $paths = $ExecutionContext.SessionState.Path; [void]$paths.SetLocation($folder); try { " + script + " } finally { [void]$paths.SetLocation('/') }", _folder.Path);
}
