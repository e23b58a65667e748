#if !NET
using System.Collections.Concurrent;
using System.Reflection;

namespace MailOps.PowerShell.Loading;

/// <summary>Finds Core and its packages for .NET Framework, which has no load contexts: an answer to what the runtime cannot resolve itself.</summary>
/// <remarks>
/// LoadFile and not LoadFrom: the exact file, never merged with another module's copy. powershell.exe has no binding redirects for us; accepting a
/// higher version than was asked for does their work.
/// </remarks>
internal static class Dependencies
{
    private static readonly string Root = Path.GetDirectoryName(typeof(Dependencies).Assembly.Location) + Path.DirectorySeparatorChar;
    private static readonly ConcurrentDictionary<string, Assembly> Loaded = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Once per process; a second runspace that imports at the same time waits here for the first.</summary>
    static Dependencies() => AppDomain.CurrentDomain.AssemblyResolve += Resolve;

    /// <summary>Touching the type is enough.</summary>
    internal static void Hook()
    {
    }

    private static Assembly? Resolve(object sender, ResolveEventArgs args)
    {
        // The runtime does not always say who asks; then it may be the front assembly, which must get its Core.
        if (args.RequestingAssembly is { IsDynamic: false } asking && !asking.Location.StartsWith(Root, StringComparison.OrdinalIgnoreCase)) return null;   // not one of ours
        var wanted = new AssemblyName(args.Name);
        if (wanted.Name == "MailOps.Abstractions") return typeof(MailOpsException).Assembly;   // never a second copy of the types that users hold
        var path = Path.Combine(Root, "dependencies", wanted.Name + ".dll");
        if (!File.Exists(path) || AssemblyName.GetAssemblyName(path).Version < wanted.Version) return null;
        return Loaded.GetOrAdd(path, Assembly.LoadFile);
    }
}
#endif
