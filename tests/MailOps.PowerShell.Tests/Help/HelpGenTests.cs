using System.Xml.Linq;

namespace MailOps.PowerShell.Tests.Help;

/// <summary>The build's help generator refuses what a user could not read.</summary>
public sealed class HelpGenTests
{
    private const string Send = "MailOps.PowerShell.Commands.SendSmtpMessageCommand";

    [Fact]
    public async Task With_every_comment_it_writes_the_help()
    {
        using var folder = new TempFolder();
        var (code, output) = await Generate(folder, _ => { });
        Assert.Equal("", output);
        Assert.Equal(0, code);
        Assert.Equal(
            File.ReadAllText(Path.Combine(BuiltFiles.Module, "en-US/MailOps.PowerShell.dll-Help.xml")),
            File.ReadAllText(folder.File("help.xml")));
    }

    [Fact]
    public void An_example_of_several_lines_has_not_the_comment_s_margin() => Assert.Contains(
        "<dev:code>$credential = Get-Credential\nSend-SmtpMessage",
        File.ReadAllText(Path.Combine(BuiltFiles.Module, "en-US/MailOps.PowerShell.dll-Help.xml")).Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);

    [Theory]
    [InlineData("T:" + Send, "summary", "Send-SmtpMessage has no summary.")]
    [InlineData("T:" + Send, "example", "Send-SmtpMessage has no example.")]
    [InlineData("P:" + Send + ".To", "summary", "Send-SmtpMessage -To has no summary.")]
    public async Task A_gap_is_an_error_of_the_build_and_nothing_is_written(string member, string tag, string message)
    {
        using var folder = new TempFolder();
        var (code, output) = await Generate(folder, comments =>
            comments.Descendants("member").Single(m => (string?)m.Attribute("name") == member).Elements(tag).Remove());
        Assert.Equal("MailOps.PowerShell.xml : error MAILOPS001: " + message, output);
        Assert.Equal(1, code);
        Assert.False(File.Exists(folder.File("help.xml")));
    }

    private static async Task<(int ExitCode, string Output)> Generate(TempFolder folder, Action<XDocument> damage)
    {
        var comments = XDocument.Load(BuiltFiles.Built("MailOps.PowerShell", "MailOps.PowerShell.xml", "net10.0"), LoadOptions.PreserveWhitespace);
        damage(comments);
        comments.Save(folder.File("MailOps.PowerShell.xml"), SaveOptions.DisableFormatting);
        return await Child.RunAsync(
            "dotnet", BuiltFiles.Built("MailOps.HelpGen", "MailOps.HelpGen.dll"), BuiltFiles.Module, folder.File("help.xml"),
            folder.File("MailOps.PowerShell.xml"), BuiltFiles.Built("MailOps.Abstractions", "MailOps.Abstractions.xml"));
    }
}
