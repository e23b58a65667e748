using System.Text;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using MimeKit;

namespace MailOps.Relay.Tests.Delivery.Reports;

public sealed class DeliveryReportTests
{
    private const string Message = "Subject: The original\r\nX-Mark: yes\r\n\r\nBody text\r\n";
    private static readonly MailSender Sender = new(EmailAddress.Parse("sender@origin.test"));

    [Fact]
    public async Task A_refused_recipient_is_reported_to_the_sender_as_programs_and_people_read_it()
    {
        await using var stage = await StartAsync(_ => "550-5.1.1 No such user\r\n550 5.1.1 <user@example.test>");
        var id = await stage.Scene.SendAsync(Sender with { EnvelopeId = "env-7" }, Encoding.ASCII.GetBytes(Message), To("user@example.test") with { OriginalRecipient = "rfc822;first+2Blast@old.test" });
        await stage.Scene.UntilEmptyAsync();

        var mail = Assert.Single(stage.Origin.Mail);
        Assert.StartsWith("<> ", mail.From, StringComparison.Ordinal);
        Assert.Equal("<sender@origin.test> NOTIFY=NEVER", Assert.Single(mail.To));
        var message = Load(mail);
        Assert.Equal(("MAILER-DAEMON@relay.test", "sender@origin.test", "auto-replied"), (message.From.Mailboxes.Single().Address, message.To.Mailboxes.Single().Address, message.Headers[HeaderId.AutoSubmitted]));
        Assert.Equal(stage.Scene.Clock.GetUtcNow(), message.Date);
        var report = Assert.IsType<MultipartReport>(message.Body);
        Assert.Equal("delivery-status", report.ReportType);
        Assert.Contains("user@example.test (failed)", Assert.IsType<TextPart>(report[0]).Text, StringComparison.Ordinal);
        var groups = Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups;
        Assert.Equal(("dns; relay.test", "env-7", id), (groups[0]["Reporting-MTA"], groups[0]["Original-Envelope-Id"], groups[0]["X-MailOps-Queue-Id"]));
        Assert.Equal(("rfc822; user@example.test", "rfc822;first+last@old.test", "failed", "5.1.1"), (groups[1]["Final-Recipient"], groups[1]["Original-Recipient"], groups[1]["Action"], groups[1]["Status"]));
        Assert.Equal(("dns; 127.0.0.1", "smtp; 550 5.1.1 No such user <user@example.test>"), (groups[1]["Remote-MTA"], groups[1]["Diagnostic-Code"]));
        Assert.Equal("The original", Assert.IsType<MessagePart>(report[2]).Message?.Subject);
        Assert.EndsWith(Message + mail.Text[mail.Text.LastIndexOf("\r\n--", StringComparison.Ordinal)..], mail.Text, StringComparison.Ordinal);

        var step = Assert.Single(stage.Scene.Trace.Of("DSN"));
        Assert.Equal((id, "<>", "sender@origin.test"), (step.Reference, step.Sender, Assert.Single(step.Recipients)));
    }

    [Theory]
    [InlineData(DsnReturn.Unspecified, 100, true)]
    [InlineData(DsnReturn.Unspecified, 60_000, false)]
    [InlineData(DsnReturn.Headers, 100, false)]
    [InlineData(DsnReturn.Full, 60_000, true)]
    [InlineData(DsnReturn.Full, 1_100_000, false)]
    public async Task The_message_comes_back_as_the_sender_asked_within_bounds(DsnReturn wish, int size, bool whole)
    {
        await using var stage = await StartAsync(_ => "550 5.1.1 No");
        await stage.Scene.SendAsync(Sender with { Return = wish }, Message + string.Concat(Enumerable.Repeat("0123456789\r\n", size / 12)), "user@example.test");
        await stage.Scene.UntilEmptyAsync();

        var returned = Assert.IsType<MultipartReport>(Load(Assert.Single(stage.Origin.Mail)).Body)[2];
        Assert.Equal(whole ? "message/rfc822" : "text/rfc822-headers", returned.ContentType.MimeType);
        if (!whole) Assert.Contains("Content-Type: text/rfc822-headers\r\n\r\nSubject: The original\r\nX-Mark: yes\r\n\r\n--", stage.Origin.Mail[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_those_who_want_to_hear_of_a_failure_do_and_one_report_speaks_of_all()
    {
        await using var stage = await StartAsync(line => line.Contains("ok@", StringComparison.Ordinal) ? null : "550 5.1.1 No");
        await stage.Scene.SendAsync(Sender, Encoding.ASCII.GetBytes(Message),
            To("default@example.test"), To("asked@example.test") with { Notify = DsnNotify.Failure }, To("never@example.test") with { Notify = DsnNotify.Never },
            To("success@example.test") with { Notify = DsnNotify.Success }, To("ok@example.test"));
        await stage.Scene.UntilEmptyAsync();

        var status = Assert.IsType<MessageDeliveryStatus>(Assert.IsType<MultipartReport>(Load(Assert.Single(stage.Origin.Mail)).Body)[1]);
        Assert.Equal(["rfc822; default@example.test", "rfc822; asked@example.test"], status.StatusGroups.Skip(1).Select(g => g["Final-Recipient"]));
    }

    [Fact]
    public async Task A_report_that_cannot_be_delivered_is_dropped_and_that_is_told()
    {
        await using var stage = await StartAsync(_ => "550 5.1.1 No");
        stage.Origin.On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 No sender either" : null;
        await stage.Scene.SendAsync(Sender, Message, "user@example.test");
        await stage.Scene.UntilEmptyAsync();

        Assert.Equal(["DROP", "DSN", "FAIL", "FAIL"], stage.Scene.Trace.Events.Select(e => e.EventId).Order(StringComparer.Ordinal));
        Assert.Empty(stage.Origin.Mail);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "relayed")]
    public async Task A_success_that_was_asked_for_is_reported_unless_the_next_hop_does_it(bool offersDsn, string? action)
    {
        await using var stage = await StartAsync(_ => null);
        stage.Server.Extensions = offersDsn ? ["PIPELINING", "DSN"] : ["PIPELINING"];
        await stage.Scene.SendAsync(Sender, Encoding.ASCII.GetBytes(Message), To("user@example.test") with { Notify = DsnNotify.Success });
        await stage.Scene.UntilEmptyAsync();

        if (action is null) Assert.Empty(stage.Origin.Mail);
        else Assert.Equal(action, RetryTests.Report(Assert.Single(stage.Origin.Mail))["Action"]);
    }

    [Fact]
    public async Task A_delivery_to_a_mailbox_is_reported_as_such_and_does_not_tell_where_it_lies()
    {
        await using var stage = await StartAsync(_ => null);
        await stage.Scene.SendAsync(Sender, Encoding.ASCII.GetBytes(Message), To("user@local.test") with { Notify = DsnNotify.Success });
        await stage.Scene.UntilEmptyAsync();

        var mail = Assert.Single(stage.Origin.Mail);
        Assert.Equal(("delivered", null), (RetryTests.Report(mail)["Action"], RetryTests.Report(mail)["Remote-MTA"]));
        Assert.DoesNotContain(stage.Scene.Temporary(""), mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_on_internationalised_addresses_is_one_itself()
    {
        await using var stage = await StartAsync(_ => "550 5.1.1 Gibt’s nicht");
        await stage.Scene.SendAsync(new MailSender(EmailAddress.Parse("grüße@origin.test")) { SmtpUtf8 = true, Body = MailBody.EightBitMime }, "Subject: Grüße\r\n\r\nx\r\n", "jürgen@example.test");
        await stage.Scene.UntilEmptyAsync();

        var mail = Assert.Single(stage.Origin.Mail);
        Assert.EndsWith(" BODY=8BITMIME SMTPUTF8 RET=HDRS", mail.From, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global-delivery-status", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: utf-8; jürgen@example.test", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Content-Type: message/global\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("Gibt’s nicht", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "utf-8;grün+x@bücher.test")]
    [InlineData(false, @"utf-8;gr\x{FC}n\x{2B}x@b\x{FC}cher.test")]
    public async Task An_original_recipient_beyond_ASCII_stands_in_the_form_of_the_report(bool smtpUtf8, string expected)
    {
        await using var stage = await StartAsync(_ => "550 5.1.1 No");
        var recipient = To("user@example.test") with { OriginalRecipient = @"utf-8;gr\x{FC}n\x{2B}x@bücher.test" };
        await stage.Scene.SendAsync(Sender with { SmtpUtf8 = smtpUtf8 }, Encoding.ASCII.GetBytes(Message), recipient);
        await stage.Scene.UntilEmptyAsync();

        var mail = Assert.Single(stage.Origin.Mail);
        Assert.Contains($"\r\nOriginal-Recipient: {expected}\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Type: message/{(smtpUtf8 ? "global-" : "")}delivery-status\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("\r\nFinal-Recipient: rfc822; user@example.test\r\n", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reason_that_the_relay_found_itself_is_not_said_to_be_the_servers()
    {
        await using var stage = await StartAsync(_ => null);
        await stage.Scene.SendAsync(Sender with { Body = MailBody.BinaryMime }, Encoding.ASCII.GetBytes(Message), To("user@example.test"));
        await stage.Scene.UntilEmptyAsync();

        var mail = Assert.Single(stage.Origin.Mail);
        var report = RetryTests.Report(mail);
        Assert.Equal(("failed", "5.6.3", null), (report["Action"], report["Status"], report["Remote-MTA"]));
        Assert.StartsWith("x-mailops; 554 5.6.3 The message is binary", report["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Contains($"\r\n    While talking to 127.0.0.1 [127.0.0.1]:{stage.Server.Port}: 554 5.6.3 The message is binary", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(" said: ", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_Turkish_a_report_reads_the_same()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        System.Globalization.CultureInfo.DefaultThreadCurrentCulture = new("tr-TR");
        try
        {
            await using var stage = await StartAsync(_ => "550 5.1.1 I");
            await stage.Scene.SendAsync(Sender, Message, "INFO@EXAMPLE.test");
            await stage.Scene.UntilEmptyAsync();

            var report = RetryTests.Report(Assert.Single(stage.Origin.Mail));
            Assert.Equal(("failed", "Sun, 01 Mar 2026 12:00:00 +0000"), (report["Action"], report["Last-Attempt-Date"]));
        }
        finally
        {
            System.Globalization.CultureInfo.DefaultThreadCurrentCulture = before;
        }
    }

    private static MimeMessage Load(ServerMail mail) => MimeMessage.Load(new MemoryStream(mail.Content), DeliveryScene.Ended);

    private static MailRecipient To(string address) => new(EmailAddress.Parse(address));

    private static async Task<Stage> StartAsync(Func<string, string?> onRcpt)
    {
        var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? onRcpt(line) : null };
        var origin = new FakeMailServer();
        var scene = new DeliveryScene();
        scene.Options = new SmtpRelayOptions
        {
            QueuePath = "",
            LocalDomains = [new() { Name = "local.test", MailboxPath = scene.Temporary("mail") }],
            Routes = [DeliveryScene.Route("origin.test", origin), DeliveryScene.Route("*", server)],
        };
        return new Stage(await scene.StartAsync(), server, origin);
    }

    private sealed record Stage(DeliveryScene Scene, FakeMailServer Server, FakeMailServer Origin) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Scene.DisposeAsync();
            await Server.DisposeAsync();
            await Origin.DisposeAsync();
        }
    }
}
