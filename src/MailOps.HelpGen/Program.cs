using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Xml.Linq;
using MailOps.HelpGen;

// HelpGen <module folder> <help file> <xml comments>…: exit code 1, and a line in the build's error format for each gap, where help is missing.
if (args.Length < 3)
{
    Console.Error.WriteLine("Usage: MailOps.HelpGen <module folder> <help file to write> <xml comments>...");
    return 2;
}
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

var commands = Commands(args[0]);
if (commands.Length == 0)
{
    Console.Error.WriteLine($"{Path.GetFileName(args[2])} : error MAILOPS002: The module exports no cmdlet.");
    return 1;
}
var comments = new XmlComments(args[2..], commands);
var maml = new Maml(comments);
var help = maml.Document(commands);
foreach (var gap in comments.Gaps) Console.Error.WriteLine($"{Path.GetFileName(args[2])} : error MAILOPS001: {gap}");
if (comments.Gaps.Count > 0) return 1;

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
help.Save(args[1], SaveOptions.None);
return 0;

static CmdletInfo[] Commands(string module)
{
    var state = InitialSessionState.CreateDefault2();
    if (OperatingSystem.IsWindows()) state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
    using var runspace = RunspaceFactory.CreateRunspace(state);
    runspace.Open();
    using var shell = PowerShell.Create(runspace);
    shell.AddScript("param($path) $module = Import-Module -Name $path -PassThru -ErrorAction Stop; Get-Command -Module $module.Name -CommandType Cmdlet").AddArgument(module);
    return [.. shell.Invoke<CmdletInfo>().OrderBy(c => c.Name, StringComparer.Ordinal)];
}
