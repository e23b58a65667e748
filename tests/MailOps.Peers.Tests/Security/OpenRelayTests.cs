using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Clients;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Security;

/// <summary>The tricks that made relays of the nineties open, from a client whose network is not listed.</summary>
public sealed class OpenRelayTests : IDisposable
{
    private static readonly string[] Known = ["known"];
    private readonly TestFolder _folder = new();

    public static TheoryData<string, string> Tricks => new()
    {
        { "<a@outside.invalid>", "<victim@elsewhere.test>" },
        { "<known@example.test>", "<victim@elsewhere.test>" },
        { "<>", "<victim@elsewhere.test>" },
        { "<postmaster@relay.example.test>", "<victim@elsewhere.test>" },
        { "<a@[127.0.0.1]>", "<victim@elsewhere.test>" },
        { "<a@localhost>", "<victim@elsewhere.test>" },
        { "<a@outside.invalid> AUTH=<known@example.test>", "<victim@elsewhere.test>" },
        { "<a@outside.invalid>", "<VICTIM@ELSEWHERE.TEST>" },
        { "<a@outside.invalid>", "<victim%elsewhere.test@example.test>" },
        { "<a@outside.invalid>", "<victim%elsewhere.test@relay.example.test>" },
        { "<a@outside.invalid>", "<victim%elsewhere.test@[127.0.0.1]>" },
        { "<a@outside.invalid>", "<\"victim@elsewhere.test\"@example.test>" },
        { "<a@outside.invalid>", "<\"victim@elsewhere.test\">" },
        { "<a@outside.invalid>", "<@example.test:victim@elsewhere.test>" },
        { "<a@outside.invalid>", "<@example.test,@relay.example.test:victim@elsewhere.test>" },
        { "<a@outside.invalid>", "<victim@elsewhere.test@example.test>" },
        { "<a@outside.invalid>", "<elsewhere.test!victim@example.test>" },
        { "<a@outside.invalid>", "<elsewhere.test!victim>" },
        { "<a@outside.invalid>", "<victim@example.test@elsewhere.test>" },
        { "<a@outside.invalid>", "<victim@example.test.elsewhere.test>" },
        { "<a@outside.invalid>", "<victim@notexample.test>" },
        { "<a@outside.invalid>", "<victim@sub.example.test>" },
        { "<a@outside.invalid>", "<victim@[127.0.0.1]>" },
        { "<a@outside.invalid>", "<known@example.test> <victim@elsewhere.test>" },
        { "<a@outside.invalid>", "<known@example.test>,<victim@elsewhere.test>" },
        { "<a@outside.invalid>", "<victim@elsewhere.test\0@example.test>" },
        { "<a@outside.invalid>", "<victim@elsewhere.test\r@example.test>" },
    };

    [Fact]
    public async Task No_trick_gets_mail_to_elsewhere()
    {
        await using var next = CapturingServer.Start("PIPELINING", "8BITMIME");
        await using var relay = await RelayAsync(next.Port);
        foreach (var (mail, recipient) in Tricks.Select(row => row.Data))
        {
            await using var client = await WireClient.GreetAsync(relay.Port);
            if (!(await client.AskAsync($"MAIL FROM:{mail}")).StartsWith('2')) continue;
            var reply = await client.AskAsync($"RCPT TO:{recipient}");
            Assert.True(reply.StartsWith('5'), $"MAIL FROM:{mail}, RCPT TO:{recipient} got {reply}");
            Assert.StartsWith("5", await client.AskAsync("DATA"), StringComparison.Ordinal);
        }

        await LegitimateAsync(relay, next);
    }

    [Fact]
    public async Task A_failed_login_a_second_recipient_and_a_claimed_name_open_nothing()
    {
        await using var next = CapturingServer.Start("PIPELINING", "8BITMIME");
        await using var relay = await RelayAsync(next.Port);
        await using var client = await WireClient.ConnectAsync(relay.Port);
        Assert.StartsWith("250", await client.AskAsync("EHLO relay.example.test"), StringComparison.Ordinal);
        Assert.StartsWith("535", await client.AskAsync("AUTH PLAIN " + Convert.ToBase64String("\0known\0guess"u8)), StringComparison.Ordinal);
        Assert.StartsWith("535", await client.AskAsync("AUTH PLAIN " + Convert.ToBase64String("\0known\0"u8)), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("MAIL FROM:<a@outside.invalid>"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("RCPT TO:<known@example.test>"), StringComparison.Ordinal);
        Assert.StartsWith("55", await client.AskAsync("RCPT TO:<victim@elsewhere.test>"), StringComparison.Ordinal);
        var content = "Subject: For known alone\r\nBcc: victim@elsewhere.test\r\nResent-To: victim@elsewhere.test\r\n\r\n";
        await client.SendAsync(Encoding.ASCII.GetBytes($"BDAT {content.Length} LAST\r\n{content}"));
        Assert.StartsWith("250", await client.ReplyAsync(), StringComparison.Ordinal);
        await Maildir.FirstAsync(_folder.At("mail/example.test/known"), () => relay.Output);
        await relay.StopAsync();
        Assert.Empty(next.Messages);
    }

    public void Dispose() => _folder.Dispose();

    // Mail for a mailbox of ours is taken from anyone, and when it has arrived, whatever had slipped through would have too.
    private async Task LegitimateAsync(RelayHost relay, CapturingServer next)
    {
        await using var client = await WireClient.GreetAsync(relay.Port);
        Assert.StartsWith("250", await client.SubmitAsync("a@outside.invalid", "known@example.test", "Subject: Welcome\r\n\r\n"u8.ToArray()), StringComparison.Ordinal);
        await Maildir.FirstAsync(_folder.At("mail/example.test/known"), () => relay.Output);
        await relay.StopAsync();
        Assert.Empty(next.Messages);
        Assert.Equal([_folder.At("mail/example.test/known")], Directory.GetDirectories(_folder.At("mail/example.test")));
    }

    private Task<RelayHost> RelayAsync(int next) => RelayHost.StartAsync(_folder, new
    {
        hostName = "relay.example.test",
        queuePath = _folder.At("queue"),
        listeners = new[] { new { endpoint = "127.0.0.1:0", tls = "None", allowPlainTextAuthentication = true } },
        relayNetworks = Array.Empty<string>(),
        users = new[] { new { name = "known", password = new { file = _folder.Write("password", "the right one\n") } } },
        localDomains = new[] { new { name = "example.test", mailboxPath = _folder.At("mail"), mailboxes = Known } },
        routes = new[] { new { kind = "SmartHost", host = $"127.0.0.1:{next.ToString(CultureInfo.InvariantCulture)}", tls = "None" } },
    });
}
