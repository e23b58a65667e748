using System.Reflection;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>Where the build put things.</summary>
public static class BuiltFiles
{
    /// <summary>The module as users get it.</summary>
    public static string Module { get; } = Path.GetFullPath(Metadata("ModuleRoot"));

    public static string Repository { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    /// <summary>Cmdlets on the module's base classes, for tests only.</summary>
    public static string TestCmdlets { get; } = Built("MailOps.PowerShell.TestCmdlets", "MailOps.PowerShell.TestCmdlets.dll");

    /// <summary>The engine in a process of its own.</summary>
    public static string Probe { get; } = Built("MailOps.PowerShell.Probe", "MailOps.PowerShell.Probe.dll");

    /// <summary>A file of another project's output; of a project with several frameworks, of one.</summary>
    public static string Built(string project, string file, string? framework = null) =>
        Path.GetFullPath(Path.Combine(Metadata("Artifacts"), project, Metadata("Build") + (framework is null ? "" : "_" + framework), file));

    private static string Metadata(string key) =>
        typeof(BuiltFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == key).Value!;
}
