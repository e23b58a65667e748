using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Smtp;

public sealed class ExtensionTests
{
    private const string Taken = "250 Ok\r\n250 Ok\r\n250 Taken\r\n";

    [Fact]
    public async Task What_the_sender_asked_of_reports_is_passed_on_where_the_server_offers_DSN()
    {
        var talk = new Conversation { Sender = new MailSender(EmailAddress.Parse("a@origin.test")) { Return = DsnReturn.Headers, EnvelopeId = "id+1=é x" } };
        await talk.OpenAsync(Chunking.Whole, Conversation.AllExtensions,
            ("MAIL FROM:<a@origin.test> SIZE=3 RET=HDRS ENVID=id+2B1+3D+C3+A9+20x\r\nRCPT TO:<b@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b+2Bc@old.test\r\nBDAT 3 LAST\r\nx\r\n", Taken));

        var outcomes = await talk.SendAsync(
            new MemoryContent("x\r\n"u8.ToArray()),
            new MailRecipient(EmailAddress.Parse("b@example.test")) { Notify = DsnNotify.Success | DsnNotify.Delay, OriginalRecipient = "rfc822;b+2Bc@old.test" });

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(outcomes).Status);
    }

    // RFC 6533 section 3: the characters themselves where SMTPUTF8 is said, and their numbers where it is not.
    [Theory]
    [InlineData(@"utf-8;gr\x{FC}n\x{2B}x@bücher.test", true, @"utf-8;grün\x{2B}x@bücher.test")]
    [InlineData(@"utf-8;gr\x{fc}n\x{2B}x@bücher.test", false, @"utf-8;gr\x{FC}n\x{2B}x@b\x{FC}cher.test")]
    [InlineData(@"UTF-8;""a\x{20}😀""@x.test", false, @"utf-8;""a\x{20}\x{1F600}""@x.test")]
    [InlineData("rfc822;b+2Bc@old.test", false, "rfc822;b+2Bc@old.test")]
    [InlineData("rfc822;+C3+BC+2Bx@old.test", false, @"utf-8;\x{FC}\x{2B}x@old.test")]
    public async Task An_original_recipient_beyond_ASCII_is_passed_on_as_the_server_can_read_it(string original, bool smtpUtf8, string said)
    {
        var talk = new Conversation { Sender = new MailSender(EmailAddress.Parse("a@origin.test")) { SmtpUtf8 = true } };
        await talk.OpenAsync(Chunking.Whole, smtpUtf8 ? Conversation.AllExtensions : "250-mx.test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 DSN\r\n",
            ($"MAIL FROM:<a@origin.test>{(smtpUtf8 ? " SIZE=3 SMTPUTF8" : "")}\r\nRCPT TO:<b@example.test> ORCPT={said}\r\nBDAT 3 LAST\r\nx\r\n", Taken));

        var outcomes = await talk.SendAsync(new MemoryContent("x\r\n"u8.ToArray()), new MailRecipient(EmailAddress.Parse("b@example.test")) { OriginalRecipient = original });

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(outcomes).Status);
    }

    [Fact]
    public async Task An_original_recipient_that_would_be_too_long_is_left_out()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, "250-mx.test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 DSN\r\n", ("MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nBDAT 3 LAST\r\nx\r\n", Taken));

        var lengthy = "utf-8;x@" + string.Join('.', Enumerable.Repeat("äöü", 30));
        var outcomes = await talk.SendAsync(new MemoryContent("x\r\n"u8.ToArray()), new MailRecipient(EmailAddress.Parse("b@example.test")) { OriginalRecipient = lengthy });

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(outcomes).Status);
    }

    [Fact]
    public async Task A_server_without_extensions_is_told_of_none()
    {
        var talk = new Conversation { Sender = new MailSender(EmailAddress.Parse("a@origin.test")) { Return = DsnReturn.Full, EnvelopeId = "id", Body = MailBody.EightBitMime } };
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining,
            ("MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", "250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("x\r\n.\r\n", "250 Taken\r\n"));

        var outcomes = await talk.SendAsync(
            new MemoryContent("x\r\n"u8.ToArray()), new MailRecipient(EmailAddress.Parse("b@example.test")) { Notify = DsnNotify.Success, OriginalRecipient = "rfc822;b@old.test" });

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(outcomes).Status);
    }

    [Fact]
    public async Task SMTPUTF8_is_said_where_it_is_needed_and_offered()
    {
        var talk = new Conversation { Sender = new MailSender(EmailAddress.Parse("ä@origin.test")) { SmtpUtf8 = true, Body = MailBody.EightBitMime } };
        await talk.OpenAsync(Chunking.Whole, Conversation.AllExtensions,
            ("MAIL FROM:<ä@origin.test> SIZE=3 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<b@bücher.test>\r\nBDAT 3 LAST\r\nx\r\n", Taken));

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await talk.SendAsync("x\r\n", "b@bücher.test")).Status);
    }

    [Fact]
    public async Task Without_SMTPUTF8_a_domain_travels_as_A_labels_and_a_local_part_not_at_all()
    {
        var talk = new Conversation();
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining,
            ("MAIL FROM:<a@origin.test>\r\nRCPT TO:<b@xn--bcher-kva.test>\r\nDATA\r\n", "250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("x\r\n.\r\n", "250 Taken\r\n"));

        var outcomes = await talk.SendAsync("x\r\n", "b@bücher.test", "ü@example.test");

        Assert.Equal(["Delivered: 250 Taken", "Failed: 550 5.6.7 The message needs SMTPUTF8, which the next server does not offer"], outcomes.Select(Conversation.Text));
    }

    [Theory]
    [InlineData(Conversation.Plain, "Subject: ä\r\n\r\nx\r\n", true, MailBody.EightBitMime, "550 5.6.7")]
    [InlineData(Conversation.Plain, "Subject: a\r\n\r\nä\r\n", false, MailBody.EightBitMime, "554 5.6.3")]
    [InlineData(Conversation.Plain, "Subject: a\r\n\r\nx\r\n", false, MailBody.BinaryMime, "554 5.6.3")]
    [InlineData(Conversation.Plain, "Subject: a\r\n\r\nx\ny\r\n", false, MailBody.SevenBit, "554 5.6.0")]
    [InlineData(Conversation.Plain, "Subject: a\r\n\r\nx\r", false, MailBody.SevenBit, "554 5.6.0")]
    [InlineData(Conversation.Plain, "\n.\r\nMAIL FROM:<smuggled@x.test>\r\n", false, MailBody.SevenBit, "554 5.6.0")]
    [InlineData("250-mx\r\n250 SIZE 10\r\n", "Subject: a\r\n\r\nx\r\n", false, MailBody.SevenBit, "552 5.3.4")]
    public async Task What_cannot_travel_fails_before_a_word_is_said(string hello, string content, bool utf8, MailBody body, string reply)
    {
        var talk = new Conversation { Sender = new MailSender(EmailAddress.Parse("a@origin.test")) { SmtpUtf8 = utf8, Body = body } };
        await talk.OpenAsync(Chunking.Whole, hello);

        var outcome = Assert.Single(await talk.SendAsync(content, "b@example.test"));

        Assert.Equal(DeliveryStatus.Failed, outcome.Status);
        Assert.StartsWith(reply, outcome.Reply.ToString(), StringComparison.Ordinal);
        Assert.True(talk.Connection!.IsUsable);
    }

    [Fact]
    public async Task A_report_with_8_bit_content_goes_as_it_is_rather_than_be_lost_unheard()
    {
        var talk = new Conversation { Sender = new MailSender(null) { Body = MailBody.EightBitMime } };
        await talk.OpenAsync(Chunking.Whole, Conversation.Pipelining,
            ("MAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n", "250 Ok\r\n250 Ok\r\n354 Go on\r\n"), ("Subject: a\r\n\r\nä\r\n.\r\n", "250 Taken\r\n"));

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await talk.SendAsync("Subject: a\r\n\r\nä\r\n", "b@example.test")).Status);
    }

    [Theory]
    [InlineData("Subject: a\r\n\r\nx\r\n", true, MailBody.EightBitMime)]
    [InlineData("Subject: a\r\n\r\nä\r\n", false, MailBody.SevenBit)]
    [InlineData("Subject: a\r\n\r\nä\r\n", true, MailBody.SevenBit)]
    public async Task What_does_not_need_an_extension_travels_without_it(string content, bool utf8, MailBody body)
    {
        var talk = new Conversation { Sender = new MailSender(EmailAddress.Parse("a@origin.test")) { SmtpUtf8 = utf8, Body = body } };
        await talk.OpenAsync(Chunking.Whole, Conversation.Plain,
            ("MAIL FROM:<a@origin.test>\r\n", "250 Ok\r\n"), ("RCPT TO:<b@example.test>\r\n", "250 Ok\r\n"), ("DATA\r\n", "354 Go on\r\n"), (content + ".\r\n", "250 Taken\r\n"));

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await talk.SendAsync(content, "b@example.test")).Status);
    }
}
