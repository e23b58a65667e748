using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>The real PowerShell engine with the built module imported; one runspace, which lives as long as this.</summary>
/// <remarks>It is the bare engine: without Utility and Management, hence no Select-Object, no Write-Output.</remarks>
public sealed class Engine : IDisposable
{
    /// <summary>With the module imported; also as xunit's class fixture.</summary>
    public Engine()
        : this(import: true)
    {
    }

    private Engine(bool import)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows()) state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        Runspace = RunspaceFactory.CreateRunspace(Host, state);
        Runspace.ThreadOptions = PSThreadOptions.UseNewThread;
        Runspace.Open();
        if (import) Run("param($path) Import-Module -Name $path -ErrorAction Stop", BuiltFiles.Module).AssertNoErrors();
    }

    /// <summary>A runspace without the module.</summary>
    public static Engine Bare() => new(import: false);

    public Runspace Runspace { get; }

    /// <summary>What was shown; answers to prompts are set here.</summary>
    public RecordingHost Host { get; } = new();

    /// <summary>Runs a script to its end; one that starts with <c>param(…)</c> gets the arguments.</summary>
    public EngineResult Run(string script, params object?[] arguments)
    {
        using var shell = Shell(script, arguments);
        return EngineResult.Of(shell, shell.Invoke);
    }

    /// <summary>The text that the script's output is shown as, through Out-Default and the format views, without colours.</summary>
    public string Show(string script, params object?[] arguments)
    {
        Host.Clear();
        using var shell = Shell(script, arguments);
        shell.AddCommand("Out-Default").Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.Invoke();
        return Host.Text;
    }

    /// <summary>A shell that has not begun, for tests of stopping; the caller disposes it.</summary>
    public System.Management.Automation.PowerShell Shell(string script, params object?[] arguments)
    {
        var shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = Runspace;
        shell.AddScript(script);
        foreach (var argument in arguments) shell.AddArgument(argument);
        return shell;
    }

    /// <summary>
    /// Stops a script as Ctrl+C does, when it has begun to wait, and checks that it ends at once. What it waits for must take far longer than the ten seconds that count as at once here, for
    /// the machine may be busy.
    /// </summary>
    public void AssertStops(Func<bool> begun, string script, params object?[] arguments)
    {
        using var shell = Shell(script, arguments);
        var running = shell.BeginInvoke();
        Assert.True(SpinWait.SpinUntil(begun, TimeSpan.FromSeconds(30)));

        var clock = Stopwatch.StartNew();
        shell.Stop();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
    }

    public void Dispose() => Runspace.Dispose();
}
