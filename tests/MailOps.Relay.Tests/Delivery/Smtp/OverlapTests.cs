using MailOps.Messages;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Smtp;

/// <summary>A message that is written behind one that is not answered yet: in these scripts the server answers the first only when it has the second.</summary>
public sealed class OverlapTests
{
    private const string Envelope = "MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", Content = "x\r\n.\r\n";
    private const string Ok = "250 Ok\r\n", GoOn = Ok + Ok + "354 Go on\r\n";

    [Theory, MemberData(nameof(SmtpConversationTests.Chunkings), MemberType = typeof(SmtpConversationTests))]
    public async Task With_DATA_the_next_envelope_goes_behind_a_content_without_an_answer(Chunking chunking)
    {
        var both = await SendAsync(Conversation.Pipelining, chunking, (Envelope, GoOn), (Content + Envelope, "250 2.0.0 First\r\n" + GoOn), (Content, "250 2.0.0 Second\r\n"));

        Assert.Equal(["Delivered: 250 2.0.0 First", "Delivered: 250 2.0.0 Second"], both.Outcomes);
    }

    [Fact]
    public async Task Each_has_its_own_answer()
    {
        var both = await SendAsync(Conversation.Pipelining, Chunking.ByLine, (Envelope, GoOn), (Content + Envelope, "554 5.6.0 Not this one\r\n" + Ok + "450 4.2.1 Busy\r\n503 No recipients\r\n"));

        Assert.Equal(["Failed: 554 5.6.0 Not this one", "Deferred: 450 4.2.1 Busy"], both.Outcomes);
    }

    [Fact]
    public async Task A_server_that_closes_after_the_first_has_not_taken_the_second()
    {
        var both = await SendAsync(Conversation.Pipelining, Chunking.Whole, (Envelope, GoOn), (Content + Envelope, "250 2.0.0 First\r\n"));

        Assert.Equal("Delivered: 250 2.0.0 First", both.Outcomes[0]);
        Assert.True(both.IsSecondStale);
        Assert.False(both.Connection.IsUsable);
    }

    [Theory]
    [InlineData("500 5.5.2 Oh\r\n")]   // to what is left of MAIL
    [InlineData("503 5.5.1 MAIL first\r\n503 5.5.1 MAIL first\r\n")]   // MAIL itself is lost
    [InlineData("550 5.1.1 Nobody\r\n503 No recipients\r\n")]   // to RCPT, where one reply was forgotten
    public async Task A_server_that_has_lost_a_part_of_the_second_or_a_reply_has_not_refused_it(string replies)
    {
        var both = await SendAsync(Conversation.Pipelining, Chunking.Whole, (Envelope, GoOn), (Content + Envelope, "250 2.0.0 First\r\n" + replies));

        Assert.Equal("Delivered: 250 2.0.0 First", both.Outcomes[0]);
        Assert.StartsWith("Deferred", both.Outcomes[1], StringComparison.Ordinal);
        Assert.True(both.IsSecondStale);
        Assert.False(both.Connection.IsUsable);
    }

    [Theory]
    [InlineData("")]
    [InlineData("421 4.3.2 Going down\r\n")]
    [InlineData("what?\r\n")]
    [InlineData("421 4.3.2 Going down\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n250 Ok\r\n")]   // nothing that comes then is an answer to anything
    public async Task Where_the_first_is_lost_so_is_the_second_and_nobody_waits_for_more(string replies)
    {
        var both = await SendAsync(Conversation.Pipelining, Chunking.ByLine, (Envelope, GoOn), (Content + Envelope, replies));

        Assert.All(both.Outcomes, outcome => Assert.StartsWith("Deferred", outcome, StringComparison.Ordinal));
        Assert.True(both.IsSecondStale);
    }

    [Fact]
    public async Task With_chunking_nothing_follows_for_the_content_goes_with_the_envelope()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.AllExtensions, ("MAIL FROM:<a@origin.test> SIZE=3\r\nRCPT TO:<b@example.test>\r\nBDAT 3 LAST\r\nx\r\n", Ok + Ok + Ok));
        var asked = false;

        var outcome = Assert.Single(await Exchange(talk, Nobody(() => asked = true)).RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal((DeliveryStatus.Delivered, false), (outcome.Status, asked));
    }

    [Fact]
    public async Task Without_pipelining_nothing_follows_before_the_answer()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.Plain, ("MAIL FROM:<a@origin.test>\r\n", Ok), ("RCPT TO:<b@example.test>\r\n", Ok), ("DATA\r\n", "354 Go on\r\n"), (Content, Ok));
        var asked = false;

        var outcome = Assert.Single(await Exchange(talk, Nobody(() => asked = true)).RunAsync(TestContext.Current.CancellationToken));

        Assert.Equal((DeliveryStatus.Delivered, false), (outcome.Status, asked));
    }

    [Fact]
    public async Task A_data_that_is_refused_lets_nothing_follow()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining, (Envelope, "250 Ok\r\n550 5.1.1 Nobody\r\n503 No recipients\r\n"));
        var asked = false;

        await Exchange(talk, Nobody(() => asked = true)).RunAsync(TestContext.Current.CancellationToken);

        Assert.False(asked);
    }

    private static SmtpExchange Exchange(Conversation talk, Func<Task>? ending, Action? begun = null) =>
        new(talk.Connection!, talk.Sender, [new MailRecipient(EmailAddress.Parse("b@example.test"))], new MemoryContent("x\r\n"u8.ToArray())) { Ending = ending, Begun = begun };

    private static Func<Task> Nobody(Action asked) => () =>
    {
        asked();
        return Task.CompletedTask;
    };

    private static async Task<(IReadOnlyList<string> Outcomes, bool IsSecondStale, SmtpConnection Connection)> SendAsync(string hello, Chunking chunking, params (string, string)[] script)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var talk = new Conversation();
        await talk.OpenAsync(chunking, hello, script);
        var begun = new TaskCompletionSource();
        var second = Exchange(talk, null, () => begun.TrySetResult());
        Task<IReadOnlyList<DeliveryOutcome>>? following = null;
        var first = Exchange(talk, () =>
        {
            following = second.RunAsync(cancellationToken).AsTask();
            return begun.Task;
        });
        var outcomes = new[] { Assert.Single(await first.RunAsync(cancellationToken)), Assert.Single(await following!) };
        return ([.. outcomes.Select(Conversation.Text)], second.IsStale, talk.Connection!);
    }
}
