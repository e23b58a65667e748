using System.Diagnostics.CodeAnalysis;

namespace MailOps.Peers.Tests.Running;

/// <summary>A folder of one test's own, gone at its end. Servers that change their user can enter it.</summary>
internal sealed class TestFolder : IDisposable
{
    /// <summary>Makes it. The name is short: the path of a Unix socket has at most 107 bytes.</summary>
    public TestFolder()
    {
        Location = Path.Combine(Path.GetTempPath(), $"mo-{Guid.NewGuid():N}"[..15]);
        Directory.CreateDirectory(Location);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Location, Traversable);
    }

    /// <summary>Its full path.</summary>
    public string Location { get; }

    [SuppressMessage("Security", "CA1416", Justification = "Used on Unix alone.")]
    private static UnixFileMode Traversable =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The path of something in it.</summary>
    public string At(string name) => Path.Combine(Location, name);

    /// <summary>Makes a folder in it that the given user owns.</summary>
    public async Task<string> FolderOfAsync(string name, string user)
    {
        Directory.CreateDirectory(At(name));
        var (exitCode, output) = await ChildProcess.RunAsync(Installed.Program("chown", "coreutils"), [user, At(name)]);
        Assert.True(exitCode == 0, output);
        return At(name);
    }

    /// <summary>Writes a file in it.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Location, recursive: true);
}
