using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.NextHops;

public sealed class DovecotTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestFolder _peer = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dovecot_takes_LMTP_and_the_message_is_in_its_Maildir(bool socket)
    {
        await using var dovecot = await Dovecot.StartAsync(_peer);
        await using var relay = await RelayAsync(socket ? $"unix:{dovecot.Socket}" : $"127.0.0.1:{dovecot.LmtpPort.ToString(CultureInfo.InvariantCulture)}");
        const string Message = "Subject: To Dovecot\r\n\r\n.a dot\r\n..two dots\r\nThe end\r\n";
        await using var client = await WireClient.GreetAsync(relay.Port);
        await client.AskAsync("MAIL FROM:<sender@example.invalid>");
        foreach (var name in (string[])["one", "two", "three"]) Assert.StartsWith("250", await client.AskAsync($"RCPT TO:<{name}@example.test>"), StringComparison.Ordinal);
        Assert.StartsWith("354", await client.AskAsync("DATA"), StringComparison.Ordinal);
        await client.SendAsync(Encoding.ASCII.GetBytes(Message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".\r\n"));
        Assert.StartsWith("250 2.", await client.ReplyAsync(), StringComparison.Ordinal);

        foreach (var name in (string[])["one", "two", "three"])
        {
            var text = Encoding.Latin1.GetString(await Maildir.FirstAsync(Path.Combine(dovecot.MailFolder, $"{name}@example.test"), () => dovecot.Log + relay.Output));
            Assert.EndsWith(Message, text.ReplaceLineEndings("\r\n"), StringComparison.Ordinal);
            Assert.Contains("Return-Path: <sender@example.invalid>", text, StringComparison.Ordinal);
        }

        await relay.StopAsync();
    }

    [Fact]
    public async Task A_recipient_Dovecot_does_not_know_comes_back_and_the_others_get_the_message()
    {
        await using var dovecot = await Dovecot.StartAsync(_peer, knownUsers: "one@example.test");
        await using var relay = await RelayAsync($"unix:{dovecot.Socket}");
        await using var client = await WireClient.GreetAsync(relay.Port);
        await client.AskAsync("MAIL FROM:<sender@bounce.test>");
        await client.AskAsync("RCPT TO:<one@example.test>");
        await client.AskAsync("RCPT TO:<ghost@example.test>");
        var content = "Subject: For one of two\r\n\r\n";
        await client.SendAsync(Encoding.ASCII.GetBytes($"BDAT {content.Length} LAST\r\n{content}"));
        Assert.StartsWith("250 2.", await client.ReplyAsync(), StringComparison.Ordinal);

        await Maildir.FirstAsync(Path.Combine(dovecot.MailFolder, "one@example.test"), () => dovecot.Log + relay.Output);
        var bounce = Encoding.UTF8.GetString(await Maildir.FirstAsync(_folder.At("mail/bounce.test/sender"), () => dovecot.Log + relay.Output));
        Assert.Contains("Final-Recipient: rfc822; ghost@example.test", bounce, StringComparison.Ordinal);
        Assert.DoesNotContain("Final-Recipient: rfc822; one@example.test", bounce, StringComparison.Ordinal);
        Assert.Contains("Status: 5.1.1", bounce, StringComparison.Ordinal);
        Assert.Single(Maildir.Messages(Path.Combine(dovecot.MailFolder, "one@example.test")));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _peer.Dispose();
    }

    private Task<RelayHost> RelayAsync(string lmtp) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None" } },
        localDomains = new object[] { new { name = "example.test", lmtp }, new { name = "bounce.test", mailboxPath = _folder.At("mail") } },
    });
}
