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

    [Fact]
    public async Task A_standard_error_that_nobody_reads_does_not_hold_up_the_stop()
    {
        using var folder = new TestFolder();
        var pipe = folder.At("stderr");
        Assert.Equal(0, (await ChildProcess.RunAsync("mkfifo", [pipe])).ExitCode);
        using var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);   // it reads nothing
        await reader.WriteAsync(new byte[64 << 10], TestContext.Current.CancellationToken);   // and now the pipe is full
        var configuration = new { queuePath = folder.At("queue"), listeners = new[] { new { endpoint = "127.0.0.1:0", minTlsVersion = "Tls10" } } };
        await using var relay = await RelayHost.StartAsync(folder, configuration, null, "sh", "-c", $"exec \"$@\" 2>'{pipe}'", "sh");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);   // until it has begun to warn
        await relay.StopAsync();
    }

    [Fact]
    public async Task It_can_be_stopped_while_it_starts_on_a_disk_that_does_not_answer()
    {
        using var folder = new TestFolder();
        var pipe = folder.At("relay.json");
        Assert.Equal(0, (await ChildProcess.RunAsync("mkfifo", [pipe])).ExitCode);
        await using var host = ChildProcess.Start("dotnet", [Installed.Host(), "serve", pipe]);
        // It opens when the host reads it, which then waits for the first byte.
        using var silent = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)).WaitAsync(Until.Limit, TestContext.Current.CancellationToken);
        host.Terminate();
        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("told to stop while it started", host.Output, StringComparison.Ordinal);
    }

    private static string[] Warnings(RelayHost relay) => [.. relay.Output.Split('\n').Where(line => line.StartsWith("WARNING: ", StringComparison.Ordinal))];
}
