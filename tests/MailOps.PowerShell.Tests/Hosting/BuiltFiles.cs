using System.Reflection;

namespace MailOps.PowerShell.Tests.Hosting;

/// <summary>Where the build put things.</summary>
public static class BuiltFiles
{
    /// <summary>The module as users get it.</summary>
    public static string Module { get; } = Path.GetFullPath(Metadata("ModuleRoot"));

    public static string Repository { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    /// <summary>Cmdlets on the module's base classes, for tests only.</summary>
    public static string TestCmdlets { get; } = Path.GetFullPath(Metadata("TestCmdlets"));

    private static string Metadata(string key) =>
        typeof(BuiltFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == key).Value!;
}
