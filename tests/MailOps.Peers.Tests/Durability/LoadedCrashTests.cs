using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Durability;

/// <summary>
/// The host under Postfix's smtp-source, with small, middling and large messages (the last in files of their own) for two next hops and a Maildir, killed at a
/// random moment again and again on the same queue: what was acknowledged is held against what arrived.
/// </summary>
public sealed partial class LoadedCrashTests : IDisposable
{
    // One message a connection is in flight, and each destination has at most so many.
    private const int Connections = 4;

    private const int HeadOnly = 1500;

    // bench/crash.sh asks for more of them.
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("MAILOPS_CRASH_ROUNDS") ?? "4", CultureInfo.InvariantCulture);

    private static readonly (string Recipient, int Size, int Sessions, int Messages)[] Loads =
        [("r@small.test", 1000, 5, 300), ("r@large.test", 300_000, 3, 30), ("r@box.test", 10_000, 3, 100)];

    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, string> _accepted = [];   // queue id to recipient
    private readonly Dictionary<string, List<(string Id, int Length)>> _arrived = new() { ["r@box.test"] = [] };
    private readonly Random _random = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_that_got_250_is_lost_over_crashes_under_load()
    {
        var source = Installed.Program("smtp-source", "postfix");
        await using var small = CapturingServer.StartOn(0, ["PIPELINING", "CHUNKING", "8BITMIME"], HeadOnly);
        await using var large = CapturingServer.StartOn(0, ["PIPELINING", "8BITMIME"], HeadOnly);
        var interrupted = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var relay = await StartAsync(small.Port, large.Port);
            if (await CrashAsync(relay, source)) interrupted++;
            TakeFromMaildir();
        }
        await using var last = await StartAsync(small.Port, large.Port);
        await Until.TrueAsync(() => Missing(small, large).Count == 0, () => $"{Missing(small, large).Count} of {_accepted.Count} acknowledged messages were lost, such as {Missing(small, large).FirstOrDefault()}. {last.Output}");
        await last.StopAsync();
        AssertWhole();
        var twice = _arrived.ToDictionary(pair => pair.Key, pair => pair.Value.GroupBy(message => message.Id).Sum(group => group.Count() - 1));
        TestContext.Current.SendDiagnosticMessage(FormattableString.Invariant(
            $"{Rounds} crashes, {interrupted} of them before the clients were done; {_accepted.Count} acknowledged, 0 lost, {twice.Values.Sum()} twice ({string.Join(", ", twice.Select(pair => $"{pair.Key} {pair.Value}"))})"));
        Assert.All(twice.Values, count => Assert.InRange(count, 0, Rounds * Connections));
        Assert.InRange(interrupted, 1, Rounds);
    }

    /// <summary>Loads the relay and kills it; whether its clients were still at it.</summary>
    private async Task<bool> CrashAsync(RelayHost relay, string source)
    {
        var clients = Loads.Select(load => ChildProcess.Start(source, Arguments(load, relay.Port))).ToList();
        try
        {
            await Until.TrueAsync(() => clients.Exists(client => client.Lines.Any(line => Queued().IsMatch(line))), () => $"Nothing was accepted. {clients[0].Output}\n{relay.Output}");
            await Task.Delay(_random.Next(700), TestContext.Current.CancellationToken);
            var interrupted = clients.Exists(client => !client.HasExited);
            await relay.CrashAsync();
            for (var i = 0; i < clients.Count; i++)
            {
                await clients[i].ExitAsync();
                // With -v it prints each reply; the one to the content names the queue id, which the trace header repeats.
                foreach (var match in clients[i].Lines.Select(line => Queued().Match(line)).Where(match => match.Success)) _accepted.Add(match.Groups["id"].Value, Loads[i].Recipient);
            }
            return interrupted;
        }
        finally
        {
            foreach (var client in clients) await client.DisposeAsync();
        }
    }

    private static string[] Arguments((string Recipient, int Size, int Sessions, int Messages) load, int port) =>
    [
        "-v", "-s", load.Sessions.ToString(CultureInfo.InvariantCulture), "-m", load.Messages.ToString(CultureInfo.InvariantCulture),
        "-l", load.Size.ToString(CultureInfo.InvariantCulture), "-f", "s@example.test", "-t", load.Recipient, $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}",
    ];

    private List<string> Missing(CapturingServer small, CapturingServer large)
    {
        TakeFromMaildir();
        _arrived["r@small.test"] = Taken(small);
        _arrived["r@large.test"] = Taken(large);
        var there = _arrived.ToDictionary(pair => pair.Key, pair => pair.Value.Select(message => message.Id).ToHashSet());
        return [.. _accepted.Where(pair => !there[pair.Value].Contains(pair.Key)).Select(pair => $"{pair.Key} to {pair.Value}")];
    }

    private static List<(string Id, int Length)> Taken(CapturingServer server) => [.. server.Messages.Select(message => (TraceId().Match(message.Head).Groups["id"].Value, message.Length))];

    // What was looked at is deleted: many rounds are many files.
    private void TakeFromMaildir()
    {
        var box = _folder.At("mail/box.test/r/new");
        if (!Directory.Exists(box)) return;
        foreach (var path in Directory.GetFiles(box))
        {
            var bytes = File.ReadAllBytes(path);
            _arrived["r@box.test"].Add((TraceId().Match(Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 1500))).Groups["id"].Value, bytes.Length));
            File.Delete(path);
        }
    }

    /// <summary>All that arrived for a recipient is as long as the shortest but for what the trace header says of the time and the client; nothing is cut.</summary>
    private void AssertWhole()
    {
        foreach (var (recipient, size, _, _) in Loads)
            Assert.All(_arrived[recipient], message => Assert.InRange(message.Length, size, size + 2000));
    }

    [GeneratedRegex(@"<<< 250 2\.\d+\.\d+ (?<id>\S+) queued$")]
    private static partial Regex Queued();

    [GeneratedRegex(@"\sid (?<id>[^\s;]+)")]
    private static partial Regex TraceId();

    private Task<RelayHost> StartAsync(int small, int large) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        localDomains = new[] { new { name = "box.test", mailboxPath = _folder.At("mail") } },
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        routes = new[] { Route("small.test", small), Route("large.test", large) },
        retry = new { firstDelay = "00:00:01", maxDelay = "00:00:02" },
        delivery = new { maxConnectionsPerDestination = Connections },
    });

    private static object Route(string domain, int port) =>
        new { domain, kind = "SmartHost", host = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", tls = "None" };
}
