using System.Globalization;
using System.Text;
using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>MAIL and RCPT as this server takes them: the parameters it offers, and no other (RFC 5321 section 4.1.1.11).</summary>
internal readonly struct EnvelopeWriter(SmtpCapabilities offered, MailSender sender, long size, bool useUtf8, DateTimeOffset now)
{
    public string Mail()
    {
        var command = new StringBuilder("MAIL FROM:<").Append(Path(sender.ReversePath)).Append('>');
        if (offered.Size) command.Append(CultureInfo.InvariantCulture, $" SIZE={size}");                       // RFC 1870 section 6
        if (sender.Body == MailBody.BinaryMime) command.Append(" BODY=BINARYMIME");                           // RFC 3030 section 3
        else if (sender.Body == MailBody.EightBitMime && offered.EightBitMime) command.Append(" BODY=8BITMIME"); // RFC 6152 section 3
        if (useUtf8) command.Append(" SMTPUTF8");                                                              // RFC 6531 section 3.4
        if (offered.Dsn && sender.Return != DsnReturn.Unspecified) command.Append(sender.Return == DsnReturn.Full ? " RET=FULL" : " RET=HDRS");
        if (offered.Dsn && sender.EnvelopeId is { Length: > 0 } id) command.Append(" ENVID=").Append(Xtext.Encode(id));
        if (offered.RequireTls && sender.RequireTls) command.Append(" REQUIRETLS");                           // RFC 8689 section 4.2.1
        if (offered.DeliverBy && sender.DeliverBy is { } by) command.Append(DeliveryDeadline.Parameter(by, now));
        if (offered.Priority && sender.Priority != 0) command.Append(CultureInfo.InvariantCulture, $" MT-PRIORITY={sender.Priority}");   // RFC 6710
        return command.ToString();
    }

    public string Rcpt(MailRecipient recipient)
    {
        var command = new StringBuilder("RCPT TO:<").Append(Path(recipient.ForwardPath)).Append('>');
        if (!offered.Dsn) return command.ToString();
        if (recipient.Notify != DsnNotify.Unspecified) command.Append(" NOTIFY=").Append(Words(recipient.Notify));   // RFC 3461 section 4.1
        if (recipient.OriginalRecipient is { } original && OriginalRecipient.ForServer(original, useUtf8) is { } value) command.Append(" ORCPT=").Append(value);
        return command.ToString();
    }

    // Without SMTPUTF8 a domain travels as A-labels (RFC 6531 section 3.2); a local part beyond ASCII has been refused before.
    private string Path(EmailAddress? address)
    {
        if (address is null) return "";
        return useUtf8 || !address.NeedsUtf8 ? address.ToString() : address.LocalPart + "@" + DomainName.ToAscii(address.Domain);
    }

    private static string Words(DsnNotify notify)
    {
        if (notify.HasFlag(DsnNotify.Never)) return "NEVER";
        var words = new List<string>(3);
        if (notify.HasFlag(DsnNotify.Success)) words.Add("SUCCESS");
        if (notify.HasFlag(DsnNotify.Failure)) words.Add("FAILURE");
        if (notify.HasFlag(DsnNotify.Delay)) words.Add("DELAY");
        return string.Join(',', words);
    }
}
