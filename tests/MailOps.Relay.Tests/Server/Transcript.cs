using System.Text;

namespace MailOps.Relay.Tests.Server;

/// <summary>A conversation as it stands in a test: lines of the client after <c>C: </c>, of the server after <c>S: </c>.</summary>
internal static class Transcript
{
    /// <summary>Plays it whole (all pipelined), by byte, and as a real client would: line by line over loopback, each reply awaited.</summary>
    /// <returns>The target of the last play.</returns>
    public static async Task<RecordingTarget> PlayAsync(string transcript, Func<RecordingTarget>? target = null, Func<SmtpRelayOptions, SmtpRelayOptions>? with = null)
    {
        var lines = transcript.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0).ToList();
        var sent = Encoding.Latin1.GetBytes(string.Concat(lines.Where(l => l.StartsWith("C: ", StringComparison.Ordinal)).Select(l => l[3..] + "\r\n")));
        var said = string.Concat(lines.Where(l => l.StartsWith("S: ", StringComparison.Ordinal)).Select(l => l[3..] + "\r\n"));
        Assert.Equal(lines.Count, lines.Count(l => l[..3] is "C: " or "S: "));
        foreach (var piece in new[] { int.MaxValue, 7, 1 })
        {
            await using var server = TestServer.Start(target?.Invoke(), with: with);
            Assert.Equal(said, await server.TalkAsync(sent, piece));
            Assert.Empty(server.Trace.Faults);
        }
        return await InteractAsync(lines, target?.Invoke(), with);
    }

    private static async Task<RecordingTarget> InteractAsync(List<string> lines, RecordingTarget? target, Func<SmtpRelayOptions, SmtpRelayOptions>? with)
    {
        await using var server = TestServer.Start(target, with: with);
        await using var client = await TestClient.ConnectAsync(server.Port);
        for (var i = 0; i < lines.Count;)
        {
            if (lines[i][0] == 'C')
            {
                await client.SendAsync(lines[i++][3..] + "\r\n");
                continue;
            }
            var expected = new List<string>();
            do
            {
                expected.Add(lines[i++][3..]);
            }
            while (expected[^1][3] == '-');
            Assert.Equal(string.Join("\r\n", expected), await client.ReadReplyAsync());
        }
        return server.Target;
    }
}
