using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Durability;

/// <summary>The host on a disk that is full or that gives back other bytes than were written, and two hosts on one folder.</summary>
public sealed partial class DiskTests : IDisposable
{
    private static readonly string[] Extensions = ["PIPELINING", "8BITMIME"];

    private readonly TestFolder _folder = new();
    private readonly int _next = Ports.Free();

    public void Dispose() => _folder.Dispose();

    // With a minimum of free space it is refused before the disk is full; without one the write itself fails.
    [Theory]
    [InlineData(4 << 20, true)]
    [InlineData(0, true)]
    [InlineData(0, false)]
    public async Task A_full_disk_refuses_mail_loses_none_and_takes_more_when_there_is_room(int minFreeSpace, bool withLarge)
    {
        string[] small = await SmallDiskAsync();
        await using var relay = await StartAsync(_folder.At("small/queue"), minFreeSpace, small);
        var filler = $"/proc/{relay.Id.ToString(CultureInfo.InvariantCulture)}/root{_folder.At("small/filler")}";
        await File.WriteAllBytesAsync(filler, new byte[4 << 20], TestContext.Current.CancellationToken);
        List<string> accepted = [];
        string reply;
        await using (var client = await WireClient.GreetAsync(relay.Port))
        {
            int Size(int number) => withLarge && number % 10 == 9 ? 300_000 : 10_000;   // the large ones in files of their own
            while ((reply = await SubmitAsync(client, accepted.Count, Size(accepted.Count))).StartsWith("250", StringComparison.Ordinal))
            {
                accepted.Add($"message {accepted.Count}");
                Assert.InRange(accepted.Count, 1, 1200);   // more does not fit
            }
            Assert.StartsWith("452 4.3.1 ", reply, StringComparison.Ordinal);
            Assert.InRange(accepted.Count, 30, 1200);
            Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
            await client.AskAsync("RSET");
            File.Delete(filler);
            await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);   // free space is looked up once a second
            reply = await SubmitAsync(client, accepted.Count, Size(accepted.Count));
            Assert.StartsWith("250", reply, StringComparison.Ordinal);
            accepted.Add($"message {accepted.Count}");
        }
        await using var next = CapturingServer.StartOn(_next, Extensions, 2000);
        await ArrivedAsync(next, accepted, relay);
        await relay.StopAsync();
    }

    // The kernel says EIO to some flushes, as a dying disk does: nobody may be told 250 for what one of them was to keep, whatever a later one says.
    [Theory]
    [InlineData(false, "fsync,fdatasync:error=EIO:when=25+3")]
    [InlineData(true, "fsync,fdatasync:error=EIO:when=25+3")]
    [InlineData(true, "fsync,fdatasync:error=ENOSPC:when=30+2")]
    [InlineData(true, "pwritev,pwrite64:error=EIO:when=60+7")]
    public async Task Flushes_and_writes_that_fail_refuse_mail_and_lose_none(bool crashed, string fault)
    {
        var strace = Installed.Program("strace", "strace");
        List<string> accepted = [];
        var refused = 0;
        await using (var relay = await StartAsync(_folder.At("queue"), 0, strace, "-D", "-f", "-qq", "-o", _folder.At("strace"), "-e", "trace=fsync,fdatasync,pwritev,pwrite64", "-e", "inject=" + fault))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async client =>
            {
                await using var wire = await WireClient.GreetAsync(relay.Port);
                for (var number = client; number < 200; number += 4)
                {
                    var reply = await SubmitAsync(wire, number, number % 20 == 19 ? 300_000 : 2000);
                    lock (accepted)
                    {
                        if (reply.StartsWith("250", StringComparison.Ordinal)) accepted.Add($"message {number}");
                        else refused++;
                    }
                    if (reply[0] != '2') Assert.Matches("^(451 4\\.3\\.0|452 4\\.3\\.1) ", reply);
                }
            }));
            if (crashed) await relay.CrashAsync();
            else await relay.StopAsync();
        }
        Assert.InRange(refused, 1, 199);
        Assert.NotEmpty(accepted);
        await using var next = CapturingServer.StartOn(_next, Extensions, 2000);
        await using var again = await StartAsync(_folder.At("queue"), 0);
        await ArrivedAsync(next, accepted, again);
        await again.StopAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flipped_bit_costs_its_message_alone_and_is_reported(bool crashed)
    {
        List<string> accepted = [];
        await using (var relay = await StartAsync(_folder.At("queue"), 0))
        {
            await using (var client = await WireClient.GreetAsync(relay.Port))
            {
                for (; accepted.Count < 20; accepted.Add($"message {accepted.Count}")) Assert.StartsWith("250", await SubmitAsync(client, accepted.Count), StringComparison.Ordinal);
            }
            if (crashed) await relay.CrashAsync();
            else await relay.StopAsync();
        }
        Flip(Directory.GetFiles(_folder.At("queue/log")), "Subject: message 7\r\n");
        accepted.Remove("message 7");
        await using var next = CapturingServer.StartOn(_next, Extensions);
        await using var again = await StartAsync(_folder.At("queue"), 0);
        await ArrivedAsync(next, accepted, again);
        await Until.TrueAsync(() => Faults().Contains("damaged", StringComparison.Ordinal) || Faults().Contains("not whole", StringComparison.Ordinal), () => $"No damage was reported. {Faults()}");
        await again.StopAsync();
        Assert.DoesNotContain(next.Messages, message => message.Head.Contains("essage 7\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_is_held_by_one_host_and_by_none_after_a_crash()
    {
        await using var relay = await StartAsync(_folder.At("queue"), 0);
        var (exitCode, output) = await ChildProcess.RunAsync("dotnet", [Installed.Host(), "serve", _folder.At("relay.json")]);
        Assert.Equal(1, exitCode);
        Assert.Contains("RelayQueueUnusable", output, StringComparison.Ordinal);
        Assert.Contains("in use by another relay", output, StringComparison.Ordinal);
        await using (var client = await WireClient.GreetAsync(relay.Port)) Assert.StartsWith("250", await SubmitAsync(client, 0), StringComparison.Ordinal);
        await relay.CrashAsync();
        await using var next = CapturingServer.StartOn(_next, Extensions);
        await using var again = await StartAsync(_folder.At("queue"), 0);
        await ArrivedAsync(next, ["message 0"], again);
        await again.StopAsync();
    }

    /// <summary>What runs a program with a file system of 12 MiB in a folder, which is there for that program alone and gone with it.</summary>
    private async Task<string[]> SmallDiskAsync()
    {
        Installed.Root("a file system can be mounted by root alone.");
        var unshare = Installed.Program("unshare", "util-linux");
        var mount = _folder.At("small");
        Directory.CreateDirectory(mount);
        string[] command = [unshare, "-m", "sh", "-c", "mount -t tmpfs -o size=12m tmpfs \"$0\" && exec \"$@\"", mount];
        var (exitCode, output) = await ChildProcess.RunAsync(command[0], [.. command.Skip(1), "true"]);
        Assert.SkipUnless(exitCode == 0, $"This machine does not allow a tmpfs to be mounted: {output}");
        return command;
    }

    // MAIL, RCPT and DATA one by one, since each may be refused.
    private static async Task<string> SubmitAsync(WireClient client, int number, int size = 2000)
    {
        foreach (var command in (string[])["MAIL FROM:<s@example.test>", "RCPT TO:<r@far.test>"])
        {
            var reply = await client.AskAsync(command);
            if (!reply.StartsWith("250", StringComparison.Ordinal)) return reply;
        }
        Assert.StartsWith("354", await client.AskAsync("DATA"), StringComparison.Ordinal);
        var lines = string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", size / 100));
        await client.SendAsync(Encoding.ASCII.GetBytes(FormattableString.Invariant($"Subject: message {number}\r\n\r\n{lines}.\r\n")));
        return await client.ReplyAsync();
    }

    private static Task ArrivedAsync(CapturingServer next, List<string> accepted, RelayHost relay)
    {
        List<string> Missing() => [.. accepted.Except(next.Messages.Select(message => Subject().Match(message.Head).Groups["subject"].Value))];
        return Until.TrueAsync(() => Missing().Count == 0, () => $"{Missing().Count} of {accepted.Count} were lost, such as {Missing().FirstOrDefault()}. {relay.Output}");
    }

    private static void Flip(IEnumerable<string> segments, string text)
    {
        var path = segments.Single(path => File.ReadAllBytes(path).AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) + "Subject: ".Length] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private string Faults() => string.Concat(Directory.GetFiles(_folder.At("queue/tracking"), "*.faults.log").Select(File.ReadAllText));

    [GeneratedRegex(@"^Subject: (?<subject>[\w ]+)\r$", RegexOptions.Multiline)]
    private static partial Regex Subject();

    private Task<RelayHost> StartAsync(string queue, int minFreeSpace, params string[] before) => RelayHost.StartAsync(
        _folder,
        new
        {
            hostName = "relay.example.test",
            queuePath = queue,
            listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
            routes = new[] { new { kind = "SmartHost", host = $"127.0.0.1:{_next.ToString(CultureInfo.InvariantCulture)}", tls = "None" } },
            retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
            limits = new { minFreeSpace },
        },
        null,
        before);
}
