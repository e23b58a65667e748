using System.Globalization;
using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>
/// What cannot travel to a server by what it offers. Nothing is converted on the way: content is bytes, and a signature over them would break.
/// Hence what RFC 6152 section 3 lets a relay choose between, converting or failing, fails, but only where the content really needs the extension.
/// A report is the exception: nobody would be told that it failed (RFC 5321 section 4.5.5), so that its octets go as they are, as Exim and qmail
/// send all mail; hardly a server minds, and a failure is the worst that can come of it.
/// </summary>
internal static class Travel
{
    /// <summary>RFC 6531 section 3.2 with the code of RFC 6531 section 3.5.</summary>
    public static readonly SmtpReply NeedsSmtpUtf8 = new(550, "5.6.7", "The message needs SMTPUTF8, which the next server does not offer");

    /// <summary>More than the server takes at a time by its LIMITS (RFC 9422); <see cref="FailurePolicy.IsTooManyRecipients"/> sends it in a further transaction.</summary>
    public static readonly SmtpReply TooMany = new(452, "4.5.3", "More recipients than the next server takes at a time");

    /// <summary>The reply that refuses the message as a whole, or null where it can travel.</summary>
    public static SmtpReply? Refusal(SmtpCapabilities offered, MailSender sender, long size, ContentTraits traits, DateTimeOffset now = default, bool isLmtp = false)
    {
        if (sender.DeliverBy is { Return: true } by && Late(offered, DeliveryDeadline.Remaining(by, now), isLmtp) is { } late) return late;
        // RFC 1870 section 6.1: a message larger than the server said is not offered to it.
        if (offered.MaxSize > 0 && size > offered.MaxSize)
            return new SmtpReply(552, "5.3.4", string.Create(CultureInfo.InvariantCulture, $"The message has {size} bytes, and the next server takes {offered.MaxSize}"));
        if (!offered.SmtpUtf8 && ((sender.SmtpUtf8 && traits.HasEightBitHeader) || (sender.ReversePath is { } path && HasUtf8LocalPart(path)))) return NeedsSmtpUtf8;
        if (sender.Body == MailBody.BinaryMime && !(offered.BinaryMime && offered.Chunking))
            return new SmtpReply(554, "5.6.3", "The message is binary, and the next server does not offer BINARYMIME");
        if (sender is { Body: MailBody.EightBitMime, ReversePath: not null } && !offered.EightBitMime && traits.HasEightBit)
            return new SmtpReply(554, "5.6.3", "The message has 8-bit content, and the next server does not offer 8BITMIME");
        // RFC 5321 section 2.3.8: DATA carries CR and LF only together; apart, they are how messages are smuggled.
        if (!offered.Chunking && traits.HasBareNewline)
            return new SmtpReply(554, "5.6.0", "The message has a bare CR or LF, and the next server does not offer CHUNKING");
        return null;
    }

    // RFC 2852 section 4: by mode R a message goes only to a server that keeps its time too, or into a mailbox.
    private static SmtpReply? Late(SmtpCapabilities offered, int remaining, bool isLmtp)
    {
        if (remaining <= 0) return DeliveryDeadline.Over.Reply;
        if (!offered.DeliverBy) return isLmtp ? null : new SmtpReply(550, "5.3.3", "The message is to be delivered by a time or returned, and the next server does not offer DELIVERBY");
        return remaining < offered.MinDeliverBy
            ? new SmtpReply(550, "5.4.7", string.Create(CultureInfo.InvariantCulture, $"The message is to be delivered within {remaining} seconds, and the next server promises nothing under {offered.MinDeliverBy}"))
            : null;
    }

    /// <summary>Whether an address has no ASCII form: a domain beyond ASCII has one, a local part has none.</summary>
    public static bool HasUtf8LocalPart(EmailAddress address) => address.LocalPart.Any(c => c > '\x7f');
}
