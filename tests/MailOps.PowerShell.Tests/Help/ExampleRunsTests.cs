namespace MailOps.PowerShell.Tests.Help;

/// <summary>The scripts in examples/ run as they are, each in a process of its own with the module imported.</summary>
public sealed class ExampleRunsTests
{
    public static TheoryData<string> Examples => new(Directory.GetFiles(Path.Combine(BuiltFiles.Repository, "examples"), "*.ps1").Select(f => Path.GetFileName(f)!));

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_runs_to_its_end_without_an_error(string name)
    {
        var (code, output) = await Child.RunScriptAsync(
            "param($module, $example) Import-Module $module -ErrorAction Stop; & $example; 'the end'; @(Get-SmtpRelay).Count",
            BuiltFiles.Module, Path.Combine(BuiltFiles.Repository, "examples", name));
        Assert.Equal(0, code);
        Assert.DoesNotContain("error:", output, StringComparison.Ordinal);
        Assert.EndsWith("the end\n0", output, StringComparison.Ordinal);
    }
}
