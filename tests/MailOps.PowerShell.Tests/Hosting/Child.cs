using System.Diagnostics;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>A program that runs to its end.</summary>
internal static class Child
{
    /// <summary>A script on the bare engine in a process of its own.</summary>
    public static Task<(int ExitCode, string Output)> RunScriptAsync(string script, params string[] arguments) =>
        RunAsync("dotnet", [BuiltFiles.Probe, script, .. arguments]);

    /// <summary>Exit code, and both outputs together.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, (output + await error).Replace("\r", "", StringComparison.Ordinal).Trim());
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
