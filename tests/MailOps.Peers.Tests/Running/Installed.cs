namespace MailOps.Peers.Tests.Running;

/// <summary>What the machine has: a test whose peer is missing reports itself skipped and says what to install.</summary>
internal static class Installed
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin", "/usr/lib/postfix/sbin", "/usr/lib/dovecot"];

    /// <summary>The path of a program, or the test is skipped.</summary>
    /// <param name="name">The program.</param>
    /// <param name="package">The Debian package that has it.</param>
    public static string Program(string name, string package)
    {
        var path = Folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed (Debian: apt-get install {package}; tests/run.sh does it as root).");
        return path!;
    }

    /// <summary>Skips the test unless it runs as root, which servers that change their user need.</summary>
    public static void Root(string why) => Assert.SkipUnless(Environment.IsPrivilegedProcess, $"Not root: {why}");

    /// <summary>The folder of a Node.js package, or the test is skipped.</summary>
    public static string NodeModules(string package)
    {
        var folder = Path.Combine(RepositoryFile("artifacts"), "peers", "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, package)), $"The Node.js package {package} is not in artifacts/peers (tests/run.sh installs it).");
        return folder;
    }

    /// <summary>The folder of third-party test data, or the test is skipped.</summary>
    public static string Conformance(string folder)
    {
        var root = Environment.GetEnvironmentVariable("MAILOPS_CONFORMANCE") is { Length: > 0 } named
            ? named
            : RepositoryFile("../shared/conformance");
        var path = Path.Combine(root, folder);
        Assert.SkipUnless(Directory.Exists(path), $"The conformance data is not at {Path.GetFullPath(path)}; MAILOPS_CONFORMANCE may name its folder.");
        return path;
    }

    /// <summary>The host's assembly, built beside these tests in the same configuration.</summary>
    public static string Host()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(output.Parent!.Parent!.FullName, "MailOps.Host", output.Name, "MailOps.Host.dll");
    }

    /// <summary>A script of this project's Scripts folder.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    /// <summary>A path in the repository, or the test is skipped.</summary>
    public static string RepositoryFile(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MailOps.sln"))) folder = folder.Parent;
        Assert.SkipWhen(folder is null, "The tests do not run from within the repository.");
        return Path.Combine(folder!.FullName, path);
    }
}
