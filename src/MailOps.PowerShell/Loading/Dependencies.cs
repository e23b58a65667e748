#if NET
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace MailOps.PowerShell.Loading;

/// <summary>The private load context of Core, Relay and their packages, so that another module's MailKit is not ours, nor ours theirs.</summary>
/// <remarks>
/// The sub folder matters: what lies beside the front assembly would be taken into the default context. The default context asks for two names only;
/// everything below is resolved in here, and what the folder lacks comes from the default context: the framework, PowerShell, Abstractions.
/// </remarks>
internal sealed class Dependencies : AssemblyLoadContext
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(typeof(Dependencies).Assembly.Location)!, "dependencies");

    /// <summary>Once per process; a second runspace that imports at the same time waits here for the first.</summary>
    static Dependencies()
    {
        var context = new Dependencies();
        // Load, not LoadFromAssemblyName: with a file missing, that would ask this handler again until the stack overflows.
        Default.Resolving += (_, name) => name.Name is "MailOps.Core" or "MailOps.Relay" ? context.Load(name) : null;
    }

    private Dependencies()
        : base("MailOps")
    {
    }

    /// <summary>Touching the type is enough.</summary>
    internal static void Hook()
    {
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        Find(assemblyName.Name + ".dll", OperatingSystem.IsWindows() ? "runtimes/win/lib/net10.0" : "", "") is { } path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        var file = OperatingSystem.IsWindows() ? unmanagedDllName + ".dll" : OperatingSystem.IsMacOS() ? $"lib{unmanagedDllName}.dylib" : $"lib{unmanagedDllName}.so";
        return Find(file, $"runtimes/{RuntimeInformation.RuntimeIdentifier}/native") is { } path ? LoadUnmanagedDllFromPath(path) : 0;
    }

    private static string? Find(string file, params string[] folders) =>
        folders.Select(folder => Path.Combine(Folder, folder, file)).FirstOrDefault(File.Exists);
}
#endif
