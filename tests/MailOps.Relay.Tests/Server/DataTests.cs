namespace MailOps.Relay.Tests.Server;

public sealed class DataTests
{
    private const string Envelope = "HELO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n";

    public static TheoryData<string> Bodies =>
    [
        "", "\r\n", "\r\n\r\n", ".\r\n", "..\r\n", "...\r\n.\r\n", ".first line\r\n", "a\r\n.\r\nb\r\n", "a\r\n..\r\n.\r\n", "\r\n.\r\n",
        "Subject: x\r\n\r\n8-bit \x80\xff\x01 and NUL \0\r\n", "no dots at all\r\n", ".\r\n.\r\n.\r\n", "QUIT\r\n", new string('x', 3000) + "\r\n." + new string('y', 70_000) + "\r\n",
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Content_comes_out_as_it_was_before_stuffing_at_any_cut_of_the_bytes(string body)
    {
        var wire = Envelope + "DATA\r\n" + Stuff(body) + ".\r\nNOOP\r\n";
        int[] pieces = wire.Length < 1000 ? [.. Enumerable.Range(1, wire.Length)] : [1, 511, 4096, 16 * 1024 + 1, int.MaxValue];
        await using var server = TestServer.Start();
        foreach (var piece in pieces)
        {
            var said = await server.TalkAsync(wire, piece);
            Assert.EndsWith("queued\r\n250 2.0.0 OK\r\n", said, StringComparison.Ordinal);
            Assert.True(server.Target.Taken.TryDequeue(out var message));
            Assert.Equal(body, message.Body);
        }
        Assert.Empty(server.Trace.Faults);
    }

    [Theory]
    // A lone CR or LF; the end is a true one, so the session goes on after it.
    [InlineData("a\nb\r\n.\r\n", false)]
    [InlineData("a\rb\r\n.\r\n", false)]
    [InlineData("\n\r\n.\r\n", false)]
    [InlineData("a\r\r\n.\r\n", false)]
    [InlineData("\r.\r\r\n.\r\n", false)]
    [InlineData(".\ra\r\n.\r\n", false)]
    [InlineData("a\n..\r\n\r\n.\r\n", false)]
    // It may be what a sloppy reader takes for the end: nothing behind it is a command.
    [InlineData("a\n.\r\n", true)]
    [InlineData("a\n.\n", true)]
    [InlineData("a\r\n.\n", true)]
    [InlineData(".\n", true)]
    public async Task A_lone_CR_or_LF_is_refused_and_hides_no_command(string sent, bool closes)
    {
        var smuggled = "MAIL FROM:<smuggled@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nsmuggled\r\n.\r\n";
        await using var server = TestServer.Start();
        var wire = Envelope + "DATA\r\n" + sent + (closes ? smuggled : "NOOP\r\n");
        for (var piece = 1; piece < wire.Length; piece++)
        {
            var replies = (await server.TalkAsync(wire, piece)).Split("354 Start mail input; end with <CRLF>.<CRLF>\r\n")[1].Split("\r\n");
            Assert.StartsWith("554 5.6.0 ", replies[0], StringComparison.Ordinal);
            Assert.Equal(closes ? "" : "250 2.0.0 OK", replies[1]);
        }
        Assert.Empty(server.Target.Taken);
        Assert.Equal(wire.Length - 1, server.Target.Dropped);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_at_its_end_and_one_on_it_is_taken()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxMessageSize = 1000 }));
        var line = new string('x', 98) + "\r\n";
        var said = await server.TalkAsync(Envelope + "DATA\r\n" + string.Concat(Enumerable.Repeat(line, 10)) + ".\r\n"
            + "MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n" + string.Concat(Enumerable.Repeat(line, 10)) + "\r\n.\r\nNOOP\r\n", 77);
        Assert.Contains("250 2.6.0 id1 queued\r\n", said, StringComparison.Ordinal);
        Assert.EndsWith("354 Start mail input; end with <CRLF>.<CRLF>\r\n552 5.3.4 Message size exceeds the limit\r\n250 2.0.0 OK\r\n", said, StringComparison.Ordinal);
        Assert.Single(server.Target.Taken);
    }

    [Fact]
    public async Task A_size_over_the_limit_is_refused_when_it_is_declared()
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxMessageSize = 1000 }));
        var said = await server.TalkAsync("EHLO x\r\nMAIL FROM:<a@example.test> SIZE=1001\r\nMAIL FROM:<a@example.test> SIZE=99999999999999999999\r\nMAIL FROM:<a@example.test> SIZE=1000\r\n");
        Assert.Equal(["552", "552", "250"], said.TrimEnd().Split("\r\n").TakeLast(3).Select(l => l[..3]));
        Assert.Contains("250-SIZE 1000\r\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Received: ", 3, "250")]
    [InlineData("Received: ", 4, "554")]
    [InlineData("RECEIVED:", 4, "554")]
    [InlineData("X-Received: ", 9, "250")]
    [InlineData("Received-SPF: ", 9, "250")]
    public async Task A_message_that_came_through_too_many_relays_is_refused_as_a_loop(string field, int count, string code)
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxHops = 3 }));
        var header = string.Concat(Enumerable.Repeat(field + "from a\r\n\tby b\r\n", count)) + "Subject: x\r\n\r\n" + string.Concat(Enumerable.Repeat("Received: not a header\r\n", 9));
        foreach (var piece in new[] { int.MaxValue, 1 })
            Assert.StartsWith(code, (await server.TalkAsync(Envelope + "DATA\r\n" + header + ".\r\n", piece)).TrimEnd().Split("\r\n")[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_message_goes_through_a_file_that_is_gone_afterwards()
    {
        await using var server = TestServer.Start();
        var body = string.Concat(Enumerable.Range(0, 20_000).Select(i => $".line {i} of a message that is too large for memory\r\n"));
        Assert.EndsWith("queued\r\n", await server.TalkAsync(Envelope + "DATA\r\n" + Stuff(body) + ".\r\n"), StringComparison.Ordinal);
        var message = server.Target.Taken.Single();
        Assert.Equal(body, message.Body);
        Assert.True(message.WasInFile);
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.Folder));
    }

    [Fact]
    public async Task A_client_that_vanishes_in_the_middle_leaves_nothing()
    {
        await using var server = TestServer.Start();
        var said = await server.TalkAsync(Envelope + "DATA\r\n" + new string('x', 1_000_000));
        Assert.EndsWith("354 Start mail input; end with <CRLF>.<CRLF>\r\n", said, StringComparison.Ordinal);
        Assert.Empty(server.Target.Taken);
        Assert.Equal(1, server.Target.Dropped);
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.Folder));
        Assert.Empty(server.Trace.Faults);
    }

    [Fact]
    public async Task A_spool_folder_that_cannot_be_written_is_a_temporary_refusal_and_the_session_goes_on()
    {
        await using var server = TestServer.Start();
        Directory.Delete(server.Folder);
        await File.WriteAllTextAsync(server.Folder, "no folder can be made here", TestContext.Current.CancellationToken);
        var said = await server.TalkAsync(Envelope + "DATA\r\n" + new string('x', 1_000_000) + "\r\n.\r\nNOOP\r\n");
        File.Delete(server.Folder);
        Directory.CreateDirectory(server.Folder);
        Assert.EndsWith("\r\n452 4.3.1 Insufficient system storage, try again later\r\n250 2.0.0 OK\r\n", said, StringComparison.Ordinal);
        Assert.Single(server.Trace.Faults);
    }

    // RFC 5321 section 4.5.2, written without the product's code.
    private static string Stuff(string body) => string.Concat(body.Split("\r\n").Select((l, i) => (i > 0 ? "\r\n" : "") + (l.StartsWith('.') ? "." + l : l)));
}
