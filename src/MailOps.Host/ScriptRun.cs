using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.PowerShell;

namespace MailOps.Host;

/// <summary>Runs a script on the PowerShell engine where pwsh is not installed: module imported, output formatted to the console, errors readable.</summary>
internal static class ScriptRun
{
    private const int Interrupted = 130;   // 128 + SIGINT, as shells say it

    /// <summary>Runs the script to its end.</summary>
    /// <returns>0; or what <c>exit</c> said; 1 after a terminating error, or where the script does not parse; 130 after Ctrl+C.</returns>
    public static int Execute(string script, string[] arguments)
    {
        if (!File.Exists(script))
        {
            Console.Error.WriteLine($"There is no script {script}. Give the path of a .ps1 file.");
            return 1;
        }
        // The engine reports what modules are imported; a mail server's host tells nobody.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        var host = new ConsoleHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, SessionState());
        runspace.ThreadOptions = PSThreadOptions.UseNewThread;
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        using var ended = new CancellationTokenSource();
        var stopped = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            shell.AddCommand("Import-Module").AddParameter("Name", ModulePath()).AddParameter("ErrorAction", "Stop").Invoke();
            if (stopped) return Interrupted;
            shell.Commands.Clear();
            if (Parse(script, runspace, out var parsed) is { Length: > 0 } errors) return Refuse(errors);
            AddScript(shell, Path.GetFullPath(script), arguments);
            shell.Invoke();
            TellMissingCommands(runspace);
            return stopped ? Interrupted : host.ExitCode ?? ExitCode(parsed, runspace);
        }
        catch (RuntimeException) when (stopped)
        {
            return Interrupted;
        }
        catch (RuntimeException e)
        {
            Report(host, runspace, e.ErrorRecord);
            TellMissingCommands(runspace);
            return 1;
        }
        finally
        {
            ended.Cancel();
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped = true;
            _ = StopAsync(shell, ended.Token);
        }
    }

    // With the module imported, for the types that a script's own classes and attributes may be made of: the parser looks for them.
    private static ParseError[] Parse(string script, Runspace runspace, out ScriptBlockAst parsed)
    {
        Runspace.DefaultRunspace = runspace;
        try
        {
            parsed = Parser.ParseFile(Path.GetFullPath(script), out _, out var errors);
            return errors;
        }
        finally
        {
            Runspace.DefaultRunspace = null;
        }
    }

    // All at once, as compilers say it, so that editors and logs lead to the place. The engine would show nothing of them here.
    private static int Refuse(ParseError[] errors)
    {
        foreach (var error in errors) Console.Error.WriteLine($"{error.Extent.File}:{error.Extent.StartLineNumber}:{error.Extent.StartColumnNumber}: {error.ErrorId}: {error.Message}");
        return 1;
    }

    // Again and again until it has ended: a stop between two invocations, or before the first, has nothing to stop.
    private static async Task StopAsync(PowerShell shell, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            shell.BeginStop(null, null);
            await Task.Delay(TimeSpan.FromMilliseconds(50), ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // exit leaves its number in LASTEXITCODE, as programs that the script ran do; without an exit in the script it is theirs, and the code is 0 as in pwsh.
    private static int ExitCode(ScriptBlockAst script, Runspace runspace) =>
        script.Find(node => node is ExitStatementAst, searchNestedScriptBlocks: true) is not null
        && runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code
            ? code
            : 0;

    private static InitialSessionState SessionState()
    {
        var state = InitialSessionState.CreateDefault2();
        // Whoever starts the host names the script; on Windows the policy would otherwise refuse the module's own files too.
        if (OperatingSystem.IsWindows()) state.ExecutionPolicy = ExecutionPolicy.Bypass;
        return state;
    }

    private static void AddScript(PowerShell shell, string script, string[] arguments)
    {
        shell.AddCommand(script);
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument is not ['-', _, ..] || !char.IsLetter(argument[1])) shell.AddArgument(argument);
            else if (i + 1 < arguments.Length && !arguments[i + 1].StartsWith('-')) shell.AddParameter(argument[1..], arguments[++i]);
            else shell.AddParameter(argument[1..]);
        }
        // Errors go the way of output, to the formatter, so that they appear in their place among it.
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
    }

    // As the engine's own formatter shows errors, place and recommendation and all: given to it as it is, since WriteError would put its own place in it.
    private static void Report(ConsoleHost host, Runspace runspace, ErrorRecord error)
    {
        host.OutputIsError();
        using var shell = PowerShell.Create(runspace);
        shell.AddCommand("Out-Default").Invoke(new[] { error });
    }

    // Whoever knows pwsh takes these for slips of the host, and the engine's own words say nothing of why.
    private static void TellMissingCommands(Runspace runspace)
    {
        if (runspace.SessionStateProxy.GetVariable("Error") is not ArrayList errors) return;
        var missing = errors.OfType<ErrorRecord>().Where(error => error.FullyQualifiedErrorId == nameof(CommandNotFoundException)).Select(error => ((CommandNotFoundException)error.Exception).CommandName).Distinct().ToList();
        if (missing.Count > 0) Console.Error.WriteLine($"Not found: {string.Join(", ", missing)}. The host has the engine's core commands and MailOps only, and none of pwsh's other modules.");
    }

    // Beside the host where it is installed, otherwise where the build laid it out.
    private static string ModulePath()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "MailOps", "MailOps.psd1");
        if (File.Exists(beside)) return beside;
        var root = typeof(ScriptRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "ModuleRoot").Value!;
        return Path.Combine(root, "MailOps.psd1");
    }
}
