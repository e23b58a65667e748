namespace MailOps.Relay.Tests.Server.Limits;

public sealed class ContentLimitTests
{
    private const string Opening = "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\n";

    [Theory]
    [InlineData(4000, "250 2.6.0 id1 queued")]
    [InlineData(4096, "552 5.3.4 Message header exceeds the limit")]
    public async Task A_long_header_is_refused_and_a_long_body_is_not(int header, string reply)
    {
        await using var server = TestServer.Start(with: TestServer.Limits(l => l with { MaxHeaderSize = 4096 }));
        var message = "X-Long: " + new string('x', header - 10) + "\r\n\r\n" + new string('y', 10_000) + "\r\n";
        foreach (var piece in new[] { int.MaxValue, 100 })
        {
            var said = await server.TalkAsync(Opening + "DATA\r\n" + message + ".\r\nNOOP\r\n", piece);
            Assert.EndsWith((piece == 100 ? reply.Replace("id1", "id2", StringComparison.Ordinal) : reply) + "\r\n250 2.0.0 OK\r\n", said, StringComparison.Ordinal);
        }
        foreach (var taken in server.Target.Taken) Assert.Equal(message, taken.Body);
    }

    [Fact]
    public async Task Long_lines_are_taken_as_they_are_unless_the_administrator_limits_them()
    {
        var message = "Subject: x\r\n\r\n" + new string('y', 3_000_000) + "\r\n" + new string('z', 999) + "\r\n";
        await using (var any = TestServer.Start())
        {
            Assert.EndsWith("queued\r\n", await any.TalkAsync(Opening + "DATA\r\n" + message + ".\r\n", 5000), StringComparison.Ordinal);
            Assert.Equal(message, any.Target.Taken.Single().Body);
        }
        await using var strict = TestServer.Start(with: TestServer.Limits(l => l with { MaxLineLength = 998 }));
        Assert.EndsWith("554 5.6.0 A line of the message exceeds the limit\r\n250 2.0.0 OK\r\n", await strict.TalkAsync(Opening + "DATA\r\n" + message + ".\r\nNOOP\r\n", 5000), StringComparison.Ordinal);
        Assert.EndsWith("554 5.6.0 A line of the message exceeds the limit\r\n", await strict.TalkAsync(Opening + $"BDAT {message.Length} LAST\r\n" + message), StringComparison.Ordinal);
        Assert.EndsWith("queued\r\n", await strict.TalkAsync(Opening + "DATA\r\n" + new string('z', 998) + "\r\n.\r\n"), StringComparison.Ordinal);
    }
}
