using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Policy;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Policy;

/// <summary>What reaches the queue of recipients that are aliases.</summary>
public sealed class RecipientsTests
{
    private static readonly SmtpRelayOptions Options = new()
    {
        QueuePath = "q",
        LocalDomains = [new() { Name = "ours.test", MailboxPath = "m", Mailboxes = ["ada", "bob"] }],
        Aliases =
        [
            new() { Address = "list-a@ours.test", To = ["ada@ours.test", "bob@ours.test"] },
            new() { Address = "list-b@ours.test", To = ["bob@ours.test"] },
            new() { Address = "both@ours.test", To = ["ada@ours.test", "partner@far.test"] },
        ],
    };

    private readonly RecordingTarget _target = new();

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

    private static MailRecipient To(string name) => new(EmailAddress.Parse(name + "@ours.test"));

    private async Task<IMailTransaction> BeginAsync()
    {
        var srs = new SenderRewriting([new byte[32]], TimeProvider.System);
        var recipients = new Recipients(_target, new AliasTable(Options, null), srs, null, (_, _) => null, new RecordingTrace(), TimeProvider.System);
        return (await recipients.BeginAsync(new MailSender(EmailAddress.Parse("ada@origin.test")), Ended)).Transaction!;
    }
}
