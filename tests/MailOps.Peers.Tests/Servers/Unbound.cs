using System.Globalization;
using MailOps.Peers.Tests.Running;

namespace MailOps.Peers.Tests.Servers;

/// <summary>A real resolver that knows the test's zone and asks nobody else.</summary>
internal sealed class Unbound : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private Unbound(ChildProcess process, int port) => (_process, Port) = (process, port);

    /// <summary>Where it answers, UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Starts it with the records of the zone <c>test.</c>, each as in a zone file.</summary>
    public static Task<Unbound> StartAsync(TestFolder folder, params string[] records) => StartAsync(folder, $"""
              module-config: "iterator"
              local-zone: "test." static
            {string.Join('\n', records.Select(record => $"  local-data: '{record}'"))}
            """);

    /// <summary>Starts it on zones, whose signatures it validates: those below an anchor must have one.</summary>
    public static Task<Unbound> StartAsync(TestFolder folder, params SignedZone[] zones) => StartAsync(folder, $"""
              module-config: "validator iterator"
              local-zone: "test." transparent
            {string.Join('\n', zones.Where(zone => zone.Anchor is not null).Select(zone => $"  trust-anchor-file: \"{zone.Anchor}\""))}
            {string.Join('\n', zones.Select(zone => $"""
            auth-zone:
              name: "{zone.Name}."
              zonefile: "{zone.File}"
              for-downstream: no
              for-upstream: yes
              fallback-enabled: no
            """))}
            """);

    private static async Task<Unbound> StartAsync(TestFolder folder, string knows)
    {
        var program = Installed.Program("unbound", "unbound");
        var port = Ports.Free();
        var file = folder.Write("unbound.conf", $"""
            server:
              interface: 127.0.0.1
              port: {port.ToString(CultureInfo.InvariantCulture)}
              do-daemonize: no
              do-ip6: no
              use-syslog: no
              username: ""
              chroot: ""
              directory: "{folder.Location}"
              pidfile: ""
            {knows}
            remote-control:
              control-enable: no
            """);
        var process = ChildProcess.Start(program, ["-d", "-c", file]);
        var unbound = new Unbound(process, port);
        await Ports.OpenAsync(port, process);
        return unbound;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
