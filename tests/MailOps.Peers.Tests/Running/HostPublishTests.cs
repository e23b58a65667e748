namespace MailOps.Peers.Tests.Running;

/// <summary><c>dotnet publish src/MailOps.Host</c>: what docs/operations.md tells to install.</summary>
public sealed class HostPublishTests
{
    [Fact]
    public async Task The_host_can_be_published_and_finds_the_module_beside_it()
    {
        using var folder = new TestFolder();
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        // What a publish that builds would gather; the build itself is left out, so that nothing is written where other tests read.
        string[] gather = ["msbuild", Installed.RepositoryFile("src/MailOps.Host"), "-t:PrepareProjectReferences;ComputeResolvedFilesToPublishList", "-p:Configuration=" + configuration, "-nodeReuse:false"];
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", gather);
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await ChildProcess.RunAsync("dotnet", ["publish", Installed.RepositoryFile("src/MailOps.Host"), "--no-build", "-nodeReuse:false", "-c", configuration, "-o", folder.At("host")]);
        Assert.True(exitCode == 0, output);
        (exitCode, output) = await ChildProcess.RunAsync("cp", ["-r", Installed.RepositoryFile("out/MailOps"), folder.At("host")]);
        Assert.True(exitCode == 0, output);
        var script = folder.Write("s.ps1", "(Get-Module MailOps).ModuleBase");
        (exitCode, output) = await ChildProcess.RunAsync("dotnet", [folder.At("host/MailOps.Host.dll"), "run", script]);
        Assert.Equal((0, folder.At("host/MailOps")), (exitCode, output.Trim()));
    }
}
