using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using MailOps.Mailboxes;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Mailboxes;

/// <summary>What POP3 leaves to the client: ids that are no names, and a removal that is known at the end only.</summary>
public sealed class Pop3SessionTests
{
    private const string Nothing = "", Silence = "(silence)";

    private static readonly (string, string) One = ("same", "Subject: one\r\n\r\nfirst\r\n"), Two = ("same", "Subject: two\r\n\r\nother\r\n"), Own = ("own", "Subject: three\r\n\r\nbody\r\n");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_with_one_id_are_all_there_and_each_stays_itself_in_the_next_session()
    {
        var ids = new Dictionary<string, string>();
        using (var server = new Pop3Server(One, Two, Own))
        {
            using var session = await OpenAsync(server);
            var query = new MailboxQuery();
            var readings = await session.ReadAsync(query, await session.FindAsync(query, Ended), null, Ended);
            Assert.Equal(["three", "two", "one"], readings.Select(reading => reading.Message!.Subject));
            foreach (var reading in readings) ids.Add(reading.Message!.Subject!, reading.Id);
            Assert.Equal(One.Item2, Encoding.ASCII.GetString(await session.ContentAsync("INBOX", ids["one"], 1000, Ended)));
            Assert.Equal("own", ids["three"]);
        }

        // Another client has removed and added meanwhile: where "one" was is now "two".
        using (var server = new Pop3Server(Two, ("same", "Subject: four\r\n\r\n"), Own))
        {
            using var session = await OpenAsync(server);
            Assert.Equal(Two.Item2, Encoding.ASCII.GetString(await session.ContentAsync("INBOX", ids["two"], 1000, Ended)));
            Assert.Equal([ids["one"], "same"], await session.RemoveAsync("INBOX", [ids["one"], "same", ids["two"]], Ended));
            Assert.Equal(["DELE 1"], server.Lines.Where(line => line.StartsWith("DELE", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Copies_of_one_message_have_an_id_each()
    {
        using var server = new Pop3Server(One, One, One);
        using var session = await OpenAsync(server);

        var ids = await session.FindAsync(new MailboxQuery(), Ended);

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Empty(await session.RemoveAsync("INBOX", [ids[0], ids[2]], Ended));
        Assert.Equal(["DELE 1", "DELE 3"], server.Lines.Where(line => line.StartsWith("DELE", StringComparison.Ordinal)).Order());
    }

    // RFC 1939 section 6: nothing is removed before QUIT, and where that fails some or none of it.
    [Theory]
    [InlineData("-ERR some deleted messages not removed", ErrorCode.MailboxRefused, "some deleted messages not removed")]
    [InlineData("-ERR", ErrorCode.MailboxRefused, "did not remove all")]
    [InlineData("what", ErrorCode.MailboxRefused, "did not remove all")]
    [InlineData(Nothing, ErrorCode.MailboxConnectFailed, "has not said whether")]
    [InlineData(Silence, ErrorCode.MailboxTimeout, "has not said whether")]
    public async Task A_removal_that_the_server_does_not_confirm_is_an_error(string answer, string code, string says)
    {
        using var server = new Pop3Server(One, Own) { ToQuit = answer };
        using var session = await OpenAsync(server);
        Assert.Empty(await session.RemoveAsync("INBOX", ["own"], Ended));

        var error = await Assert.ThrowsAsync<MailOpsException>(() => session.CloseAsync(Ended));

        Assert.Equal(code, error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("Get-MailboxMessage", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-ERR no")]
    [InlineData(Nothing)]
    public async Task Where_nothing_was_to_be_removed_the_answer_to_QUIT_does_not_matter(string answer)
    {
        using var server = new Pop3Server(One) { ToQuit = answer };
        using var session = await OpenAsync(server);
        await session.FindAsync(new MailboxQuery(), Ended);

        await session.CloseAsync(Ended);

        Assert.Contains("QUIT", server.Lines);
    }

    private static Task<MailboxSession> OpenAsync(Pop3Server server) => MailboxSession.OpenAsync(
        new MailboxOptions { Server = "127.0.0.1", Port = server.Port, Protocol = MailProtocol.Pop3, Tls = TlsMode.None, Credential = new NetworkCredential("u", "s3cret!"), Timeout = TimeSpan.FromSeconds(server.ToQuit == Silence ? 2 : 30) }, null, Ended);

    /// <summary>A mailbox of some messages, each with the id that it has there.</summary>
    private sealed class Pop3Server : IDisposable
    {
        private readonly (string Id, string Content)[] _messages;
        private readonly RawServer _server;

        public Pop3Server(params (string Id, string Content)[] messages) => (_messages, _server) = (messages, new RawServer(ServeAsync));

        public string ToQuit { get; init; } = "+OK bye";

        public ConcurrentQueue<string> Lines { get; } = new();

        public int Port => _server.Port;

        public void Dispose() => _server.Dispose();

        private async Task ServeAsync(Stream stream, CancellationToken stop)
        {
            await RawServer.SayAsync(stream, "+OK hello\r\n", stop);
            while (await RawServer.LineAsync(stream, stop) is { } line)
            {
                Lines.Enqueue(line);
                if (line == "QUIT" && ToQuit == Nothing) return;
                if (line == "QUIT" && ToQuit == Silence) continue;
                await RawServer.SayAsync(stream, Answer(line.Split(' ')) + "\r\n", stop);
            }
        }

        private string Answer(string[] words) => words[0] switch
        {
            "CAPA" => "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.",
            "STAT" => string.Create(CultureInfo.InvariantCulture, $"+OK {_messages.Length} {_messages.Sum(message => message.Content.Length)}"),
            "UIDL" => List(message => message.Id),
            "LIST" => List(message => message.Content.Length.ToString(CultureInfo.InvariantCulture)),
            "TOP" => $"+OK\r\n{Wanted(words).Content.Split("\r\n\r\n")[0]}\r\n\r\n.",
            "RETR" => $"+OK\r\n{Wanted(words).Content}.",
            "QUIT" => ToQuit,
            _ => "+OK",
        };

        private string List(Func<(string Id, string Content), string> what) =>
            "+OK\r\n" + string.Concat(_messages.Select((message, index) => string.Create(CultureInfo.InvariantCulture, $"{index + 1} {what(message)}\r\n"))) + ".";

        private (string Id, string Content) Wanted(string[] words) => _messages[int.Parse(words[1], CultureInfo.InvariantCulture) - 1];
    }
}
