using System.Management.Automation;
using System.Management.Automation.Runspaces;

// Runs the script of the first argument with the other arguments; a line for each object, an "error: id: message" line for each error, exit code 0.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
var state = InitialSessionState.CreateDefault2();
if (OperatingSystem.IsWindows()) state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
using var runspace = RunspaceFactory.CreateRunspace(state);
runspace.Open();
using var shell = PowerShell.Create(runspace);
shell.AddScript(args[0]);
foreach (var argument in args[1..]) shell.AddArgument(argument);
var output = new PSDataCollection<PSObject>();
output.DataAdded += (_, e) => Console.WriteLine(output[e.Index]);
try
{
    shell.Invoke(null, output);
}
catch (RuntimeException e)
{
    shell.Streams.Error.Add(e.ErrorRecord);
}
foreach (var error in shell.Streams.Error) Console.WriteLine($"error: {error.FullyQualifiedErrorId}: {error.Exception.GetBaseException().GetType().Name}: {error}");
return 0;
