using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Durability;

/// <summary>
/// SIGKILL in the middle of traffic. RFC 5321 section 4.2.5: after the 250 the message is the relay's to deliver or to report, whatever happens;
/// a message may come twice only where the relay could not know that it had been taken.
/// </summary>
public sealed partial class CrashTests : IDisposable
{
    private const int Sessions = 8;
    private const int Connections = 4;

    // What one flush of the queue may cover: outcomes are recorded in groups, so the last ones before a crash are not yet on record.
    private const int InFlight = 100;

    private const int Rounds = 4;
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task No_message_that_got_250_is_lost_over_several_crashes()
    {
        await using var next = CapturingServer.Start("PIPELINING", "CHUNKING", "8BITMIME");
        ConcurrentBag<string> accepted = [];
        List<int> crashes = [];
        for (var round = 0; round < Rounds; round++)
        {
            await using var relay = await RelayAsync(next.Port);
            var wanted = accepted.Count + 200 + 50 * (round % 4);
            var sending = Enumerable.Range(0, Sessions).Select(session => SendAsync(relay.Port, $"{round}-{session}", accepted)).ToList();
            await Until.TrueAsync(() => accepted.Count >= wanted, () => $"{accepted.Count} of {wanted} messages accepted. {relay.Output}");
            await relay.CrashAsync();
            await Task.WhenAll(sending);
            crashes.Add(next.Messages.Count);
        }

        await using var last = await RelayAsync(next.Port);
        await DeliveredAsync(next, accepted, () => Subjects(next), last);
        await last.StopAsync();
        AssertOnlyInFlightCameTwice(Subjects(next), crashes);
    }

    [Fact]
    public async Task No_message_of_smtp_source_that_got_250_is_lost()
    {
        await using var next = CapturingServer.Start("PIPELINING", "CHUNKING", "8BITMIME");
        await using var source = await CrashUnderSmtpSourceAsync(next.Port);
        var atCrash = next.Messages.Count;
        await source.ExitAsync();
        // With -v it prints each reply; the one to the content names the queue id, which the trace header repeats.
        var accepted = source.Lines.Select(line => Queued().Match(line)).Where(match => match.Success).Select(match => match.Groups["id"].Value).ToList();
        Assert.True(accepted.Count >= 100, $"{accepted.Count} messages accepted:\n{source.Output}");

        await using var last = await RelayAsync(next.Port);
        await DeliveredAsync(next, accepted, () => Ids(next), last);
        await last.StopAsync();
        AssertOnlyInFlightCameTwice(Ids(next), [atCrash]);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<ChildProcess> CrashUnderSmtpSourceAsync(int next)
    {
        var program = Installed.Program("smtp-source", "postfix");
        await using var relay = await RelayAsync(next);
        var source = ChildProcess.Start(program,
            ["-v", "-s", "10", "-m", "100000", "-l", "2048", "-f", "s@example.test", "-t", "r@far.test", $"127.0.0.1:{relay.Port.ToString(CultureInfo.InvariantCulture)}"]);
        await Until.TrueAsync(() => source.HasExited || source.Lines.Count(line => Queued().IsMatch(line)) >= 100, () => $"{source.Output}\n{relay.Output}");
        await relay.CrashAsync();
        return source;
    }

    // Sends until the connection breaks; what got its 250 goes into the bag, what did not may arrive or not.
    private static async Task SendAsync(int port, string session, ConcurrentBag<string> accepted)
    {
        try
        {
            await using var client = await WireClient.GreetAsync(port);
            for (var number = 0; ; number++)
            {
                var id = $"{session}-{number}";
                var body = new string('x', 1000 + number % 7 * 5000);
                var reply = await client.SubmitAsync("s@example.test", "r@far.test", Encoding.ASCII.GetBytes($"Subject: id {id}\r\n\r\n{body}\r\n"));
                Assert.StartsWith("250 2.", reply, StringComparison.Ordinal);
                accepted.Add(id);
            }
        }
        catch (IOException)
        {
            // The crash.
        }
    }

    private static async Task DeliveredAsync(CapturingServer next, IReadOnlyCollection<string> accepted, Func<List<string>> arrived, RelayHost relay)
    {
        await Until.TrueAsync(() => next.Messages.Count >= accepted.Count && !accepted.Except(arrived()).Any(), () =>
            $"{accepted.Except(arrived()).Count()} of {accepted.Count} accepted messages were lost, such as {accepted.Except(arrived()).FirstOrDefault()}; {next.Messages.Count} arrived in all. {relay.Output}");
    }

    // What came twice must have come for the first time just before a crash.
    private static void AssertOnlyInFlightCameTwice(List<string> arrived, List<int> crashes)
    {
        foreach (var id in arrived.GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            var first = arrived.IndexOf(id);
            Assert.True(crashes.Exists(crash => first >= crash - InFlight && first < crash + Connections),
                $"{id} came first as number {first} and again as number {arrived.LastIndexOf(id)}; the crashes were at {string.Join(", ", crashes)}.");
        }
    }

    private static List<string> Subjects(CapturingServer next) => [.. next.Messages.Select(message => Subject().Match(message.Head).Groups["id"].Value)];

    private static List<string> Ids(CapturingServer next) => [.. next.Messages.Select(message => TraceId().Match(message.Head).Groups["id"].Value)];

    [GeneratedRegex(@"^Subject: id (?<id>[\d-]+)\r$", RegexOptions.Multiline)]
    private static partial Regex Subject();

    [GeneratedRegex(@"<<< 250 2\.\d+\.\d+ (?<id>\S+) queued$")]
    private static partial Regex Queued();

    [GeneratedRegex(@"\sid (?<id>[^\s;]+)")]
    private static partial Regex TraceId();

    private Task<RelayHost> RelayAsync(int next) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        routes = new[] { new { kind = "SmartHost", host = $"127.0.0.1:{next.ToString(CultureInfo.InvariantCulture)}", tls = "None" } },
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
        delivery = new { maxConnectionsPerDestination = Connections },
    });
}
