using System.Management.Automation;

namespace MailOps.PowerShell.Loading;

/// <summary>Makes the module's dependencies loadable before its first cmdlet is read.</summary>
/// <remarks>
/// The engine enumerates the exported types, then calls this, then reads the cmdlets' attributes: so no exported type may derive from or implement
/// a type of Core or Relay. Nothing is undone when the module is removed: other runspaces share the process, and objects outlive Remove-Module.
/// </remarks>
public sealed class ModuleLifetime : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport()
    {
        Dependencies.Hook();
        GC.KeepAlive(typeof(MailOpsException));   // loads Abstractions now, so that [MailOps.…] literals work before the first cmdlet has run
    }
}
