using System.Text;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class WireTests(ClientRelay relay)
{
    private const string Message = "Subject: On the wire\r\n\r\n.a dot\r\n..two dots\r\n\r\nbefore the end\r\n";

    [Fact]
    public async Task A_message_in_one_write_is_taken()
    {
        await using var client = await WireClient.GreetAsync(relay.Port(Door.Plain));
        Assert.StartsWith("250 2.", await client.SubmitAsync("a@example.invalid", "wire-one@example.test", Encoding.ASCII.GetBytes(Message)), StringComparison.Ordinal);
        Assert.EndsWith(Message, await TextAsync("wire-one"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task A_message_in_chunks_of_any_size_is_one_message(int size)
    {
        await using var client = await WireClient.GreetAsync(relay.Port(Door.Plain));
        var text = new StringBuilder("MAIL FROM:<a@example.invalid>\r\nRCPT TO:<wire-chunks-").Append(size).Append("@example.test>\r\n");
        var chunks = Message.Chunk(size).ToList();
        foreach (var chunk in chunks) text.Append("BDAT ").Append(chunk.Length).Append("\r\n").Append(chunk);
        text.Append("BDAT 0 LAST\r\nNOOP\r\n");
        await client.SendAsync(Encoding.ASCII.GetBytes(text.ToString()));
        for (var reply = 0; reply < chunks.Count + 4; reply++) Assert.StartsWith("250", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.EndsWith(Message, await TextAsync($"wire-chunks-{size}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_byte_by_byte_is_taken()
    {
        await using var client = await WireClient.GreetAsync(relay.Port(Door.Plain));
        var dialogue = "MAIL FROM:<a@example.invalid>\r\nRCPT TO:<wire-bytes@example.test>\r\nDATA\r\n";
        foreach (var character in dialogue) await client.SendAsync(new[] { (byte)character });
        for (var reply = 0; reply < 3; reply++) Assert.Matches("^(250|354)", await client.ReplyAsync());
        foreach (var character in Message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".\r\n") await client.SendAsync(new[] { (byte)character });
        Assert.StartsWith("250 2.", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.EndsWith(Message, await TextAsync("wire-bytes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_leaves_no_message()
    {
        var half = Encoding.ASCII.GetBytes("MAIL FROM:<a@example.invalid>\r\nRCPT TO:<wire-half@example.test>\r\nBDAT 500 LAST\r\n" + Message);
        await using (var client = await WireClient.GreetAsync(relay.Port(Door.Plain))) await client.SendAsync(half);
        await using (var client = await WireClient.GreetAsync(relay.Port(Door.Plain)))
            await client.SubmitAsync("a@example.invalid", "wire-half@example.test", Encoding.ASCII.GetBytes("Subject: Whole\r\n\r\n"));
        // The whole one was sent after it; were the half one kept, there would be two.
        Assert.EndsWith("Subject: Whole\r\n\r\n", Assert.Single(await relay.ReceivedAsync("wire-half", 1)).ReplaceLineEndings("\r\n"), StringComparison.Ordinal);
    }

    private async Task<string> TextAsync(string mailbox) => (await relay.ReceivedAsync(mailbox, Door.Plain)).ReplaceLineEndings("\r\n");
}
