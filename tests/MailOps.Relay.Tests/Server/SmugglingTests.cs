using System.Text;

namespace MailOps.Relay.Tests.Server;

/// <summary>
/// What one server takes for the end of a message and the next one for content lets a sender hide a second message in the first. Here only CR LF . CR LF
/// ends DATA: whatever resembles it is content or refuses the message, and what stands behind it is never a command.
/// </summary>
public sealed class SmugglingTests
{
    private const string Envelope = "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n";
    private const string Hidden = "MAIL FROM:<smuggled@example.test>\r\nRCPT TO:<b@example.test>\r\nBDAT 3 LAST\r\nbad";

    /// <summary>Nearly an end, none of which has a lone CR or LF.</summary>
    public static TheoryData<string> Content =>
    [
        "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n. \r\n", "\r\n.\t\r\n", "\r\n .\r\n", "\r\n..\r\n", "\r\n.\xa0\r\n", "\r\n\xff.\r\n", "\r\n.\x1a\r\n", "..\r\n", "\r\n.=0D=0A\r\n", "\r\n\x85.\x85\r\n",
        "\r\n\xe2\x80\xa8.\xe2\x80\xa8\r\n", "\r\n\v.\v\r\n", "\r\n.\f\r\n",
    ];

    /// <summary>Nearly an end, with a lone CR or LF.</summary>
    public static TheoryData<string> Lone =>
    [
        "\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n.\r\r\n", "\n.\r", "\r.\n", "\n\n.\n\n", "\r\r.\r\r", "\n\r.\n\r", "\r\n.\r\0\n", "\r\0\n.\r\n", "\r\n\r.\r\n", "\r\n\n.\r\n", "\r\n.\n\r\n", "\n.\0\n", "\r\n.\n\n",
        "\r\n.\0\r", "\0\n.\r\n",
    ];

    [Theory, MemberData(nameof(Content))]
    public async Task What_is_nearly_an_end_is_content(string nearly)
    {
        await using var server = TestServer.Start();
        foreach (var start in new[] { "", "Subject: x\r\n\r\ntext" })
        {
            var sent = start + nearly + Hidden + "\r\n";
            var wire = Encoding.Latin1.GetBytes(Envelope + "DATA\r\n" + sent + ".\r\nQUIT\r\n");
            for (var cut = 1; cut < wire.Length; cut++)
            {
                var said = (await CutAsync(server, wire, cut)).Split("354 Start mail input; end with <CRLF>.<CRLF>\r\n")[1];
                Assert.Equal($"250 2.6.0 id{server.Target.Begun} queued\r\n221 2.0.0 Bye\r\n", said);
                Assert.True(server.Target.Taken.TryDequeue(out var taken));
                Assert.Equal(Unstuffed(sent), taken.Body);
                Assert.Empty(server.Target.Taken);
            }
        }
        Assert.Equal(0, server.Target.Dropped);
        Assert.Empty(server.Trace.Faults);
    }

    [Theory, MemberData(nameof(Lone))]
    public async Task What_is_nearly_an_end_by_a_lone_CR_or_LF_is_refused_with_all_that_follows(string nearly)
    {
        await using var server = TestServer.Start();
        foreach (var start in new[] { "", "Subject: x\r\n\r\ntext" })
        {
            var wire = Encoding.Latin1.GetBytes(Envelope + "DATA\r\n" + start + nearly + Hidden + "\r\n.\r\n");
            for (var cut = 1; cut < wire.Length; cut++)
            {
                var before = server.Target.Begun;
                var said = (await CutAsync(server, wire, cut)).Split("354 Start mail input; end with <CRLF>.<CRLF>\r\n")[1];
                Assert.Matches("^554 5[.]6[.]0 [^\r]+\r\n$", said);
                Assert.Equal(before + 1, server.Target.Begun);
            }
        }
        Assert.Empty(server.Target.Taken);
        Assert.Empty(server.Trace.Faults);
    }

    [Theory]
    [InlineData("text\n.\n")]
    [InlineData("text\n.\r\n")]
    [InlineData("text\r\n.\n")]
    [InlineData("text\n\n.\n")]
    [InlineData(".\n")]
    [InlineData("\n.\n")]
    public async Task What_a_sloppy_sender_means_by_its_end_is_answered_at_once_and_ends_the_session(string sent)
    {
        await using var server = TestServer.Start();
        await using var client = await server.ConnectAsync();
        foreach (var line in Envelope.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)) Assert.StartsWith("250", await client.AskAsync(line), StringComparison.Ordinal);
        Assert.StartsWith("354 ", await client.AskAsync("DATA"), StringComparison.Ordinal);
        await client.SendAsync(sent);
        Assert.StartsWith("554 5.6.0 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await client.ReadReplyAsync());
    }

    [Theory, MemberData(nameof(Lone))]
    public async Task A_chunk_hides_nothing_either(string nearly)
    {
        await using var server = TestServer.Start();
        var body = "text" + nearly + Hidden;
        var said = await server.TalkAsync(Envelope + $"BDAT {body.Length} LAST\r\n{body}QUIT\r\n", 3);
        Assert.EndsWith("554 5.6.0 Message holds a CR or LF that is not part of a CR LF\r\n221 2.0.0 Bye\r\n", said, StringComparison.Ordinal);
        Assert.Equal((1, 1), (server.Target.Begun, server.Target.Dropped));
    }

    private static async Task<string> CutAsync(TestServer server, byte[] wire, int cut)
    {
        Queue<int> sizes = new([cut]);
        return (await server.ServeAsync(wire, () => sizes.TryDequeue(out var size) ? size : int.MaxValue)).Said;
    }

    private static string Unstuffed(string sent) => string.Join("\r\n", sent.Split("\r\n").Select(l => l.StartsWith('.') ? l[1..] : l));
}
