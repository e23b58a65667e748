using System.Text;
using MailOps.Peers.Tests.Outlook;
using MailOps.Peers.Tests.Running;

[assembly: AssemblyFixture(typeof(WineMachine))]

namespace MailOps.Peers.Tests.Outlook;

/// <summary>A machine with the registry of Windows: Wine in a prefix of its own, made when the first test asks for it, and the host as it is published for Windows. Gone, with its server, after the last test.</summary>
public sealed class WineMachine : IAsyncDisposable
{
    /// <summary>The tests that look at whole keys of the one registry: one after the other.</summary>
    public const string Registry = "The registry";

    private const string Programs = "/usr/lib/wine";

    private readonly SemaphoreSlim _gate = new(1);
    private TestFolder? _folder;
    private ChildProcess? _server;
    private string? _missing;

    /// <summary>The published host, as Unix names it.</summary>
    private static string HostFolder => Installed.RepositoryFile("artifacts/win-x64/host");

    private KeyValuePair<string, string>[] Environment =>
    [
        new("HOME", _folder!.At("home")), new("WINEPREFIX", _folder.At("prefix")), new("WINEDEBUG", "-all"), new("WINEDLLOVERRIDES", "winemenubuilder.exe=d"), new("DISPLAY", ""),
        new("POWERSHELL_TELEMETRY_OPTOUT", "1"), new("DOTNET_EnableWriteXorExecute", "0"),
    ];

    /// <summary>The machine, or the test is skipped.</summary>
    public async Task<WineMachine> ReadyAsync()
    {
        var wine = Wine();
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_folder is null) await MakeAsync(wine);
        }
        finally
        {
            _gate.Release();
        }
        Assert.SkipWhen(_missing is not null, _missing ?? "");
        return this;
    }

    /// <summary>The path as programs in Wine name it.</summary>
    public static string Windows(string path) => "Z:" + path.Replace('/', '\\');

    /// <summary>Imports a .reg file, and judges by exporting the key again.</summary>
    public async Task<string> ImportAsync(string key, string text)
    {
        var file = _folder!.At($"{Guid.NewGuid():N}.reg");
        await File.WriteAllTextAsync(file, "Windows Registry Editor Version 5.00\r\n\r\n" + text.ReplaceLineEndings("\r\n"), Encoding.Unicode, TestContext.Current.CancellationToken);
        await RunAsync("regedit", "/S", Windows(file));
        return await ExportAsync(key);
    }

    /// <summary>A key with all below it, as the registry editor writes it.</summary>
    public async Task<string> ExportAsync(string key)
    {
        var file = _folder!.At($"{Guid.NewGuid():N}.reg");
        // On a machine under load the editor ends now and then without having written anything, and without an exit code that says so.
        for (var attempt = 0; attempt < 3 && !File.Exists(file); attempt++) await RunAsync("regedit", "/E", Windows(file), key);
        return File.Exists(file) ? (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n").Replace("\\\n  ", "", StringComparison.Ordinal) : "";
    }

    /// <summary>Runs a script on the host.</summary>
    /// <returns>The exit code and what it wrote.</returns>
    public async Task<(int ExitCode, string Output)> ScriptAsync(string script)
    {
        await using var host = StartScript(script);
        var exitCode = await host.ExitAsync();
        return (exitCode, string.Join('\n', host.Lines.Where(line => !line.StartsWith("wine: ", StringComparison.Ordinal))));
    }

    /// <summary>Starts a script on the host.</summary>
    /// <param name="script">The script.</param>
    /// <param name="program">The host under another name, if it is given.</param>
    internal ChildProcess StartScript(string script, string program = "MailOps.Host.exe") =>
        ChildProcess.Start(Wine(), [Path.Combine(HostFolder, program), "run", Windows(_folder!.Write($"{Guid.NewGuid():N}.ps1", script))], Environment);

    /// <summary>The host under the name of another program.</summary>
    internal static string HostAs(string name)
    {
        File.Copy(Path.Combine(HostFolder, "MailOps.Host.exe"), Path.Combine(HostFolder, name), overwrite: true);
        return name;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_folder is null) return;
        await ChildProcess.RunAsync(Path.Combine(Programs, "wineserver64"), ["-k"], Environment);
        await ChildProcess.RunAsync(Path.Combine(Programs, "wineserver64"), ["-w"], Environment);
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
        _gate.Dispose();
    }

    private static string Wine()
    {
        var path = Path.Combine(Programs, "wine64");
        Assert.SkipUnless(File.Exists(path), "wine64 is not installed (Debian: apt-get install wine64; tests/run.sh does it as root).");
        return path;
    }

    private async Task MakeAsync(string wine)
    {
        _folder = new TestFolder();
        Directory.CreateDirectory(_folder.At("home"));
        var host = Installed.RepositoryFile("artifacts/win-x64");
        string[] publish =
            ["publish", Installed.RepositoryFile("src/MailOps.Host"), "-r", "win-x64", "--self-contained", "-c", "Debug", "--artifacts-path", host, "-o", HostFolder, "-p:RunAnalyzers=false", "-m:1", "-nodeReuse:false", "--nologo", "-v", "q"];
        var (exitCode, output) = IsPublished() ? (0, "") : await PublishAsync(publish);
        if (exitCode != 0 && output.Contains("NU1", StringComparison.Ordinal))
        {
            _missing = "The runtime for win-x64 cannot be had here: " + output.Split('\n')[0];
            return;
        }
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await ChildProcess.RunAsync("cp", ["-r", Installed.RepositoryFile("out/MailOps"), HostFolder]);
        Assert.True(exitCode == 0, output);
        // Its own output would keep the test's pipes open.
        _server = ChildProcess.Start("sh", ["-c", "exec \"$0\" -f -p >/dev/null 2>&1", Path.Combine(Programs, "wineserver64")], Environment);
        await ChildProcess.RunAsync("sh", ["-c", "exec \"$0\" wineboot -i >/dev/null 2>&1", wine], Environment);
        Assert.Contains("[HKEY_CURRENT_USER\\Software", await ExportAsync("HKEY_CURRENT_USER\\Software"), StringComparison.Ordinal);
    }

    // What is there was made after all that it would be made from: publishing compiles everything anew.
    private static bool IsPublished() => Directory.EnumerateFiles(Path.GetDirectoryName(Installed.Host())!, "MailOps.*.dll")
        .All(built => File.GetLastWriteTimeUtc(Path.Combine(HostFolder, Path.GetFileName(built))) > File.GetLastWriteTimeUtc(built));

    private static async Task<(int ExitCode, string Output)> PublishAsync(string[] arguments)
    {
        await using var publish = ChildProcess.Start("dotnet", arguments);
        return (await publish.ExitAsync(TimeSpan.FromMinutes(6)), publish.Output);
    }

    private async Task RunAsync(params string[] arguments) =>
        await ChildProcess.RunAsync("sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", Wine(), .. arguments], Environment);
}
