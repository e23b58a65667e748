using System.Runtime.CompilerServices;

namespace MailOps.PowerShell.Tests.Hosting;

internal static class Telemetry
{
    /// <summary>The engine reads it once, when its first module is imported: tests talk to loopback only.</summary>
    [ModuleInitializer]
    internal static void OptOut() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
}
