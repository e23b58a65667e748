using System.Globalization;
using System.Text;

namespace MailOps.Relay.Tests.Server;

/// <summary>
/// DATA and BDAT end where the RFCs say, wherever the network cuts the bytes: at each place the replies are the same, the octets that were stored are the
/// same, and what was pipelined behind them is run once.
/// </summary>
public sealed class ContentCutTests
{
    private const string Next = "NOOP\r\nMAIL FROM:<next@example.test>\r\nRCPT TO:<b@example.test>\r\nBDAT 6 LAST\r\nnext\r\nQUIT\r\n";

    private static readonly string[] Odd =
    [
        "", "\r\n", "\r\n\r\n", ".\r\n", "..\r\n.\r\n...\r\n", ".....\r\nSubject: x\r\n\r\n.\r\n", ".x\r\n..x\r\n", "\r\n.\r\n", "QUIT\r\n", "x\r\n.\r\nRSET\r\nMAIL FROM:<c@example.test>\r\n",
        "Subject: \xe4\xff\x80\r\n\r\n\x01\x7f\0\0.\0\r\n\0.\r\n.\0\r\n", "\0\r\n", "Subject: x\r\n\r\nBDAT 3 LAST\r\nabc\r\n.\r\n..\r\n",
    ];

    // BDAT alone carries what does not end with a line end.
    private static readonly string[] OddInChunks = ["x", ".", "..", "\0", "Subject: x\r\n\r\nno line end", "\r\n.", "x\r\n.\r\nQUIT", "BDAT 5 LAST"];

    // BINARYMIME alone carries CR and LF apart.
    private static readonly string[] Binary = ["\r", "\n", "\n.\n", "\r\n.\r", "x\n.\r\nQUIT\r\n\r.\r\0\xff"];

    public static TheoryData<string> Lines => [.. Odd];

    public static TheoryData<string, bool> Chunks => new(((string, bool)[])[.. Odd.Concat(OddInChunks).Select(m => (m, false)), .. Odd.Concat(OddInChunks).Concat(Binary).Select(m => (m, true))]);

    [Theory, MemberData(nameof(Lines))]
    public Task Content_of_DATA_is_stored_exactly_at_every_cut(string body) =>
        AtEveryCutAsync(body, "", "DATA\r\n" + Stuffed(body) + ".\r\n", "354 Start mail input; end with <CRLF>.<CRLF>\r\n");

    [Theory, MemberData(nameof(Chunks))]
    public async Task Content_of_BDAT_is_stored_exactly_at_every_cut(string body, bool binary)
    {
        var parameter = binary ? " BODY=BINARYMIME" : "";
        await AtEveryCutAsync(body, parameter, $"BDAT {body.Length} LAST\r\n{body}", "");
        await AtEveryCutAsync(body, parameter, $"BDAT {body.Length}\r\n{body}BDAT 0 LAST\r\n", $"250 2.0.0 {body.Length} octets received\r\n");
        var chunks = body.Select(c => $"BDAT 1\r\n{c}");
        await AtEveryCutAsync(body, parameter, string.Concat(chunks) + "bdat 0 last\r\n", string.Concat(chunks.Select(_ => "250 2.0.0 1 octets received\r\n")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Long_content_is_stored_exactly_at_cuts_of_any_number(int seed)
    {
        var random = new Random(seed);
        await using var server = TestServer.Start();
        for (var round = 0; round < 40; round++)
        {
            var body = LongText(random);
            var first = random.Next(body.Length);
            foreach (var content in new[] { "DATA\r\n" + Stuffed(body) + ".\r\n", $"BDAT {first}\r\n{body[..first]}BDAT {body.Length - first} LAST\r\n{body[first..]}" })
            {
                var largest = random.Next(4) switch { 0 => 3, 1 => 300, 2 => 5000, _ => 100_000 };
                var wire = Encoding.Latin1.GetBytes("EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n" + content + Next);
                var said = (await server.ServeAsync(wire, () => random.Next(1, largest + 1))).Said;
                Assert.True(said.EndsWith($" queued\r\n{NextReplies(server.Target.Begun)}", StringComparison.Ordinal), $"Seed {seed}, round {round}: {said}");
                Assert.True(server.Target.Taken.First().Body == body, $"Seed {seed}, round {round}: other content");
                Assert.Equal("next\r\n", server.Target.Taken.Last().Body);
                Assert.Equal(2, server.Target.Taken.Count);
                server.Target.Taken.Clear();
            }
        }
        Assert.Empty(server.Trace.Faults);
    }

    private static async Task AtEveryCutAsync(string body, string parameter, string content, string contentReplies)
    {
        var wire = Encoding.Latin1.GetBytes($"HELO x\r\nMAIL FROM:<a@example.test>{parameter}\r\nRCPT TO:<b@example.test>\r\n" + content + Next);
        var random = new Random(wire.Length);
        await using var server = TestServer.Start();
        var rounds = wire.Length + 100;
        for (var cut = 1; cut <= rounds; cut++)
        {
            // Two pieces, cut at each place; then pieces of random sizes.
            Queue<int> sizes = cut < wire.Length ? new([cut]) : new(Enumerable.Range(0, wire.Length).Select(_ => random.Next(1, 9)));
            var said = (await server.ServeAsync(wire, () => sizes.TryDequeue(out var size) ? size : int.MaxValue)).Said;
            var expected = "220 mx.example.test ESMTP MailOps\r\n250 mx.example.test\r\n250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n" + contentReplies
                + Invariant($"250 2.6.0 id{server.Target.Begun - 1} queued\r\n") + NextReplies(server.Target.Begun);
            Assert.True(expected == said, $"Cut {cut}: {said}");
            Assert.Equal([body, "next\r\n"], server.Target.Taken.Select(m => m.Body));
            server.Target.Taken.Clear();
        }
        Assert.Equal((0, 2 * rounds), (server.Target.Dropped, server.Target.Begun));
        Assert.Empty(server.Trace.Faults);
    }

    private static string NextReplies(int id) => Invariant($"250 2.0.0 OK\r\n250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n250 2.6.0 id{id} queued\r\n221 2.0.0 Bye\r\n");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // Lines of all lengths that begin with dots more often than not, with NUL and octets above 127 among them.
    private static string LongText(Random random)
    {
        var text = new StringBuilder();
        for (var lines = random.Next(1, 120); lines > 0; lines--)
        {
            text.Append('.', random.Next(3));
            for (var length = random.Next(3) * random.Next(1500); length > 0; length--) text.Append(random.Next(256) is var c && c is '\r' or '\n' ? '.' : (char)c);
            text.Append("\r\n");
        }
        return text.ToString();
    }

    // RFC 5321 section 4.5.2, written without the product's code.
    private static string Stuffed(string body) => string.Concat(body.Split("\r\n").Select((l, i) => (i > 0 ? "\r\n" : "") + (l.StartsWith('.') ? "." + l : l)));
}
