namespace MailOps.Relay.Tests;

/// <summary>Where the repository and the third-party test data lie.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MailOps.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No MailOps.sln above {from}.");
    }
}
