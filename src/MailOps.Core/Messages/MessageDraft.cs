using System.Text;

namespace MailOps.Messages;

/// <summary>What a message is made from; <see cref="MessageComposer"/> makes it.</summary>
public sealed record MessageDraft
{
    /// <summary>The author.</summary>
    public required Mailbox From { get; init; }
    /// <summary>The envelope sender where it is not the author; see <see cref="NullSender"/> for none.</summary>
    public EmailAddress? EnvelopeFrom { get; init; }
    /// <summary>Whether the envelope sender is the null sender, so that no report comes back (RFC 5321 section 4.5.5).</summary>
    public bool NullSender { get; init; }
    /// <summary>The primary recipients.</summary>
    public IReadOnlyList<Mailbox> To { get; init; } = [];
    /// <summary>The recipients of copies.</summary>
    public IReadOnlyList<Mailbox> Cc { get; init; } = [];
    /// <summary>The recipients nobody sees: in the envelope only, in no header.</summary>
    public IReadOnlyList<Mailbox> Bcc { get; init; } = [];
    /// <summary>Where replies go, if not to the author.</summary>
    public IReadOnlyList<Mailbox> ReplyTo { get; init; } = [];
    /// <summary>The subject.</summary>
    public string Subject { get; init; } = "";
    /// <summary>The plain text body.</summary>
    public string? Text { get; init; }
    /// <summary>The HTML body; with a text as well, the reader's program chooses.</summary>
    public string? Html { get; init; }
    /// <summary>Full paths of files to attach.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];
    /// <summary>Images for the HTML body: content id (as in <c>cid:logo</c>) and full path.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Inline { get; init; } = [];
    /// <summary>Further headers, in order; a name that occurs twice makes two headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
    /// <summary>The importance shown to the reader. Default: none, which is normal.</summary>
    public MessageImportance Importance { get; init; }
    /// <summary>The character set of the bodies and of what in the headers needs one. Default: UTF-8; also used where this cannot hold the text.</summary>
    public Encoding Encoding { get; init; } = Utf8;
    /// <summary>Which reports are asked for.</summary>
    public ReportRequest Reports { get; init; } = ReportRequest.None;
    /// <summary>Who is told that a reader has opened the message, if that reader agrees (RFC 8098 section 2.1).</summary>
    public IReadOnlyList<Mailbox> ReadReceiptTo { get; init; } = [];
    /// <summary>How it is signed and encrypted; null for neither.</summary>
    public MessageProtection? Protection { get; init; }

    /// <summary>UTF-8 without a byte order mark.</summary>
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
}

/// <summary>How important a message says it is (RFC 2156 section 5.3.4).</summary>
public enum MessageImportance
{
    /// <summary>Nothing special.</summary>
    Normal,
    /// <summary>Can wait.</summary>
    Low,
    /// <summary>Should be read first.</summary>
    High,
}
