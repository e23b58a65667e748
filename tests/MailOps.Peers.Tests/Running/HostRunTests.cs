namespace MailOps.Peers.Tests.Running;

/// <summary><c>MailOps.Host run script.ps1</c>: what schedulers see of a script.</summary>
public sealed class HostRunTests
{
    [Theory]
    [InlineData("'done'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("try { exit 4 } finally { 'cleaned' }", 4)]
    [InlineData("function f { exit 5 }; f; 'not reached'", 5)]
    [InlineData("throw 'boom'", 1)]
    [InlineData("if (", 1)]
    [InlineData("Resolve-MailExchanger -Domain 'a..b' -ErrorAction Stop; 'not reached'", 1)]
    [InlineData("Resolve-MailExchanger -Domain 'a..b'; 'reached'", 0)]
    public async Task The_exit_code_says_how_the_script_ended(string script, int expected)
    {
        using var folder = new TestFolder();
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", folder.Write("s.ps1", script)]);
        Assert.True(expected == exitCode, $"{exitCode}:\n{output}");
        Assert.DoesNotContain("not reached", output.Split('\n'));
    }

    [Fact]
    public async Task A_terminating_error_is_readable_and_goes_to_standard_error()
    {
        using var folder = new TestFolder();
        var script = folder.Write("s.ps1", "'shown'\nthrow 'the disk is on fire'");
        var (exitCode, output) = await ChildProcess.RunAsync("sh", ["-c", "dotnet \"$0\" run \"$1\" 2>/dev/null", Installed.Host(), script]);
        Assert.Equal((1, "shown"), (exitCode, output.Trim()));
        (_, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", script]);
        Assert.Contains("the disk is on fire", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_does_not_parse_is_not_begun_and_each_fault_is_told_with_its_place()
    {
        using var folder = new TestFolder();
        var script = folder.Write("s.ps1", "'not begun'\nif ($true {\n}\n  $a = 'x' + ;\n");
        var (exitCode, output) = await ChildProcess.RunAsync("sh", ["-c", "dotnet \"$0\" run \"$1\" 2>/dev/null", Installed.Host(), script]);
        Assert.Equal((1, ""), (exitCode, output.Trim()));
        (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", script]);
        Assert.Equal(1, exitCode);
        Assert.Contains($"{script}:2:11: MissingEndParenthesisAfterStatement: Missing closing ')' after expression in 'if' statement.", output.Split('\n'));
        Assert.Contains($"{script}:4:13: ExpectedValueExpression: You must provide a value expression following the '+' operator.", output.Split('\n'));
    }

    [Fact]
    public async Task Classes_may_be_made_of_the_types_of_the_module_and_of_those_a_script_uses()
    {
        using var folder = new TestFolder();
        folder.Write("theirs.psm1", "class Theirs { [string] Said() { return 'used' } }");
        var script = folder.Write("s.ps1", """
            using module ./theirs.psm1
            class Derived : MailOps.PowerShell.RelayCmdlet { }
            class Attributed { [MailOps.PowerShell.Seconds()] [object] $Wait; [MailOps.SmtpRelayMessage] $Message }
            class Mine : Theirs { }
            [Derived].BaseType.Name
            [Attributed].GetProperty('Wait').GetCustomAttributes($true).ForEach({ $_.GetType().Name }) -contains 'SecondsAttribute'
            [Mine]::new().Said()
            exit 3
            """);
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", script]);
        Assert.Equal((3, "RelayCmdlet True used"), (exitCode, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Theory]
    [InlineData("param([Parameter(Mandatory)] $Configuration) 'not reached'", "Configuration")]
    [InlineData("function f { param([Parameter(Mandatory)] $First, [Parameter(Mandatory)] $Second) }; $ErrorActionPreference = 'Stop'; f", "First Second")]
    [InlineData("$ErrorActionPreference = 'Stop'; function f { [CmdletBinding(SupportsShouldProcess)] param() $PSCmdlet.ShouldProcess('x') }; f -Confirm", "confirmation; -Confirm:$false")]
    [InlineData("$ErrorActionPreference = 'Stop'; $Host.UI.PromptForCredential('c', 'm', 'u', 't')", "PSCredential")]
    public async Task What_would_be_asked_for_is_an_error_that_says_what_to_give(string script, string told)
    {
        using var folder = new TestFolder();
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", folder.Write("s.ps1", script)]);
        Assert.True(exitCode == 1, $"{exitCode}:\n{output}");
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
        Assert.All(told.Split(' '), word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("'a'\n\nfunction f {\n  throw 'deep'\n}\nf", "s.ps1:4", "deep")]
    [InlineData("$ErrorActionPreference = 'Stop'\n\n\nResolve-MailExchanger -Domain 'a..b'", "s.ps1:4", "a..b")]
    [InlineData("param([switch] $Config)\n$ErrorActionPreference = 'Stop'\nResolve-MailExchanger -Domian x", "s.ps1:3", "Domian")]
    public async Task A_terminating_error_tells_its_place(string script, string place, string message)
    {
        using var folder = new TestFolder();
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", folder.Write("s.ps1", script)]);
        Assert.Equal(1, exitCode);
        Assert.Contains(place, output, StringComparison.Ordinal);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-Date; 'reached'", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Date", 1)]
    public async Task A_command_that_only_pwsh_has_is_told_as_that(string script, int expected)
    {
        using var folder = new TestFolder();
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", folder.Write("s.ps1", script)]);
        Assert.Equal(expected, exitCode);
        Assert.Contains("Not found: Get-Date. The host has the engine's core commands", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parameter_that_the_script_does_not_have_is_told_plainly()
    {
        using var folder = new TestFolder();
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", folder.Write("s.ps1", "[CmdletBinding()] param($Config)"), "-Confg", "x"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("Confg", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output.Split('\n'), line => line.StartsWith(": ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_script_whose_finally_still_runs(string signal)
    {
        using var folder = new TestFolder();
        var script = folder.Write("s.ps1", "try { 'begun'; while ($true) { } } finally { [Console]::WriteLine('cleaned') }");
        await using var host = ChildProcess.Start("dotnet", [Installed.Host(), "run", script]);
        await Until.TrueAsync(() => host.Lines.Contains("begun"), () => host.Output);
        await ChildProcess.RunAsync("kill", ["-" + signal, host.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.Equal(130, await host.ExitAsync());
        Assert.Contains("cleaned", host.Lines);
    }

    [Fact]
    public async Task Arguments_reach_the_parameters_of_the_script()
    {
        using var folder = new TestFolder();
        var script = folder.Write("s.ps1", "param([string] $Name, [switch] $Loud, [int] $Count = 1) \"$Name $Loud $Count\"");
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "run", script, "-Name", "Ada", "-Loud", "-Count", "3"]);
        Assert.Equal((0, "Ada True 3"), (exitCode, output.Trim()));
    }
}
