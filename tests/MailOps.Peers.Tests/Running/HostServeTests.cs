using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary><c>MailOps.Host serve relay.json</c>: what a service manager's log has of it.</summary>
public sealed class HostServeTests
{
    [Fact]
    public async Task Warnings_are_told_at_start_and_when_they_come_up_each_once()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.At("queue/damaged"));
        await using var relay = await RelayHost.StartAsync(folder, new { queuePath = folder.At("queue"), listeners = new[] { new { endpoint = "127.0.0.1:0", minTlsVersion = "Tls10" } } });
        await Until.TrueAsync(() => Warnings(relay).Length == 1, () => relay.Output);
        Assert.Contains("takes TLS 1.0, which is broken", Warnings(relay)[0], StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.At("queue/damaged/1.log"), "x", TestContext.Current.CancellationToken);
        await Until.TrueAsync(() => Warnings(relay).Length == 2, () => relay.Output);
        Assert.Contains("The disk damaged what was queued", Warnings(relay)[1], StringComparison.Ordinal);
        await relay.StopAsync();
        Assert.Equal(2, Warnings(relay).Length);
    }

    private static string[] Warnings(RelayHost relay) => [.. relay.Output.Split('\n').Where(line => line.StartsWith("WARNING: ", StringComparison.Ordinal))];
}
