using System.Text;
using MimeKit;
using MimeKit.Utils;

namespace MailOps.Messages;

/// <summary>Makes a message (RFC 5322, RFC 2045) from a draft.</summary>
/// <remarks>
/// The tree is the usual one, each level only where it is needed: mixed(related(alternative(text, html), images…), attachments…). Attached files are
/// opened, not read: their content streams when the message is sent.
/// </remarks>
public static class MessageComposer
{
    /// <summary>RFC 5322 section 2.1.1: how long a line may be, without CRLF.</summary>
    internal const int MaxLine = 998;

    /// <summary>Headers that the draft's own properties or the content decide, and Bcc, which must not appear.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "To", "Cc", "Bcc", "Resent-Bcc", "Subject", "Reply-To", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-Id", "Content-Length",
    };

    /// <summary>Makes the message.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/> for a file, <see cref="ErrorCode.InvalidMessage"/> for what cannot be sent.</exception>
    public static OutgoingMessage Compose(MessageDraft draft)
    {
        var message = new MimeMessage();
        var files = new List<FileStream>();
        try
        {
            message.From.Add(draft.From.ToMime());
            message.To.AddRange(draft.To.Select(mailbox => mailbox.ToMime()));
            message.Cc.AddRange(draft.Cc.Select(mailbox => mailbox.ToMime()));
            message.ReplyTo.AddRange(draft.ReplyTo.Select(mailbox => mailbox.ToMime()));
            // The domain of the author, not this machine's name, which is nobody's business.
            message.MessageId = MimeUtils.GenerateMessageId(draft.From.Address.Domain.Trim('[', ']'));
            message.Headers.Replace(HeaderId.Subject, Charset(draft.Encoding, draft.Subject), OneLine("subject", draft.Subject));
            Mark(message, draft.Importance);
            foreach (var header in draft.Headers) AddHeader(message, header.Key, header.Value, draft.Encoding);
            message.Body = Body(draft, files);
            // RFC 8098 section 2.1
            if (draft.ReadReceiptTo.Count > 0) message.Headers.Replace("Disposition-Notification-To", string.Join(", ", draft.ReadReceiptTo.Select(mailbox => mailbox.ToMime().ToString(encode: true))));

            var shown = draft.To.Concat(draft.Cc).Concat(draft.ReplyTo).Append(draft.From).Select(mailbox => mailbox.Address);
            var recipients = draft.To.Concat(draft.Cc).Concat(draft.Bcc).Select(mailbox => mailbox.Address).ToArray();
            var sender = draft.NullSender ? null : draft.EnvelopeFrom ?? draft.From.Address;
            var international = shown.Concat(recipients).Append(sender ?? draft.From.Address).FirstOrDefault(address => address.NeedsUtf8);
            draft.Protection?.Apply(message, Format(international: false));   // as SubmissionClient writes what is signed
            return new OutgoingMessage(message, sender, recipients)
            {
                MessageId = message.MessageId,
                Subject = draft.Subject,
                IsPrepared = draft.Protection is null && message.Body is TextPart { ContentTransferEncoding: ContentEncoding.SevenBit },
                Reports = draft.Reports,
                FirstUtf8Address = international,
            };
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            message.Dispose();
            throw;
        }
    }

    /// <summary>The form in which a message is written; RFC 6531 section 3.2: SMTPUTF8 only where it is needed.</summary>
    internal static FormatOptions Format(bool international)
    {
        var format = FormatOptions.Default.Clone();
        format.International = international;
        return format;
    }

    /// <summary>How a message is written for SMTP. For reading only: it is shared.</summary>
    internal static FormatOptions WireFormat(bool international, bool isRaw) => WireFormats[(international ? 2 : 0) + (isRaw ? 1 : 0)];

    private static readonly FormatOptions[] WireFormats = [ForWire(false, false), ForWire(false, true), ForWire(true, false), ForWire(true, true)];

    private static FormatOptions ForWire(bool international, bool isRaw)
    {
        var format = Format(international);
        (format.NewLineFormat, format.EnsureNewLine) = (NewLineFormat.Dos, true);
        if (isRaw) RawContent.HideOwnHeaders(format);
        return format;
    }

    private static MimeEntity Body(MessageDraft draft, List<FileStream> files)
    {
        if (draft.Inline.Count > 0 && draft.Html is null)
            throw new MailOpsException(ErrorCode.InvalidMessage, "Inline images were given without an HTML body.", "Give an HTML body that shows them, as in <img src=\"cid:name\">, or attach them.");

        MimeEntity? body = draft.Html is null ? null : TextPart("html", draft.Html, draft.Encoding);
        if (draft.Inline.Count > 0)
        {
            // RFC 2387 section 3.1: the type parameter names the root's type.
            var related = new MultipartRelated { body! };
            related.ContentType.Parameters["type"] = "text/html";
            foreach (var image in draft.Inline) related.Add(InlinePart(image.Key, image.Value, files));
            body = related;
        }
        // RFC 2046 section 5.1.4: the plainest first.
        if (draft.Text is not null || body is null)
        {
            var text = TextPart("plain", draft.Text ?? "", draft.Encoding);
            body = body is null ? text : new MultipartAlternative { text, body };
        }
        if (draft.Attachments.Count == 0) return body;
        var mixed = new Multipart("mixed") { body };
        foreach (var path in draft.Attachments) mixed.Add(FilePart(path, ContentDisposition.Attachment, files));
        return mixed;
    }

    private static TextPart TextPart(string subtype, string text, Encoding encoding)
    {
        text = EndLines(text);
        var part = new TextPart(subtype);
        part.SetText(Charset(encoding, text), text);
        // What every server takes as it is needs no search for the best encoding, which costs as much as the rest of the message.
        if (IsSevenBit(text)) part.ContentTransferEncoding = ContentEncoding.SevenBit;
        return part;
    }

    /// <summary>RFC 5321 section 2.3.8: no CR without LF goes out; in a text it is a line end, as of old Macintoshes. A bare LF is seen to where the message is written.</summary>
    private static string EndLines(string text)
    {
        StringBuilder? ended = null;
        var copied = 0;
        for (var at = text.IndexOf('\r'); at >= 0; at = text.IndexOf('\r', at + 1))
        {
            if (at + 1 < text.Length && text[at + 1] == '\n') continue;
            (ended ??= new StringBuilder(text.Length + 16)).Append(text, copied, at + 1 - copied).Append('\n');
            copied = at + 1;
        }
        return ended is null ? text : ended.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>Whether a text is ASCII in lines, ended by LF or CRLF, of which none is longer than RFC 5322 section 2.1.1 allows.</summary>
    private static bool IsSevenBit(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n') start = i + 1;
            else if (c is > '~' or (< ' ' and not ('\t' or '\r')) || i - start >= MaxLine) return false;
        }
        return true;
    }

    private static MimePart InlinePart(string contentId, string path, List<FileStream> files)
    {
        if (contentId.Length == 0 || contentId.Any(c => c is <= ' ' or '<' or '>' or > '~'))
            throw new MailOpsException(ErrorCode.InvalidMessage, $"'{contentId}' cannot be a content id.", "Use ASCII letters, digits, dots and hyphens, as in <img src=\"cid:logo\">.");
        var part = FilePart(path, ContentDisposition.Inline, files);
        part.ContentId = contentId;
        return part;
    }

    private static MimePart FilePart(string path, string disposition, List<FileStream> files)
    {
        var name = Path.GetFileName(path);
        var type = MimeTypes.GetMimeType(name);
        // RFC 2046 section 5.2.1 forbids base64 for message/*, and without it a file would not arrive byte for byte.
        if (type.StartsWith("message/", StringComparison.OrdinalIgnoreCase)) type = "application/octet-stream";
        var file = MessageFile.Open(path);
        files.Add(file);
        return new MimePart(type)
        {
            ContentDisposition = new ContentDisposition(disposition) { FileName = name },
            ContentTransferEncoding = ContentEncoding.Base64,
            Content = new MimeContent(file),
            FileName = name,
        };
    }

    private static void Mark(MimeMessage message, MessageImportance importance)
    {
        if (importance == MessageImportance.Normal) return;
        message.Importance = importance == MessageImportance.High ? MimeKit.MessageImportance.High : MimeKit.MessageImportance.Low;
        message.XPriority = importance == MessageImportance.High ? XMessagePriority.Highest : XMessagePriority.Lowest;   // what Outlook reads
    }

    private static void AddHeader(MimeMessage message, string name, string value, Encoding encoding)
    {
        if (Reserved.Contains(name))
            throw new MailOpsException(ErrorCode.InvalidMessage, $"The header {name} cannot be set by hand.", "Use the parameter of that name; content headers are made from the content.");
        // RFC 5322 section 2.2: printable ASCII without the colon.
        if (name.Length == 0 || name.Any(c => c is <= ' ' or ':' or > '~'))
            throw new MailOpsException(ErrorCode.InvalidMessage, $"'{name}' is not a header name.", "Use ASCII letters, digits and hyphens, for example X-Ticket.");
        OneLine("header " + name, value);
        if (string.Equals(name, "Message-Id", StringComparison.OrdinalIgnoreCase)) message.MessageId = value.Trim('<', '>', ' ');
        else if (string.Equals(name, "Date", StringComparison.OrdinalIgnoreCase)) message.Headers.Replace(name, value);
        else message.Headers.Add(name, Charset(encoding, value), value);
    }

    private static string OneLine(string what, string value) =>
        value.IndexOfAny(['\r', '\n', '\0']) < 0
            ? value
            : throw new MailOpsException(ErrorCode.InvalidMessage, $"The {what} holds a line break.", "Write it on one line: a line break would start another header.");

    /// <summary>The character set asked for, or UTF-8 where that could not be read: it lacks a character, or ASCII is not a part of it.</summary>
    private static Encoding Charset(Encoding wanted, string text)
    {
        // RFC 2781 section 4: UTF-16 is not fit for text types; nor are UTF-32 and UTF-7.
        if (wanted.CodePage is 1200 or 1201 or 12000 or 12001 or 65000 or 65001) return MessageDraft.Utf8;
        var exact = Encoding.GetEncoding(wanted.CodePage, EncoderFallback.ExceptionFallback, DecoderFallback.ReplacementFallback);
        try
        {
            exact.GetByteCount(text);
            return wanted;
        }
        catch (EncoderFallbackException)
        {
            return MessageDraft.Utf8;
        }
    }
}
