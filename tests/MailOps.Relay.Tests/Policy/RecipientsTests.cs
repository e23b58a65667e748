using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Policy;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Policy;

/// <summary>What reaches the queue of recipients that are aliases.</summary>
public sealed class RecipientsTests
{
    private static readonly string LongDomain = string.Join('.', Enumerable.Repeat(new string('d', 60), 4));

    private static readonly SmtpRelayOptions Options = new()
    {
        QueuePath = "q",
        LocalDomains = [new() { Name = "ours.test", MailboxPath = "m", Mailboxes = ["ada", "bob"] }],
        Aliases =
        [
            new() { Address = "list-a@ours.test", To = ["ada@ours.test", "bob@ours.test"] },
            new() { Address = "list-b@ours.test", To = ["bob@ours.test"] },
            new() { Address = "both@ours.test", To = ["ada@ours.test", "partner@far.test"] },
            new() { Address = "long-named-list@ours.test", To = ["ada@ours.test", "@" + LongDomain] },
            .. Enumerable.Range(0, 11).Select(i => new AliasOptions { Address = $"crowd{i}@ours.test", To = [.. Enumerable.Range(0, 1000).Select(j => $"u{j}@d{i}.ours.test")] }),
        ],
    };

    private readonly RecordingTarget _target = new();
    private readonly RecordingTrace _trace = new();
    private readonly SenderRewriting _srs = new([new byte[32]], TimeProvider.System);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DsnNotify.Unspecified, DsnNotify.Unspecified, "ada@ours.test bob@ours.test")]
    [InlineData(DsnNotify.Unspecified, DsnNotify.Never, "ada@ours.test bob@ours.test bob@ours.test")]
    [InlineData(DsnNotify.Success, DsnNotify.Success, "ada@ours.test bob@ours.test bob@ours.test bob@ours.test")]   // a report for each name that was written to
    public async Task Who_is_named_in_several_ways_gets_it_once_unless_the_sender_asked_for_other_reports(DsnNotify first, DsnNotify then, string expected)
    {
        await using var transaction = await BeginAsync();
        foreach (var (name, notify) in new[] { ("list-a", first), ("list-b", then), ("bob", then) })
            Assert.True((await transaction.AddRecipientAsync(To(name) with { Notify = notify }, Ended)).IsPositive);
        using var content = new MemoryContent("x\r\n"u8.ToArray());
        var outcomes = await transaction.CommitAsync(content, Ended);
        Assert.Equal(3, outcomes.Count);
        Assert.Equal(expected, string.Join(' ', Assert.Single(_target.Mail).Recipients.Select(recipient => recipient.ForwardPath)));
    }

    [Fact]
    public async Task Of_an_alias_that_is_refused_for_now_nobody_gets_mail()
    {
        _target.RefuseSender = sender => sender.ReversePath!.Domain == "ours.test" ? new SmtpReply(452, "4.3.1", "No space left") : null;
        await using var transaction = await BeginAsync();
        Assert.Equal(452, (await transaction.AddRecipientAsync(To("both"), Ended)).Code);
        Assert.True((await transaction.AddRecipientAsync(To("bob"), Ended)).IsPositive);
        using var content = new MemoryContent("x\r\n"u8.ToArray());
        Assert.Single(await transaction.CommitAsync(content, Ended));
        Assert.Equal("bob@ours.test", Assert.Single(Assert.Single(_target.Mail).Recipients).ForwardPath.ToString());
    }

    // The client hears of either that it should come again, and does so with all of it.
    [Theory]
    [InlineData("partner@far.test", "partner@far.test")]                            // the one that is passed on is refused: the other is not begun
    [InlineData("ada@ours.test", "partner@far.test|ada@ours.test bob@ours.test")]
    public async Task Of_a_message_in_two_the_one_for_ours_goes_only_where_the_one_that_is_passed_on_is_queued(string notTaken, string asked)
    {
        _target.Outcome = recipient => DeliveryOutcome.From(recipient.ForwardPath.ToString() == notTaken ? new SmtpReply(452, "4.3.1", "No space left") : new SmtpReply(250, "2.0.0", "Ok"));
        await using var transaction = await BeginAsync();
        foreach (var name in (string[])["both", "bob"]) Assert.True((await transaction.AddRecipientAsync(To(name), Ended)).IsPositive);
        using var content = new MemoryContent("x\r\n"u8.ToArray());
        var outcomes = await transaction.CommitAsync(content, Ended);
        Assert.Equal(DeliveryStatus.Deferred, outcomes[0].Status);
        Assert.Equal(asked, string.Join('|', _target.Mail.Select(mail => string.Join(' ', mail.Recipients.Select(recipient => recipient.ForwardPath)))));
        Assert.Empty(_trace.Events);
    }

    [Fact]
    public async Task A_message_has_at_most_ten_thousand_recipients_however_few_aliases_they_come_from()
    {
        await using var transaction = await BeginAsync();
        for (var i = 0; i < 10; i++) Assert.True((await transaction.AddRecipientAsync(To($"crowd{i}"), Ended)).IsPositive);
        foreach (var name in (string[])["crowd10", "bob"]) Assert.Equal("452 4.5.3", (await transaction.AddRecipientAsync(To(name), Ended)).ToString()[..9]);
        using var content = new MemoryContent("x\r\n"u8.ToArray());
        Assert.Equal(10, (await transaction.CommitAsync(content, Ended)).Count);
        Assert.Equal(10_000, Assert.Single(_target.Mail).Recipients.Count);
    }

    [Fact]
    public async Task A_rewritten_address_of_ours_is_turned_back_and_that_of_another_is_only_an_address()
    {
        var rewritten = _srs.Forward(EmailAddress.Parse("eve@origin.test"), "ours.test")!;
        var again = _srs.Forward(EmailAddress.Parse("SRS0=abcd=AA=origin.test=eve@first.test"), "ours.test")!;
        string[] to = [rewritten.ToString(), again.ToString(), rewritten.LocalPart + "@far.test"];
        Assert.Equal("eve@origin.test SRS0=abcd=AA=origin.test=eve@first.test " + to[2], await SentAsync(null, to));
        // Who writes there himself stays the sender: what is turned back is passed on by no alias.
        Assert.Equal("eve@origin.test", await SentAsync("bob@else.test", to[0]));
        Assert.All(_target.Mail, mail => Assert.True(mail.Sender.ReversePath is null or { Domain: "else.test" }));
    }

    [Fact]
    public async Task An_alias_that_leads_to_no_address_is_refused_and_the_administrator_reads_which_it_is()
    {
        await using var transaction = await BeginAsync();
        var reply = await transaction.AddRecipientAsync(To("long-named-list"), Ended);
        Assert.Equal("550 5.3.5 The aliases of this address lead to what is no address; the log of this server says more", reply.ToString());
        Assert.Contains($"The alias long-named-list@ours.test leads to '@{LongDomain}', which makes no address of it: name a whole address as the target", Assert.Single(_trace.Faults), StringComparison.Ordinal);
        Assert.True((await transaction.AddRecipientAsync(To("bob"), Ended)).IsPositive);
    }

    private async Task<string> SentAsync(string? sender, params string[] to)
    {
        await using var transaction = await BeginAsync(sender);
        foreach (var address in to) Assert.True((await transaction.AddRecipientAsync(new MailRecipient(EmailAddress.Parse(address)), Ended)).IsPositive);
        using var content = new MemoryContent("x\r\n"u8.ToArray());
        await transaction.CommitAsync(content, Ended);
        return string.Join(' ', _target.Mail[^1].Recipients.Select(recipient => recipient.ForwardPath));
    }

    private static MailRecipient To(string name) => new(EmailAddress.Parse(name + "@ours.test"));

    private async Task<IMailTransaction> BeginAsync(string? sender = "ada@origin.test")
    {
        var recipients = new Recipients(_target, new AliasTable(Options, null), _srs, null, (_, _) => null, _trace, TimeProvider.System);
        return (await recipients.BeginAsync(new MailSender(sender is null ? null : EmailAddress.Parse(sender)), Ended)).Transaction!;
    }
}
