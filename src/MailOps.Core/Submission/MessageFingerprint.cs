using System.Globalization;
using System.Text;
using MailOps.Messages;

namespace MailOps.Submission;

/// <summary>What tells a message from others when it is made anew from the same record: its addresses, subject, bodies, headers and the paths of its files, but nothing that is made up each time.</summary>
public static class MessageFingerprint
{
    /// <summary>The fingerprint of a message that is made from a draft: 32 hexadecimal digits.</summary>
    public static string Of(MessageDraft draft) => Of(
    [
        Same(draft.From.ToString()), draft.NullSender ? "<>" : Same(draft.EnvelopeFrom?.ToString()), Join(draft.To), Join(draft.Cc), Join(draft.Bcc), Join(draft.ReplyTo),
        draft.Subject, draft.Text, draft.Html, .. draft.Attachments, .. Flat(draft.Inline), .. Flat(draft.Headers),
    ]);

    /// <summary>The fingerprint of a message file: its path, and an envelope where one was given.</summary>
    public static string Of(string path, string? sender, IEnumerable<string> recipients) => Of(["file", path, Same(sender), .. recipients.Select(Same)]);

    private static string Of(IReadOnlyList<string?> parts)
    {
        var text = new StringBuilder();
        // With its length before it no part can be taken for the end of one and the beginning of another.
        foreach (var part in parts) text.Append(part?.Length.ToString(CultureInfo.InvariantCulture) ?? "-").Append(':').Append(part);
        return string.Concat(Sha256.Of(Encoding.UTF8.GetBytes(text.ToString())).Take(16).Select(octet => octet.ToString("x2", CultureInfo.InvariantCulture)));
    }

    private static string Join(IEnumerable<Mailbox> mailboxes) => string.Join(",", mailboxes.Select(mailbox => Same(mailbox.ToString())));

    // Capitals in a domain make no other address (RFC 5321 section 2.4); it is what follows the last at sign, also where a name stands before.
    private static string? Same(string? address)
    {
        var at = address?.LastIndexOf('@') ?? -1;
        return at < 0 ? address : address!.Substring(0, at) + address.Substring(at).ToLowerInvariant();
    }

    private static IEnumerable<string> Flat(IEnumerable<KeyValuePair<string, string>> pairs) => pairs.SelectMany(pair => new[] { pair.Key, pair.Value });
}
