using System.Text;
using MailOps.Reports;

namespace MailOps.Core.Tests.Reports;

public class DeliveryReportReaderTests
{
    private const string Standard = """
        From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
        To: sender@example.com
        Subject: Undelivered Mail Returned to Sender
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain; charset=us-ascii

        This is the mail system at host mx.example.com.

        <one@example.net>: host mail.example.net[192.0.2.7] said: 550 5.1.1
            <one@example.net>: Recipient address rejected: User unknown (in reply to RCPT
            TO command)

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.com
        Original-Envelope-Id: QQ314159
        Arrival-Date: Wed,  4 Mar 2026 10:00:00 +0100 (CET)

        Final-Recipient: rfc822; one@example.net
        Original-Recipient: rfc822;alias@example.com
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; mail.example.net
        Diagnostic-Code: smtp; 550 5.1.1 <one@example.net>: Recipient address
            rejected: User unknown
        Last-Attempt-Date: Wed, 4 Mar 2026 10:00:05 +0100

        Final-Recipient: rfc822; two@example.org
        Action: delayed
        Status: 4.4.1
        Diagnostic-Code: X-Postfix; connect to example.org[192.0.2.8]:25: Connection
            timed out
        Will-Retry-Until: Mon, 9 Mar 2026 10:00:00 +0100

        --b
        Content-Type: message/rfc822

        From: sender@example.com
        Message-ID: <1@example.com>
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=

        Hello
        --b--
        """;

    [Theory]
    [InlineData("4.4.7", "x-mailops; 451 4.4.7 Not delivered within 2 days; the last attempt: 450 4.4.1 Nothing answers at 192.0.2.1:25", "4.4.7")]   // this relay's own, when the lifetime ends
    [InlineData("4.4.7", "x-mailops; 451 4.4.7 Not delivered within 2 days; the last attempt: mx.example.net [192.0.2.1] said '452 4.2.2 Mailbox full'", "4.4.7")]
    [InlineData("5.0.0", "smtp; 550 5.1.1 User unknown", "5.1.1")]
    [InlineData("4.0.0", "x-local; 450 4.2.2 Mailbox full", "4.2.2")]
    public void What_the_reporter_says_as_its_own_is_not_replaced_by_a_reply_that_it_quotes(string status, string diagnostic, string expected)
    {
        var text = Standard.Replace("Status: 4.4.1", "Status: " + status, StringComparison.Ordinal)
            .Replace("Diagnostic-Code: X-Postfix; connect to example.org[192.0.2.8]:25: Connection\n    timed out", "Diagnostic-Code: " + diagnostic, StringComparison.Ordinal);

        Assert.Equal(expected, DeliveryReportReader.Read(Encoding.UTF8.GetBytes(text))[1].Status);
    }

    [Fact]
    public void Every_field_of_the_standard_form_is_read()
    {
        var found = Read(Standard);

        Assert.Equal(2, found.Count);
        var failed = found[0];
        Assert.Equal("one@example.net", failed.Recipient);
        Assert.Equal("alias@example.com", failed.OriginalRecipient);
        Assert.Equal(DeliveryReportAction.Failed, failed.Action);
        Assert.Equal(DeliveryReportClass.NoSuchUser, failed.Class);
        Assert.True(failed.IsAddressInvalid);
        Assert.Equal("5.1.1", failed.Status);
        Assert.Equal(550, failed.SmtpStatusCode);
        Assert.Equal("550 5.1.1 <one@example.net>: Recipient address rejected: User unknown", failed.Diagnostic);
        Assert.Equal("mail.example.net", failed.RemoteMta);
        Assert.Equal("mx.example.com", failed.ReportingMta);
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 10, 0, 0, TimeSpan.FromHours(1)), failed.ArrivalDate);
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 10, 0, 5, TimeSpan.FromHours(1)), failed.LastAttemptDate);
        Assert.Null(failed.WillRetryUntil);
        Assert.Equal("QQ314159", failed.EnvelopeId);
        Assert.Equal("1@example.com", failed.OriginalMessageId);
        Assert.Equal("Grüße", failed.OriginalSubject);
        var delayed = found[1];
        Assert.Equal(("two@example.org", DeliveryReportAction.Delayed, DeliveryReportClass.Network, "4.4.1"), (delayed.Recipient, delayed.Action, delayed.Class, delayed.Status));
        Assert.False(delayed.IsAddressInvalid);
        Assert.Equal(new DateTimeOffset(2026, 3, 9, 10, 0, 0, TimeSpan.FromHours(1)), delayed.WillRetryUntil);
    }

    [Theory]
    [InlineData("delivered", DeliveryReportAction.Delivered)]
    [InlineData("Relayed (to a system without reports)", DeliveryReportAction.Relayed)]
    [InlineData("expanded", DeliveryReportAction.Expanded)]
    public void Success_is_no_failure(string action, DeliveryReportAction expected)
    {
        var found = Assert.Single(Read(Status($"Final-Recipient: rfc822; one@example.net\nAction: {action}\nStatus: 2.0.0\nDiagnostic-Code: smtp; 250 2.0.0 user unknown to nobody\n")));

        Assert.Equal((expected, DeliveryReportClass.Delivered, "2.0.0"), (found.Action, found.Class, found.Status));
        Assert.False(found.IsAddressInvalid);
    }

    [Fact]
    public void An_address_with_letters_of_its_own_is_decoded()
    {
        var found = Assert.Single(Read(Status(@"Final-Recipient: utf-8; j\x{FC}rgen@example.net" + "\nOriginal-Recipient: utf-8; \\x{1F600}@example.net\nAction: failed\nStatus: 5.6.7\n")));

        Assert.Equal(("jürgen@example.net", "😀@example.net"), (found.Recipient, found.OriginalRecipient));
    }

    [Fact]
    public void What_the_remote_server_said_counts_more_than_what_its_client_made_of_it()
    {
        var found = Assert.Single(Read(Status("Final-Recipient: rfc822; one@example.net\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 552 5.2.2 Over quota\n")));

        Assert.Equal(("5.2.2", 552, DeliveryReportClass.MailboxFull), (found.Status, found.SmtpStatusCode, found.Class));
    }

    [Fact]
    public void A_missing_blank_line_and_an_unknown_action_do_not_lose_a_recipient()
    {
        var found = Read(Status("Final-Recipient: rfc822; one@example.net\nStatus: 5.1.1\nFinal-Recipient: rfc822; <two@example.net>\nAction: puzzled\nStatus: 5.2.2 (mailbox full)\n"));

        Assert.Equal(["one@example.net", "two@example.net"], found.Select(report => report.Recipient));
        Assert.Equal([DeliveryReportClass.NoSuchUser, DeliveryReportClass.MailboxFull], found.Select(report => report.Class));
        Assert.All(found, report => Assert.Equal(DeliveryReportAction.Failed, report.Action));
    }

    [Fact]
    public void A_report_that_was_passed_on_is_read_inside_what_it_was_wrapped_in()
    {
        var wrapped = "From: helpdesk@example.com\nSubject: please look\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=outer\n\n--outer\nContent-Type: text/plain\n\nWhat is this?\n\n--outer\nContent-Type: message/rfc822\n\n"
            + Standard + "\n--outer--\n";

        Assert.Equal(["one@example.net", "two@example.org"], Read(wrapped).Select(report => report.Recipient));
        var quoted = "From: sender@example.com\nSubject: Fwd: Undelivered Mail Returned to Sender\n\nLook:\n" + string.Concat(Standard.Split('\n').Select(line => "> " + line + "\n"));
        Assert.Equal(["one@example.net", "two@example.org"], Read(quoted).Select(report => report.Recipient));
    }

    [Fact]
    public void All_reports_of_an_mbox_are_read()
    {
        var mbox = $"From MAILER-DAEMON Wed Mar  4 10:00:00 2026\n{Standard}\n\nFrom MAILER-DAEMON Wed Mar  4 10:00:01 2026\n{Standard.Replace("one@", "three@", StringComparison.Ordinal)}\n";

        Assert.Equal(["one@example.net", "two@example.org", "three@example.net", "two@example.org"], Read(mbox).Select(report => report.Recipient));
    }

    [Theory]
    [InlineData("Hi. This is the qmail-send program at example.com.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<one@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <sender@example.com>\nFrom: sender@example.com\nTo: other@example.net\n",
        "5.1.1", 0, DeliveryReportClass.NoSuchUser)]
    [InlineData("This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  one@example.net\n    host mx.example.net [192.0.2.1]\n    SMTP error from remote mail server after end of data:\n    552 5.3.4 Message too big\n\n------ This is a copy of the message, including all the headers. ------\n\nFrom: sender@example.com\nTo: other@example.net\n",
        "5.3.4", 552, DeliveryReportClass.MessageTooLarge)]
    [InlineData("   ----- The following addresses had permanent fatal errors -----\n<one@example.net>\n\n   ----- Transcript of session follows -----\n... while talking to mx.example.net.:\n>>> RCPT To:<one@example.net>\n<<< 554 Client host rejected: listed on a block list\n554 Service unavailable\n",
        "5.7.1", 554, DeliveryReportClass.Blocked)]
    [InlineData("Your message\n\n  To:      one@example.net\n  Subject: Hello\n  Sent:    Wed, 4 Mar 2026 10:00:00 +0100\n\ndid not reach the following recipient(s):\n\none@example.net on Wed, 4 Mar 2026 10:00:01 +0100\n    The recipient name is not recognized\n",
        "5.1.1", 0, DeliveryReportClass.NoSuchUser)]
    [InlineData("Your message was not delivered to:\n\n  one@example.net\n\nbecause:\n\n  Error transferring to MX.EXAMPLE.NET; Maximum hop count exceeded. Message probably in a routing loop.\n",
        "5.4.0", 0, DeliveryReportClass.Network)]
    [InlineData("The message could not be delivered because of\n\n550 5.7.1 DMARC policy of example.com says reject\n\nThe following recipients were affected:\n one@example.net\n",
        "5.7.1", 550, DeliveryReportClass.AuthenticationFailed)]
    public void Words_are_read_where_there_are_no_fields(string text, string status, int code, DeliveryReportClass kind)
    {
        var found = Assert.Single(Read("From: Mail Delivery System <MAILER-DAEMON@example.com>\nTo: sender@example.com\nSubject: failure notice\n\n" + text));

        Assert.Equal(("one@example.net", DeliveryReportAction.Failed, status, code, kind), (found.Recipient, found.Action, found.Status, found.SmtpStatusCode, found.Class));
    }

    [Fact]
    public void Html_alone_is_read_too()
    {
        var found = Assert.Single(Read("From: postmaster@example.com\nSubject: Undeliverable: Hello\nContent-Type: text/html\n\n<html><style>p { x: 1 }</style><p>Delivery has failed to these recipients:</p><p><a href=\"x\">one@example.net</a></p><p>550 5.2.1 This account has been disabled &amp; closed</p></html>"));

        Assert.Equal(("one@example.net", "5.2.1", DeliveryReportClass.Suspended), (found.Recipient, found.Status, found.Class));
        Assert.Equal("550 5.2.1 This account has been disabled & closed", found.Diagnostic);
    }

    [Fact]
    public void A_complaint_is_feedback()
    {
        var found = Assert.Single(Read("From: fbl@example.net\nSubject: FW: Hello\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\nOriginal-Rcpt-To: <one@example.net>\nArrival-Date: Wed, 4 Mar 2026 10:00:00 +0000\n\n--b\nContent-Type: message/rfc822\n\nFrom: sender@example.com\nSubject: Hello\n\nHello\n--b--\n"));

        Assert.Equal(("one@example.net", DeliveryReportClass.Feedback, "abuse", DeliveryReportAction.None, null), (found.Recipient, found.Class, found.FeedbackType, found.Action, found.Status));
        Assert.Equal("Hello", found.OriginalSubject);
    }

    [Fact]
    public void Notifications_in_json_are_read()
    {
        const string Bounce = """{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"one@example.net","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"},{"emailAddress":"two@example.net"}],"reportingMTA":"dsn; a.example.com"},"mail":{"timestamp":"2026-03-04T10:00:00.000Z"}}""";
        const string Complaint = """{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"one@example.net"}],"complaintFeedbackType":"abuse"},"mail":{}}""";

        var bounced = Read("From: no-reply@sns.example.com\nSubject: Notification\n\n" + Bounce + "\n\n--\nunsubscribe\n");
        Assert.Equal(["one@example.net", "two@example.net"], bounced.Select(report => report.Recipient));
        Assert.Equal((DeliveryReportClass.NoSuchUser, 550, "a.example.com"), (bounced[0].Class, bounced[0].SmtpStatusCode, bounced[0].ReportingMta));
        Assert.Equal(DeliveryReportClass.Feedback, Assert.Single(Read("Subject: x\n\n" + Complaint)).Class);
    }

    [Fact]
    public void An_automatic_answer_is_one_and_other_mail_is_nothing()
    {
        var answer = Assert.Single(Read("From: one@example.net\nTo: sender@example.com\nSubject: Re: Hello\nAuto-Submitted: auto-replied\n\nI am away.\n"));

        Assert.Equal(("one@example.net", DeliveryReportClass.AutoReply, DeliveryReportAction.None), (answer.Recipient, answer.Class, answer.Action));
        Assert.Empty(Read("From: friend@example.net\nTo: sender@example.com\nSubject: Hello\n\nWrite to one@example.net, 550 people do.\n"));
        Assert.Empty(Read(""));
    }

    private static string Status(string fields) =>
        "From: MAILER-DAEMON@mx.example.com\nSubject: Report\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\n\nA report.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n" + fields + "\n--b--\n";

    private static IReadOnlyList<DeliveryReport> Read(string text) => DeliveryReportReader.Read(Encoding.UTF8.GetBytes(text));
}
