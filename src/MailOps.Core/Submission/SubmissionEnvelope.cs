using System.Globalization;
using System.Text;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>MAIL and RCPT of one message, with the parameters that the server takes (RFC 5321 section 4.1.1.11).</summary>
/// <param name="message">The message.</param>
/// <param name="size">Its size in bytes, where the server wants it.</param>
/// <param name="isEightBit">Whether it has bytes beyond ASCII, which the server takes.</param>
/// <param name="hasReports">Whether the server sends reports as they are asked for.</param>
internal readonly struct SubmissionEnvelope(OutgoingMessage message, long? size, bool isEightBit, bool hasReports)
{
    public string Mail()
    {
        var command = new StringBuilder("MAIL FROM:<").Append(Path(message.Sender)).Append('>');
        if (size is { } bytes) command.Append(" SIZE=").Append(bytes.ToString(CultureInfo.InvariantCulture));   // RFC 1870 section 6
        if (isEightBit) command.Append(" BODY=8BITMIME");                                                       // RFC 6152 section 3
        if (message.FirstUtf8Address is not null) command.Append(" SMTPUTF8");                                  // RFC 6531 section 3.4
        if (!hasReports) return command.ToString();
        if (message.Reports.EnvelopeId is { Length: > 0 } id) command.Append(" ENVID=").Append(Xtext.Encode(id));   // RFC 3461 section 4.4
        if (message.Reports.Return != DeliveryReportContent.Unspecified) command.Append(message.Reports.Return == DeliveryReportContent.Full ? " RET=FULL" : " RET=HDRS");
        return command.ToString();
    }

    public string Rcpt(EmailAddress recipient)
    {
        var command = "RCPT TO:<" + Path(recipient) + ">";
        if (!hasReports || message.Reports.Notify is not { } notices) return command;
        // RFC 3461 section 4.2: who submits names the address under which it knows the recipient. One beyond ASCII has another form (RFC 6533 section 3), which old servers do not know.
        var original = recipient.NeedsUtf8 ? "" : " ORCPT=rfc822;" + Xtext.Encode(recipient.ToString());
        return command + " NOTIFY=" + Words(notices) + original;
    }

    // Without SMTPUTF8 a domain travels as A-labels (RFC 6531 section 3.2); a local part beyond ASCII has been refused before.
    private string Path(EmailAddress? address)
    {
        if (address is null) return "";
        return message.FirstUtf8Address is not null || !address.NeedsUtf8 ? address.ToString() : address.LocalPart + "@" + DomainName.ToAscii(address.Domain);
    }

    // RFC 3461 section 4.1
    private static string Words(DeliveryNotices notices)
    {
        if (notices == DeliveryNotices.Never) return "NEVER";
        var words = new List<string>(3);
        if (notices.HasFlag(DeliveryNotices.Success)) words.Add("SUCCESS");
        if (notices.HasFlag(DeliveryNotices.Failure)) words.Add("FAILURE");
        if (notices.HasFlag(DeliveryNotices.Delay)) words.Add("DELAY");
        return string.Join(",", words);
    }
}
