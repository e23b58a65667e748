using System.Net;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Policy;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Policy;

public sealed class RelayPolicyTests
{
    private static readonly SmtpRelayOptions Options = new()
    {
        QueuePath = "q",
        RelayNetworks = ["10.20.0.0/16"],
        LocalDomains =
        [
            new LocalDomainOptions { Name = "example.test", MailboxPath = "m", Mailboxes = ["ada"] },
            new LocalDomainOptions { Name = "bücher.test", MailboxPath = "m" },
        ],
    };

    [Theory]
    // From a stranger: to our mailboxes only.
    [InlineData("192.0.2.9", null, "ada@example.test", 250)]
    [InlineData("192.0.2.9", null, "Ada@EXAMPLE.test", 250)]
    [InlineData("192.0.2.9", null, "postmaster@example.test", 250)]
    [InlineData("192.0.2.9", null, "nobody@example.test", 550)]
    [InlineData("192.0.2.9", null, "anyone@bücher.test", 250)]
    [InlineData("192.0.2.9", null, "anyone@xn--bcher-kva.test", 250)]
    [InlineData("192.0.2.9", null, "anyone@BÜCHER.test", 250)]
    [InlineData("192.0.2.9", null, "anyone@XN--Bcher-KVA.TEST", 250)]
    [InlineData("192.0.2.9", null, "anyone@bu\u0308cher.test", 250)]    // one letter or two, it is the same name
    [InlineData("192.0.2.9", null, "bob@elsewhere.test", 550)]
    [InlineData("192.0.2.9", null, "bob@sub.example.test", 550)]
    [InlineData("192.0.2.9", null, "bob@[127.0.0.1]", 550)]
    [InlineData("192.0.2.9", null, "bob%elsewhere.test@example.test", 550)]
    [InlineData("192.0.2.9", null, "elsewhere.test!bob@bücher.test", 550)]
    [InlineData("192.0.2.9", null, "\"bob@elsewhere.test\"@bücher.test", 550)]
    // From a listed network, or authenticated: anywhere.
    [InlineData("10.20.1.1", null, "bob@elsewhere.test", 250)]
    [InlineData("::ffff:10.20.1.1", null, "bob@elsewhere.test", 250)]
    [InlineData("10.21.1.1", null, "bob@elsewhere.test", 550)]
    [InlineData("192.0.2.9", "app", "bob@elsewhere.test", 250)]
    [InlineData("10.20.1.1", null, "nobody@example.test", 550)]
    public async Task Who_may_write_to_whom(string client, string? user, string recipient, int expected)
    {
        var sender = new MailSender(EmailAddress.Parse("ada@example.test")) { Origin = new MailOrigin(IPAddress.Parse(client), "client.test", "ESMTP") { UserName = user } };
        Assert.Equal(expected, await AskAsync(sender, recipient));
    }

    [Theory]
    [InlineData("10.20.1.1", "", 550)]              // the listener lets nobody relay
    [InlineData("10.20.1.1", "192.0.2.0/24", 550)]  // the listener's list takes the place of the relay's
    [InlineData("192.0.2.9", "192.0.2.0/24", 250)]
    [InlineData("::ffff:192.0.2.9", "192.0.2.0/24", 250)]
    public async Task The_networks_of_a_listener_count_for_who_comes_to_it(string client, string networks, int expected)
    {
        var origin = new MailOrigin(IPAddress.Parse(client), "client.test", "ESMTP") { RelayNetworks = new(networks.Split(',', StringSplitOptions.RemoveEmptyEntries)) };
        Assert.Equal(expected, await AskAsync(new MailSender(null) { Origin = origin }, "bob@elsewhere.test"));
        Assert.Equal(250, await AskAsync(new MailSender(null) { Origin = origin with { UserName = "app" } }, "bob@elsewhere.test"));
    }

    [Fact]
    public async Task What_the_relay_makes_itself_goes_anywhere() => Assert.Equal(250, await AskAsync(new MailSender(null), "bob@elsewhere.test"));

    [Fact]
    public async Task Without_local_domains_and_networks_a_stranger_reaches_nobody()
    {
        var policy = new RelayPolicy(new RecordingTarget(), new SmtpRelayOptions { QueuePath = "q", RelayNetworks = [] });
        var begun = await policy.BeginAsync(new MailSender(null) { Origin = new MailOrigin(IPAddress.Loopback, "x", "SMTP") }, CancellationToken.None);
        Assert.Equal(550, (await begun.Transaction!.AddRecipientAsync(new MailRecipient(EmailAddress.Parse("a@b.test")), CancellationToken.None)).Code);
    }

    [Theory]
    [InlineData("192.0.2.9", null, 5, 0, "2.3.6")]
    [InlineData("192.0.2.9", null, -5, -5, "2.0.0")]
    [InlineData("192.0.2.9", "app", 5, 5, "2.0.0")]
    [InlineData("10.20.1.1", null, 9, 9, "2.0.0")]
    public async Task Only_who_may_relay_is_preferred(string client, string? user, int asked, int given, string enhanced)
    {
        var target = new RecordingTarget();
        var begun = await new RelayPolicy(target, Options).BeginAsync(From(client, user) with { Priority = asked }, CancellationToken.None);
        await begun.Transaction!.AddRecipientAsync(new MailRecipient(EmailAddress.Parse("ada@example.test")), CancellationToken.None);
        await begun.Transaction.CommitAsync(new MemoryContent("x\r\n"u8.ToArray()), CancellationToken.None);
        Assert.Equal((given, enhanced), (target.Mail.Single().Sender.Priority, begun.Reply.EnhancedCode));
    }

    [Theory]
    [InlineData("192.0.2.9", null, "550 5.7.1")]
    [InlineData("192.0.2.9", "app", "250 2.0.0")]
    [InlineData("10.20.1.1", null, "250 2.0.0")]
    public async Task Only_who_may_relay_may_put_off_delivery(string client, string? user, string expected)
    {
        var begun = await new RelayPolicy(new RecordingTarget(), Options).BeginAsync(From(client, user) with { HoldUntil = DateTimeOffset.UnixEpoch }, CancellationToken.None);
        Assert.StartsWith(expected, begun.Reply.ToString(), StringComparison.Ordinal);
        Assert.Equal(expected[0] == '2', begun.Transaction is not null);
    }

    private static MailSender From(string client, string? user) =>
        new(EmailAddress.Parse("ada@example.test")) { Origin = new MailOrigin(IPAddress.Parse(client), "client.test", "ESMTP") { UserName = user } };

    private static async Task<int> AskAsync(MailSender sender, string recipient)
    {
        var target = new RecordingTarget();
        var begun = await new RelayPolicy(target, Options).BeginAsync(sender, CancellationToken.None);
        await using var transaction = begun.Transaction!;
        var reply = await transaction.AddRecipientAsync(new MailRecipient(EmailAddress.Parse(recipient)), CancellationToken.None);
        return reply.Code;
    }
}
