using System.Globalization;
using System.Text;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Reports;

/// <summary>
/// Writes a delivery status notification (RFC 3464 section 2): a text for people, a field group a recipient for programs, and what is returned of
/// the message. Where an address or the message needs SMTPUTF8, in the types of RFC 6533 section 4.
/// </summary>
/// <param name="message">The message it is about.</param>
/// <param name="recipients">The recipients it speaks of, all with one action, or delivered and relayed together.</param>
/// <param name="hostName">The relay that reports.</param>
/// <param name="now">The time of the attempt.</param>
internal sealed class DeliveryReport(QueuedMessage message, IReadOnlyList<ReportedRecipient> recipients, string hostName, DateTimeOffset now)
{
    private readonly StringBuilder _text = new();
    private readonly bool _utf8 = message.Sender.SmtpUtf8 || message.Sender.ReversePath is { NeedsUtf8: true } || recipients.Any(r => r.Recipient.ForwardPath.NeedsUtf8);
    private readonly string _boundary = "=_" + Guid.NewGuid().ToString("N");

    public ReportAction Action => recipients[0].Action;

    /// <summary>The envelope and content of the report: from nobody (RFC 3464 section 2), so that it can never be answered by another.</summary>
    public (MailSender Sender, MemoryContent Content) Compose(ReturnedContent returned)
    {
        WriteHeader();
        WriteText();
        WriteStatus();
        WriteReturnedHead(returned);
        var head = Encoding.UTF8.GetBytes(_text.ToString());
        var end = Encoding.ASCII.GetBytes($"\r\n--{_boundary}--\r\n");
        byte[] content = [.. head, .. returned.Bytes.Span, .. end];
        var isEightBit = returned.IsEightBit || head.AsSpan().IndexOfAnyInRange((byte)0x80, (byte)0xff) >= 0;
        return (new MailSender(null)
        {
            SmtpUtf8 = _utf8,
            Body = isEightBit ? MailBody.EightBitMime : MailBody.SevenBit,
            Return = DsnReturn.Headers,
            RequireTls = message.Sender.RequireTls,   // RFC 8689 section 5
            Priority = message.Sender.Priority,       // RFC 6710: news of a message is as urgent as the message
        }, new MemoryContent(content));
    }

    private void WriteHeader()
    {
        Line($"From: Mail Delivery System <MAILER-DAEMON@{hostName}>");
        Line($"To: <{message.Sender.ReversePath}>");
        Line("Subject: " + Action switch
        {
            ReportAction.Failed => "Undelivered mail returned to sender",
            ReportAction.Delayed => "Delayed mail, still being tried",
            _ => "Delivery report",
        });
        Line($"Date: {Date(now)}");
        Line($"Message-ID: <{Guid.NewGuid():N}@{hostName}>");
        Line("Auto-Submitted: auto-replied");   // RFC 3834 section 5
        Line("MIME-Version: 1.0");
        Line("Content-Type: multipart/report; report-type=delivery-status;");
        Line($" boundary=\"{_boundary}\"");
        Line("");
    }

    private void WriteText()
    {
        Part("text/plain; charset=utf-8");
        Line($"This is the mail relay at {hostName}.");
        Line("");
        Line(Action switch
        {
            ReportAction.Failed => "Your message could not be delivered to the following recipients:",
            ReportAction.Delayed => "Your message has not yet been delivered to the following recipients:",
            _ => "Your message was delivered, or passed on to another server:",
        });
        foreach (var recipient in recipients)
        {
            Line("");
            Line($"  {recipient.Recipient.ForwardPath} ({Word(recipient.Action)})");
            var whose = recipient.Reporter is { } server ? $"{server} said: " : recipient.RemoteHost is { } silent ? $"While talking to {silent}: " : "";
            Line("    " + whose + Fold(recipient.Reply, "    "));
            if (recipient.Action == ReportAction.Delayed) Line($"    It will be tried until {Date(recipient.Expiry)}.");
        }
        Line("");
        Line(Action switch
        {
            ReportAction.Failed => "It will not be tried again.",
            ReportAction.Delayed => "You need not send it again.",
            _ => "This report is sent because you asked for it.",
        });
    }

    // RFC 3464 section 2.2 and 2.3.
    private void WriteStatus()
    {
        Part(_utf8 ? "message/global-delivery-status" : "message/delivery-status");
        Line($"Reporting-MTA: dns; {hostName}");
        if (message.Sender.EnvelopeId is { Length: > 0 } id) Line("Original-Envelope-Id: " + Plain(id));
        Line($"Arrival-Date: {Date(message.Received)}");
        if (message.Sender.DeliverBy is { } by) Line($"Deliver-By-Date: {Date(by.Deadline)}");   // RFC 2852
        if (message.Sender.HoldUntil is { } until) Line($"Future-Release-Request: until;{until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}");   // RFC 4865
        Line($"X-MailOps-Queue-Id: {message.Id}");
        foreach (var recipient in recipients)
        {
            Line("");
            if (recipient.Recipient.OriginalRecipient is { } original && OriginalRecipient.ForReport(original, _utf8) is { } value) Line("Original-Recipient: " + value);
            Line((recipient.Recipient.ForwardPath.NeedsUtf8 ? "Final-Recipient: utf-8; " : "Final-Recipient: rfc822; ") + recipient.Recipient.ForwardPath);
            Line("Action: " + Word(recipient.Action));
            Line("Status: " + recipient.Status);
            if (recipient.Reporter is { } host) Line("Remote-MTA: dns; " + Plain(host.Split(' ')[0]));
            Line((recipient.Reporter is null ? "Diagnostic-Code: x-mailops; " : "Diagnostic-Code: smtp; ") + Fold(recipient.Reply, " "));
            if (recipient.LastAttempt is { } last) Line($"Last-Attempt-Date: {Date(last)}");
            if (recipient.Action == ReportAction.Delayed) Line($"Will-Retry-Until: {Date(recipient.Expiry)}");
        }
    }

    private void WriteReturnedHead(ReturnedContent returned)
    {
        if (returned.Bytes.IsEmpty) return;
        var type = (returned.IsWhole, _utf8) switch
        {
            (true, false) => "message/rfc822",
            (true, true) => "message/global",
            (false, false) => "text/rfc822-headers",
            (false, true) => "message/global-headers",
        };
        Part(type, returned.IsEightBit);
    }

    private void Part(string type, bool? isEightBit = null)
    {
        Line("");
        Line("--" + _boundary);
        Line("Content-Type: " + type);
        if (isEightBit ?? _utf8) Line("Content-Transfer-Encoding: 8bit");
        Line("");
    }

    private void Line(string line) => _text.Append(line).Append("\r\n");

    private static string Word(ReportAction action) => action.ToString().ToLowerInvariant();

    // RFC 5322 section 3.3, in UTC and in English everywhere.
    private static string Date(DateTimeOffset time) => time.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);

    // Lines of a reply one below the other, none longer than RFC 5322 section 2.1.1 allows.
    private string Fold(SmtpReply reply, string indent)
    {
        var lines = (reply with { Text = "" }).ToString() + reply.Text;
        return string.Join("\r\n" + indent, lines.Split('\n').SelectMany(l => l.Chunk(240)).Select(l => Plain(new string(l))));
    }

    private string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) || (c > '~' && !_utf8) ? '?' : c));
}
