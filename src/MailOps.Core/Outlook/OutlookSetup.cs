namespace MailOps.Outlook;

/// <summary>What Outlook looks at when it starts: the PRF file that it is to import, and whether it has run before, when it does not look.</summary>
/// <param name="ImportPath">The file; empty where there is none.</param>
/// <param name="HasRun">Whether it has run.</param>
internal readonly record struct OutlookSetup(string ImportPath, bool HasRun)
{
    /// <summary>The value that names the file.</summary>
    public const string ImportValue = "ImportPRF";

    /// <summary>The versions that have such a key.</summary>
    public static readonly string[] Versions = ["16.0", "15.0"];

    /// <summary>The values of which either says that it has run.</summary>
    public static readonly string[] FirstRuns = ["First-Run", "FirstRun"];

    /// <summary>The key of a version, from the root of the hive.</summary>
    public static string PathOf(string version) => $@"Software\Microsoft\Office\{version}\Outlook\Setup";

    /// <summary>Reads it.</summary>
    public static OutlookSetup Read(IRegistryKey hive, string version)
    {
        using var setup = hive.Open(PathOf(version));
        return new OutlookSetup(setup?.Read(ImportValue)?.AsText() ?? "", Array.Exists(FirstRuns, name => setup?.Read(name) is not null));
    }

    /// <summary>How far it is with a file that is there, and whose account is not.</summary>
    public OutlookProfileState StateOf(string path)
    {
        if (ImportPath.Length > 0) return IsNamed(path) && !HasRun ? OutlookProfileState.Staged : OutlookProfileState.None;
        return HasRun ? OutlookProfileState.Consumed : OutlookProfileState.None;
    }

    /// <summary>Whether it is this file that is to be imported.</summary>
    public bool IsNamed(string path) => string.Equals(ImportPath, path, StringComparison.OrdinalIgnoreCase);
}
