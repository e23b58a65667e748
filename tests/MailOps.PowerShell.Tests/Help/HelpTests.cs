using System.Management.Automation;

namespace MailOps.PowerShell.Tests.Help;

/// <summary>Get-Help, as a user asks it.</summary>
public sealed partial class HelpTests : IClassFixture<Engine>
{
    private readonly Engine _engine;

    public HelpTests(Engine engine) => _engine = engine;

    public static TheoryData<string> Cmdlets => new(Names());

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_has_a_synopsis_examples_and_every_parameter(string cmdlet)
    {
        var help = _engine.Run("param($name) Get-Help $name -Full", cmdlet).Only;
        var synopsis = (string)help.Properties["Synopsis"].Value;
        Assert.EndsWith(".", synopsis, StringComparison.Ordinal);
        Assert.DoesNotContain(cmdlet + " [", synopsis, StringComparison.Ordinal);   // the engine's own substitute is the syntax
        var shown = _engine.Run("param($name) (Get-Help $name -Full).parameters.parameter | ForEach-Object { if ($_.description.Text) { $_.name } }", cmdlet);
        var real = _engine.Run("param($name) (Get-Command $name).Parameters.Keys", cmdlet).Output.Select(o => o.ToString()).Except(Cmdlet.CommonParameters);
        Assert.Equal(real.Order(), shown.AssertNoErrors().Output.Select(o => o.ToString()).Order());
        Assert.NotEmpty(_engine.Run("param($name) (Get-Help $name -Examples).examples.example | ForEach-Object { $_.code }", cmdlet).AssertNoErrors().Output);
    }

    [Theory]
    [InlineData("Send-SmtpMessage", "Sends ")]
    [InlineData("Test-SmtpServer", "Tests ")]
    [InlineData("Start-SmtpRelay", "Starts ")]
    public void A_synopsis_is_that_of_the_whole_cmdlet_and_not_of_a_part_of_its_source(string cmdlet, string begins) =>
        Assert.StartsWith(begins, _engine.Run("param($name) (Get-Help $name).Synopsis", cmdlet).Value<string>(), StringComparison.Ordinal);

    [Theory]
    [InlineData("New-OutlookSmtpProfile", "AccountType", "None")]
    [InlineData("Send-SmtpMessage", "MaxConnections", "4")]
    public void A_default_is_one_that_may_be_given(string cmdlet, string parameter, string expected) => Assert.Equal(
        expected, _engine.Run("param($name, $parameter) ((Get-Help $name -Full).parameters.parameter | Where-Object name -eq $parameter).defaultValue", cmdlet, parameter).Value<string>());

    [Fact]
    public void The_about_topic_is_found() =>
        Assert.Contains("durable SMTP relay", _engine.Run("Get-Help about_MailOps").Value<string>(), StringComparison.Ordinal);

    [Fact]
    public void The_about_topic_names_every_cmdlet_and_alias()
    {
        var topic = _engine.Run("Get-Help about_MailOps").Value<string>();
        string[] all = [.. Names(), .. _engine.Run("(Get-Module MailOps).ExportedAliases.Keys").AssertNoErrors().Output.Select(o => o.ToString())];
        Assert.DoesNotContain(all, name => !System.Text.RegularExpressions.Regex.IsMatch(topic, $@"(?<![\w-]){name}(?![\w-])"));
    }

    [Fact]
    public static void The_help_of_the_server_test_names_every_finding()
    {
        var sources = Directory.GetFiles(Path.Combine(BuiltFiles.Repository, "src", "MailOps.Core", "Diagnosis"), "*.cs").Select(File.ReadAllText);
        var ids = sources.SelectMany(text => FindingId().Matches(text)).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.True(ids.Length > 40, $"{ids.Length} were found in the code.");
        var help = File.ReadAllText(Path.Combine(BuiltFiles.Repository, "src", "MailOps.PowerShell", "Commands", "TestSmtpServerCommand.cs"));
        Assert.Contains("(Certificate...)", help, StringComparison.Ordinal);
        Assert.DoesNotContain(ids, id => !id.StartsWith("Certificate", StringComparison.Ordinal) && !System.Text.RegularExpressions.Regex.IsMatch(help, $@"\b{id}\b"));
    }

    [Fact]
    public void The_readme_names_every_cmdlet()
    {
        var readme = File.ReadAllText(Path.Combine(BuiltFiles.Repository, "README.md"));
        Assert.DoesNotContain(Names(), name => !readme.Contains($"`{name}`", StringComparison.Ordinal));
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\bnew(?: SmtpServerFinding)?\(\s*""([A-Z]\w+)"",\s*(?:severity|Failure|Warning)\b")]
    private static partial System.Text.RegularExpressions.Regex FindingId();

    private static string[] Names()
    {
        using var engine = new Engine();
        return [.. engine.Run("(Get-Module MailOps).ExportedCmdlets.Keys").AssertNoErrors().Output.Select(o => o.ToString())];
    }
}
