using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class SmtpConversationTests
{
    private const string Envelope = "MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nRCPT TO:<c@example.test>\r\n";

    public static TheoryData<Chunking> Chunkings => [Chunking.Whole, Chunking.ByLine, Chunking.ByByte];

    [Theory, MemberData(nameof(Chunkings))]
    public async Task With_pipelining_and_chunking_a_message_is_one_write(Chunking chunking)
    {
        var talk = new Conversation();
        await talk.OpenAsync(chunking, Conversation.AllExtensions,
            ("MAIL FROM:<a@origin.test> SIZE=9\r\nRCPT TO:<b@example.test>\r\nBDAT 9 LAST\r\n.a\r\n..\r\n\r", "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Taken\r\n"));
        var before = talk.Stream.Writes;

        var outcomes = await talk.SendAsync(".a\r\n..\r\n\r", "b@example.test");

        Assert.Equal("Delivered: 250 2.0.0 Taken", Conversation.Text(Assert.Single(outcomes)));
        Assert.Equal("mx.test [192.0.2.1]:25", outcomes[0].RemoteHost);
        Assert.Equal(1, talk.Stream.Writes - before);
    }

    [Theory, MemberData(nameof(Chunkings))]
    public async Task With_pipelining_alone_the_content_follows_the_354(Chunking chunking)
    {
        var talk = new Conversation();
        await talk.OpenAsync(chunking, Conversation.Pipelining,
            (Envelope + "DATA\r\n", "250 Ok\r\n550 No such user\r\n250 Ok\r\n354 Go on\r\n"),
            ("..a\r\nb.\r\n...\r\n.\r\n", "250 Taken\r\n"));
        var before = talk.Stream.Writes;

        var outcomes = await talk.SendAsync(".a\r\nb.\r\n..\r\n", "b@example.test", "c@example.test");

        Assert.Equal(["Failed: 550 No such user", "Delivered: 250 Taken"], outcomes.Select(Conversation.Text));
        Assert.Equal(2, talk.Stream.Writes - before);
    }

    // Its yes would be taken for the one to a content that it refuses later.
    [Theory]
    [InlineData(Conversation.Pipelining)]
    [InlineData(Conversation.Plain)]
    public async Task A_server_that_answers_before_it_has_the_message_is_not_given_it(string hello)
    {
        var talk = new Conversation();
        var script = hello == Conversation.Pipelining
            ? new[] { ("MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", "250 Ok\r\n250 Ok\r\n354 Go on\r\n250 Taken\r\n") }
            : [("MAIL FROM:<a@origin.test>\r\n", "250 Ok\r\n"), ("RCPT TO:<b@example.test>\r\n", "250 Ok\r\n"), ("DATA\r\n", "354 Go on\r\n250 Taken\r\n")];
        await talk.OpenAsync(Chunking.Whole, hello, script);
        var before = talk.Stream.Writes;

        var outcomes = await talk.SendAsync("x\r\n", "b@example.test");

        Assert.Equal("Deferred: 451 4.5.0 the server answered the message before it had it while sending DATA", Conversation.Text(Assert.Single(outcomes)));
        Assert.Equal(script.Length, talk.Stream.Writes - before);
        Assert.False(talk.Connection!.IsUsable);
    }

    [Theory, MemberData(nameof(Chunkings))]
    public async Task Without_extensions_each_command_waits_for_its_reply(Chunking chunking)
    {
        var talk = new Conversation();
        await talk.OpenAsync(chunking, Conversation.Plain,
            ("MAIL FROM:<a@origin.test>\r\n", "250 Ok\r\n"), ("RCPT TO:<b@example.test>\r\n", "250 Ok\r\n"), ("RCPT TO:<c@example.test>\r\n", "251 Will forward\r\n"),
            ("DATA\r\n", "354 Go on\r\n"), ("\r\nHi\r\n.\r\n", "250-Taken\r\n250 2 of 2\r\n"));

        var outcomes = await talk.SendAsync("\r\nHi", "b@example.test", "c@example.test");

        Assert.All(outcomes, o => Assert.Equal(new SmtpReply(250, null, "Taken\n2 of 2"), o.Reply));
    }

    [Fact]
    public async Task A_refused_sender_fails_all_recipients_with_that_reply()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.ByLine, Conversation.Pipelining, (Envelope + "DATA\r\n", "550 5.7.1 Not you\r\n503 MAIL first\r\n503 MAIL first\r\n503 MAIL first\r\n"));

        var outcomes = await talk.SendAsync("x\r\n", "b@example.test", "c@example.test");

        Assert.All(outcomes, o => Assert.Equal("Failed: 550 5.7.1 Not you", Conversation.Text(o)));
        Assert.True(talk.Connection!.IsUsable);
    }

    [Fact]
    public async Task A_354_without_any_recipient_is_answered_with_an_empty_content()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.ByLine, Conversation.Pipelining, (Envelope + "DATA\r\n", "250 Ok\r\n550 No\r\n450 Later\r\n354 Go on\r\n"), (".\r\n", "554 No valid recipients\r\n"));

        var outcomes = await talk.SendAsync("secret\r\n", "b@example.test", "c@example.test");

        Assert.Equal(["Failed: 550 No", "Deferred: 450 Later"], outcomes.Select(Conversation.Text));
    }

    [Fact]
    public async Task After_an_unfinished_transaction_RSET_comes_before_the_next_in_the_same_write()
    {
        var talk = new Conversation();
        var one = "MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n";
        await talk.OpenAsync(Chunking.ByLine, Conversation.Pipelining,
            (one, "250 Ok\r\n550 No\r\n503 No recipients\r\n"), ("RSET\r\n" + one, "250 Reset\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("x\r\n.\r\n", "250 Taken\r\n"));

        await talk.SendAsync("x\r\n", "b@example.test");
        var outcomes = await talk.SendAsync("x\r\n", "b@example.test");

        Assert.Equal("Delivered: 250 Taken", Conversation.Text(Assert.Single(outcomes)));
    }

    [Theory]
    [InlineData("250 Ok\r\n250 Ok\r\n", "Deferred: 451 4.4.2 the server closed the connection while sending RCPT TO")]
    [InlineData("250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n", "Deferred: 451 4.4.2 the server closed the connection while waiting for the reply to the content; it may have been taken all the same, and be delivered twice")]
    [InlineData("250 Ok\r\n250 Ok\r\n421 4.3.2 Shutting down\r\n", "Deferred: 421 4.3.2 Shutting down")]
    [InlineData("250 Ok\r\nHello there\r\n", "Deferred: 451 4.5.0 the server's answer is not SMTP (a line does not begin with a reply code) while sending RCPT TO")]
    [InlineData("250 Ok\r\n250-Ok\r\n550 No\r\n", "Deferred: 451 4.5.0 the server's answer is not SMTP (the lines of one reply have different codes) while sending RCPT TO")]
    [InlineData("250 Ok\r\n250 Ok\r\n250 Ok\r\n250 What?\r\n", "Deferred: 451 4.5.0 the server answered '250 What?' while sending DATA")]
    public async Task A_conversation_that_breaks_defers_every_recipient_that_has_no_answer(string replies, string expected)
    {
        var talk = new Conversation();
        var content = replies.Contains("354", StringComparison.Ordinal) ? [("x\r\n.\r\n", "")] : Array.Empty<(string, string)>();
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining, [(Envelope + "DATA\r\n", replies), .. content]);

        var outcomes = await talk.SendAsync("x\r\n", "b@example.test", "c@example.test");

        Assert.All(outcomes, o => Assert.Equal(expected, Conversation.Text(o)));
        Assert.False(talk.Connection!.IsUsable);
        Assert.False(talk.Exchange!.IsStale);
    }

    [Fact]
    public async Task A_recipient_refused_before_the_conversation_broke_stays_refused()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining, (Envelope + "DATA\r\n", "250 Ok\r\n550 5.1.1 No\r\n"));

        var outcomes = await talk.SendAsync("x\r\n", "b@example.test", "c@example.test");

        Assert.Equal([DeliveryStatus.Failed, DeliveryStatus.Deferred], outcomes.Select(o => o.Status));
    }

    [Fact]
    public async Task A_server_that_says_nothing_runs_into_the_time_of_the_step()
    {
        var talk = new Conversation();
        await talk.OpenWithAsync(Chunking.Whole, [("", "220 mx\r\n"), ("EHLO relay.test\r\n", Conversation.Pipelining), (Envelope + "DATA\r\n", "250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("x\r\n.\r\n", "")], hangAtEnd: true);

        var sending = talk.SendAsync("x\r\n", "b@example.test", "c@example.test");
        await Poll.UntilAsync(() => talk.Stream.IsOver);
        talk.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(sending.IsCompleted);   // RFC 5321 section 4.5.3.2.6: ten minutes
        talk.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.All(await sending, o => Assert.StartsWith("Deferred: 451 4.4.2 timed out while waiting for the reply to the content", Conversation.Text(o), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_says_a_little_now_and_then_has_no_more_time()
    {
        var talk = new Conversation();
        await talk.OpenWithAsync(Chunking.Whole, [("", "220 mx\r\n"), ("EHLO relay.test\r\n", Conversation.Pipelining), (Envelope + "DATA\r\n", "250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("x\r\n.\r\n", "")], hangAtEnd: true);

        var sending = talk.SendAsync("x\r\n", "b@example.test", "c@example.test");
        await Poll.UntilAsync(() => talk.Stream.IsOver);
        for (var minute = 0; minute < 10; minute++)
        {
            talk.Stream.Send("250-wait\r\n");
            await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.False(sending.IsCompleted);
            talk.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.All(await sending.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken), o => Assert.Contains("timed out while waiting for the reply to the content", Conversation.Text(o), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_used_connection_that_ends_before_any_answer_was_stale()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.AllExtensions,
            ("MAIL FROM:<a@origin.test> SIZE=3\r\nRCPT TO:<b@example.test>\r\nBDAT 3 LAST\r\nx\r\n", "250 Ok\r\n250 Ok\r\n250 Taken\r\n"),
            ("MAIL FROM:<a@origin.test> SIZE=3\r\nRCPT TO:<b@example.test>\r\nBDAT 3 LAST\r\nx\r\n", ""));

        await talk.SendAsync("x\r\n", "b@example.test");
        Assert.False(talk.Exchange!.IsStale);
        await talk.SendAsync("x\r\n", "b@example.test");

        Assert.True(talk.Exchange!.IsStale);
    }

    [Fact]
    public async Task A_used_connection_that_ends_after_an_answer_was_not_stale()
    {
        const string message = "MAIL FROM:<a@origin.test> SIZE=3\r\nRCPT TO:<b@example.test>\r\nBDAT 3 LAST\r\nx\r\n";
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.AllExtensions, (message, "250 Ok\r\n250 Ok\r\n250 Taken\r\n"), (message, "250 Ok\r\n250 Ok\r\n"));

        await talk.SendAsync("x\r\n", "b@example.test");
        var outcome = Assert.Single(await talk.SendAsync("x\r\n", "b@example.test"));

        Assert.Equal((DeliveryStatus.Deferred, false), (outcome.Status, talk.Exchange!.IsStale));   // it may have been taken: sent again at once, it would be there twice
    }

    [Theory, MemberData(nameof(Chunkings))]
    public async Task LMTP_answers_for_each_recipient_after_the_content(Chunking chunking)
    {
        var talk = new Conversation(isLmtp: true);
        await talk.OpenAsync(chunking, Conversation.Pipelining,
            ("MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nRCPT TO:<c@example.test>\r\nRCPT TO:<d@example.test>\r\nDATA\r\n", "250 Ok\r\n250 Ok\r\n550 5.1.1 No\r\n250 Ok\r\n354 Go on\r\n"),
            ("x\r\n.\r\n", "250 2.0.0 Stored\r\n452 4.2.2 Full\r\n"));

        var outcomes = await talk.SendAsync("x\r\n", "b@example.test", "c@example.test", "d@example.test");

        Assert.Equal(["Delivered: 250 2.0.0 Stored", "Failed: 550 5.1.1 No", "Deferred: 452 4.2.2 Full"], outcomes.Select(Conversation.Text));
    }

    [Fact]
    public async Task LMTP_that_breaks_after_the_first_answer_keeps_that_answer()
    {
        var talk = new Conversation(isLmtp: true);
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining, (Envelope + "DATA\r\n", "250 Ok\r\n250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("x\r\n.\r\n", "250 2.0.0 Stored\r\n"));

        var outcomes = await talk.SendAsync("x\r\n", "b@example.test", "c@example.test");

        Assert.Equal([DeliveryStatus.Delivered, DeliveryStatus.Deferred], outcomes.Select(o => o.Status));
    }

    [Fact]
    public async Task A_large_content_waits_for_a_recipient_and_is_not_sent_without_one()
    {
        var large = new string('x', 70_000) + "\r\n";
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.AllExtensions,
            ("MAIL FROM:<a@origin.test> SIZE=70002\r\nRCPT TO:<b@example.test>\r\n", "250 Ok\r\n550 No\r\n"),
            ("RSET\r\nMAIL FROM:<a@origin.test> SIZE=70002\r\nRCPT TO:<b@example.test>\r\n", "250 Ok\r\n250 Ok\r\n250 Ok\r\n"),
            ("BDAT 70002 LAST\r\n" + large, "250 Taken\r\n"));

        Assert.Equal("Failed: 550 No", Conversation.Text(Assert.Single(await talk.SendAsync(large, "b@example.test"))));
        Assert.Equal("Delivered: 250 Taken", Conversation.Text(Assert.Single(await talk.SendAsync(large, "b@example.test"))));
    }

    [Fact]
    public async Task A_content_in_a_file_is_streamed_with_its_dots_stuffed_across_block_borders()
    {
        using var content = new SlowContent(string.Concat(Enumerable.Repeat(".line\r\n", 30_000)));
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining,
            ("MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", "250 Ok\r\n250 Ok\r\n354 Go on\r\n"),
            (string.Concat(Enumerable.Repeat("..line\r\n", 30_000)) + ".\r\n", "250 Taken\r\n"));

        var outcomes = await talk.SendAsync(content, new MailRecipient(EmailAddress.Parse("b@example.test")));

        Assert.Equal("Delivered: 250 Taken", Conversation.Text(Assert.Single(outcomes)));
    }

    /// <summary>Content that is not in memory, and comes in odd pieces.</summary>
    private sealed class SlowContent(string text) : MailContent
    {
        public override long Length => text.Length;

        public override Stream OpenRead() => new Trickle(System.Text.Encoding.ASCII.GetBytes(text));

        private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
        {
            public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
                base.ReadAsync(buffer[..Math.Min(buffer.Length, 1009)], cancellationToken);
        }
    }
}
