namespace MailOps.Tests.Shared;

/// <summary>The third-party test data, which lies beside the repository and not in it.</summary>
internal static class Conformance
{
    /// <summary>The files of one folder and below, in a fixed order; the test is skipped where the data is absent.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern)
    {
        var root = Environment.GetEnvironmentVariable("MAILOPS_CONFORMANCE") is { Length: > 0 } named
            ? named
            : Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../shared/conformance"));
        var path = Path.Combine(root, folder);
        Assert.SkipUnless(Directory.Exists(path), $"The conformance data is not at {path}; MAILOPS_CONFORMANCE can name its folder.");
        return [.. Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }
}
