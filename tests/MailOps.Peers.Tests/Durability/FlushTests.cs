using System.Text;
using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Durability;

/// <summary>What the kernel was asked for, in order: a crash of the process cannot show a missing flush, for the page cache survives it.</summary>
public sealed partial class FlushTests : IDisposable
{
    private const int Messages = 5;
    private readonly TestFolder _folder = new();

    // A small message is a record in the log; a large one is a file of its own, which its record names.
    [Theory]
    [InlineData(500, "log")]
    [InlineData(3_000_000, "log", "spool")]
    public async Task The_queue_is_flushed_to_disk_before_each_250(int size, params string[] folders)
    {
        var strace = Installed.Program("strace", "strace");
        var trace = _folder.At("strace");
        List<string> replies = [];
        var relay = await RelayHost.StartAsync(_folder, Configuration(), null,
            strace, "-f", "-y", "-s", "400", "-e", "trace=fsync,fdatasync,sync_file_range,sendto,sendmsg,write,writev", "-o", trace);
        await using (relay)
        {
            await using var client = await WireClient.GreetAsync(relay.Port);
            for (var number = 0; number < Messages; number++)
                replies.Add(await client.SubmitDataAsync("s@example.test", "r@far.test", Encoding.ASCII.GetBytes($"Subject: {number}\r\n\r\n{Lines(size)}")));
            // strace writes a call when it is over, which the client may be ahead of.
            await Until.TrueAsync(() => ReadShared(trace).Contains(replies[^1], StringComparison.Ordinal), () => $"the trace has no {replies[^1]}");
        }

        Assert.All(replies, reply => Assert.StartsWith("250 2.", reply, StringComparison.Ordinal));
        var calls = ReadShared(trace).Split('\n');
        var from = 0;
        foreach (var reply in replies)
        {
            var answered = Array.FindIndex(calls, from, call => call.Contains($"\"{reply}", StringComparison.Ordinal));
            Assert.True(answered > 0, $"The trace has no {reply}.");
            var asked = Array.FindLastIndex(calls, answered, call => call.Contains("354 Start", StringComparison.Ordinal));
            Assert.True(asked >= from, "The trace has no 354 before that 250.");
            foreach (var folder in folders)
            {
                Assert.True(Flushed(calls[asked..answered], _folder.At($"queue/{folder}/")),
                    $"No flush of a file in {folder} between 354 and {reply}:\n{string.Join('\n', calls[asked..answered])}");
            }

            from = answered + 1;
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string Lines(int size) => string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", size / 100));

    // With -f a call that another thread interrupts is printed in two parts: "fsync(9</path> <unfinished ...>", "<... fsync resumed>) = 0".
    private static bool Flushed(string[] calls, string folder)
    {
        var begun = new HashSet<string>();
        foreach (var match in calls.Select(call => Flush().Match(call)).Where(match => match.Success))
        {
            var thread = match.Groups["thread"].Value;
            var ours = match.Groups["path"].Value.StartsWith(folder, StringComparison.Ordinal) || (match.Groups["resumed"].Success && begun.Contains(thread));
            if (ours && match.Groups["done"].Success) return true;
            if (ours) begun.Add(thread);
        }

        return false;
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^(?<thread>\d+)\s+(<\.\.\. (?<resumed>f(data)?sync) resumed>|f(data)?sync\(\d+<(?<path>[^>]*)>).*?(?<done>= 0)?$")]
    private static partial Regex Flush();

    private object Configuration() => new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        // Nobody listens there: the messages stay queued, and no flush is for a delivery.
        routes = new[] { new { kind = "SmartHost", host = "127.0.0.1:1", tls = "None" } },
    };
}
