using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.NextHops;

/// <summary>A relay passes a message on exactly as it came but for the trace header (RFC 5321 section 4.4, section 2.3.8 on line ends).</summary>
public sealed class ContentTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData(true, "PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "SIZE 40000000")]
    [InlineData(true, "PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 40000000")]
    [InlineData(false, "PIPELINING", "CHUNKING", "8BITMIME", "SMTPUTF8", "SIZE 40000000")]
    [InlineData(false, "8BITMIME")]
    public async Task Real_messages_arrive_unchanged_at_the_next_hop(bool chunking, params string[] extensions)
    {
        var messages = RealMessages();
        await using var next = CapturingServer.Start(extensions);
        await using var relay = await RelayAsync(new { kind = "SmartHost", host = $"127.0.0.1:{next.Port.ToString(CultureInfo.InvariantCulture)}", tls = "None" });
        await SubmitAsync(relay, messages, chunking, name => $"{name}@far.test");
        await Until.TrueAsync(() => next.Messages.Count >= messages.Count, () => $"{next.Messages.Count} of {messages.Count} messages arrived. {relay.Output}");

        foreach (var (name, content) in messages)
        {
            var captured = Assert.Single(next.Messages, message => message.Recipients[0].Contains($"<{name}@far.test>", StringComparison.OrdinalIgnoreCase));
            AssertUnchanged(name, content, captured.Content, "Received:");
        }
    }

    [Fact]
    public async Task Real_messages_arrive_unchanged_in_a_Maildir()
    {
        var messages = RealMessages();
        await using var relay = await RelayAsync(new { kind = "Mx" });
        await SubmitAsync(relay, messages, chunking: true, name => $"{name}@example.test");
        foreach (var (name, content) in messages)
        {
            var stored = await Maildir.FirstAsync(_folder.At($"mail/example.test/{name}"), () => relay.Output);
            AssertUnchanged(name, content, stored, "Return-Path:", "Delivered-To:", "Received:");
        }
    }

    public void Dispose() => _folder.Dispose();

    // Names are local parts; contents have the line ends a client must send (RFC 5321 section 2.3.8).
    private static List<(string Name, byte[] Content)> RealMessages()
    {
        var folder = Installed.Conformance("mime");
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.True(files.Count >= 200, $"{folder} has only {files.Count} files.");
        return [.. files.Select((file, index) => ($"m{index}", WithCrlf(File.ReadAllBytes(file))))];
    }

    private static byte[] WithCrlf(byte[] content)
    {
        var text = Encoding.Latin1.GetString(content)
            .Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(text.EndsWith("\r\n", StringComparison.Ordinal) ? text : text + "\r\n");
    }

    private static async Task SubmitAsync(RelayHost relay, List<(string Name, byte[] Content)> messages, bool chunking, Func<string, string> recipient)
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        foreach (var (name, content) in messages)
        {
            var reply = chunking
                ? await client.SubmitAsync("sender@example.test", recipient(name), content, " BODY=8BITMIME")
                : await client.SubmitDataAsync("sender@example.test", recipient(name), content, " BODY=8BITMIME");
            Assert.True(reply.StartsWith("250 2.", StringComparison.Ordinal), $"{name}: {reply}");
        }
    }

    /// <summary>What comes before the content may be the named header fields alone, each as often as it is named.</summary>
    internal static void AssertUnchanged(string name, byte[] sent, byte[] received, params string[] added)
    {
        var same = received.Length >= sent.Length && received.AsSpan(received.Length - sent.Length).SequenceEqual(sent);
        Assert.True(same, $"{name} was changed:\n{Encoding.Latin1.GetString(received)}\n--- sent:\n{Encoding.Latin1.GetString(sent)}");
        var head = Encoding.Latin1.GetString(received, 0, received.Length - sent.Length);
        Assert.Matches(@"\A([A-Z][A-Za-z-]+: [^\r\n]*\r\n([ \t][^\r\n]*\r\n)*)+\z", head);
        var fields = head.Split("\r\n").Where(line => line.Length > 0 && line[0] is not (' ' or '\t')).Select(line => line[..(line.IndexOf(':', StringComparison.Ordinal) + 1)]);
        Assert.Equal(added.Order(StringComparer.Ordinal), fields.Order(StringComparer.Ordinal));
    }

    private Task<RelayHost> RelayAsync(object route) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        localDomains = new[] { new { name = "example.test", mailboxPath = _folder.At("mail") } },
        routes = new[] { route },
        limits = new { maxHops = 1000 },
    });
}
