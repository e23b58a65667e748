using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>The relay as a service runs it: <c>MailOps.Host serve relay.json</c>.</summary>
internal sealed partial class RelayHost : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Camel = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };
    private readonly ChildProcess _process;

    private RelayHost(ChildProcess process, IReadOnlyList<int> ports)
    {
        _process = process;
        Ports = ports;
    }

    /// <summary>The port of each listener, in the configuration's order.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>The port of the first listener.</summary>
    public int Port => Ports[0];

    /// <summary>The host's process id (or that of what traces it).</summary>
    public int Id => _process.Id;

    /// <summary>What the host wrote.</summary>
    public string Output => _process.Output;

    /// <summary>Starts the host on a configuration and waits until it is ready.</summary>
    /// <param name="folder">Where the configuration is written.</param>
    /// <param name="configuration">The document as a user would write it, as an anonymous object.</param>
    /// <param name="environment">Environment variables for it.</param>
    /// <param name="before">A program and its arguments to run it under.</param>
    public static async Task<RelayHost> StartAsync(
        TestFolder folder, object configuration, IEnumerable<KeyValuePair<string, string>>? environment = null, params string[] before)
    {
        var file = folder.Write("relay.json", Json(configuration));
        string[] command = [.. before, "dotnet", Installed.Host(), "serve", file];
        var process = ChildProcess.Start(command[0], command.Skip(1), environment);
        try
        {
            await Until.TrueAsync(() => process.HasExited || process.Lines.Contains("Ready"), () => $"the host is not ready:\n{process.Output}");
            Assert.False(process.HasExited, $"The host ended at its start:\n{process.Output}");
            return new(process, [.. process.Lines.Select(line => Listening().Match(line)).Where(match => match.Success).Select(PortOf)]);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        static int PortOf(Match match) => int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>A configuration as its document.</summary>
    public static string Json(object configuration) => JsonSerializer.Serialize(configuration, Camel);

    /// <summary>Stops it as systemd does, and sees that it ends well.</summary>
    public async Task StopAsync()
    {
        _process.Terminate();
        var exitCode = await _process.ExitAsync();
        Assert.True(exitCode == 0, $"SIGTERM gave exit code {exitCode}:\n{Output}");
    }

    /// <summary>SIGKILL: nothing more is written or flushed.</summary>
    public async Task CrashAsync()
    {
        _process.Kill();
        await _process.ExitAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"^Listening on .*:(?<port>\d+) \((?<tls>\w+)\)")]
    private static partial Regex Listening();
}
