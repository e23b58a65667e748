using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Load;

/// <summary>
/// Clients that keep their session and say nothing, or a byte at a time: they cost neither threads nor memory to speak of, and mail goes through beside them.
/// How long a 250 takes meanwhile is for bench/hold.sh to say.
/// </summary>
public sealed partial class HoldTests : IDisposable
{
    private const int Idle = 1000, Slow = 60, Turns = 20;

    // Threads that the pool starts because the machine is busy; sessions that held one would be as many as they are.
    private const int ThreadMargin = 40;

    // The bar is 10 KiB, which bench/run.sh measures; here there is room for a heap that grows in steps. A session that kept the buffer it reads content into would need 24.
    private const int MemoryLimit = 12 * 1024;

    // Garbage is collected early, so that it is not taken for what sessions hold.
    private static readonly KeyValuePair<string, string>[] SmallNursery = [new("DOTNET_GCgen0size", "0x100000"), new("DOTNET_gcConcurrent", "0")];
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Idle_sessions_hold_no_thread_and_little_memory()
    {
        await using var relay = await RelayAsync();
        // Measured again where it is too much: a heap grows in steps, and one may fall into the measurement. Sessions that hold too much do so each time.
        var (threads, memory) = (0, long.MaxValue);
        for (var attempt = 0; attempt < 3 && (threads > ThreadMargin || memory > MemoryLimit * Idle); attempt++)
        {
            await SendAsync(relay, 50);
            var (threadsBefore, memoryBefore) = (Threads(relay), PrivateMemory(relay));
            await using var idle = await Sessions.OpenAsync(relay.Port, Idle);
            (threads, memory) = (Threads(relay) - threadsBefore, PrivateMemory(relay) - memoryBefore);
            await idle.AnswerAsync();
        }

        Assert.InRange(threads, int.MinValue, ThreadMargin);
        Assert.InRange(memory / Idle, long.MinValue, MemoryLimit);
    }

    [Fact]
    public async Task Sessions_that_send_a_byte_at_a_time_hold_no_thread_and_keep_no_other_client_waiting()
    {
        await using var relay = await RelayAsync();
        await SendAsync(relay, 5);
        var threads = Threads(relay);
        await using var commands = await Sessions.OpenAsync(relay.Port, Slow);
        await using var contents = await Sessions.OpenAsync(relay.Port, Slow);
        foreach (var session in contents.All) await BeginAsync(session);
        await using var client = await WireClient.GreetAsync(relay.Port);
        var text = new string('x', Turns);
        foreach (var letter in text.Select(letter => new[] { (byte)letter }))
        {
            foreach (var session in commands.All.Concat(contents.All)) await session.SendAsync(letter);
            Assert.StartsWith("250 2.", await client.SubmitDataAsync("s@example.test", "r@far.test", Encoding.ASCII.GetBytes("Subject: quick\r\n\r\ntext\r\n")), StringComparison.Ordinal);
        }

        Assert.InRange(Threads(relay) - threads, int.MinValue, ThreadMargin);
        // Each was heard, letter by letter, and gets its answer as soon as it comes to an end.
        foreach (var session in commands.All) Assert.StartsWith("500 5.5.", await session.AskAsync(""), StringComparison.Ordinal);
        foreach (var session in contents.All) Assert.StartsWith("250 2.", await session.AskAsync("\r\n."), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task BeginAsync(WireClient session)
    {
        Assert.StartsWith("250", await session.AskAsync("MAIL FROM:<slow@example.test>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await session.AskAsync("RCPT TO:<r@far.test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await session.AskAsync("DATA"), StringComparison.Ordinal);
    }

    // What a relay has that was used: code, threads, buffers of the pool.
    private static async Task SendAsync(RelayHost relay, int count)
    {
        await using var used = await Sessions.OpenAsync(relay.Port, count);
        foreach (var session in used.All)
            Assert.StartsWith("250 2.", await session.SubmitAsync("s@example.test", "r@far.test", Encoding.ASCII.GetBytes("Subject: warm\r\n\r\ntext\r\n")), StringComparison.Ordinal);
    }

    private static int Threads(RelayHost relay) => Directory.GetDirectories($"/proc/{Number(relay.Id)}/task").Length;

    private static long PrivateMemory(RelayHost relay) =>
        PrivateKibibytes().Matches(File.ReadAllText($"/proc/{Number(relay.Id)}/smaps_rollup")).Sum(match => long.Parse(match.Groups["kib"].Value, CultureInfo.InvariantCulture)) * 1024;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Private_(Clean|Dirty): +(?<kib>\d+) kB$", RegexOptions.Multiline)]
    private static partial Regex PrivateKibibytes();

    private async Task<RelayHost> RelayAsync()
    {
        Assert.SkipUnless(File.Exists("/proc/self/smaps_rollup"), "Threads and memory of another process are read from /proc, which only Linux has.");
        return await RelayHost.StartAsync(_folder, new
        {
            hostName = "relay.example.test",
            queuePath = _folder.At("queue"),
            listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
            // Nobody listens there: the messages stay queued.
            routes = new[] { new { kind = "SmartHost", host = "127.0.0.1:1", tls = "None" } },
        }, SmallNursery);
    }
}
