namespace MailOps.PowerShell.Tests.Surface;

/// <summary>One manifest serves both editions, so the cmdlets of the two builds must be the same; the Desktop one is read, not run.</summary>
public sealed class DesktopSurfaceTests
{
    [Fact]
    public void Both_builds_have_the_same_cmdlets_and_parameters()
    {
        var core = Lines("net10.0");
        Assert.Contains(core, l => l.StartsWith("Send-SmtpMessage -To System.String[] ", StringComparison.Ordinal));
        Assert.Equal(core, Lines("net472"));
    }

    private static string[] Lines(string framework)
    {
        using var assembly = new CmdletReader(Path.Combine(BuiltFiles.Module, "bin", framework, "MailOps.PowerShell.dll"));
        return [.. assembly.Describe().Order(StringComparer.Ordinal)];
    }
}
