using System.Text;
using MimeKit;

namespace MailOps.Reports;

/// <summary>What of a message a report can be read from: its header, its words, its status and feedback fields, the header of the message that comes back.</summary>
internal sealed class ReportContent
{
    /// <summary>How deep parts may be nested: deeper ones are not looked into.</summary>
    private const int MaxDepth = 24;

    /// <summary>How many messages of an mbox are read.</summary>
    private const int MaxMessages = 10_000;

    /// <summary>How many parts are looked into.</summary>
    private const int MaxParts = 200;

    /// <summary>How much of one part is read, in characters.</summary>
    private const int MaxText = 2 * 1024 * 1024;

    private int _parts;

    /// <summary>The fields of the report's own header.</summary>
    public ReportFields Header { get; private set; } = ReportFields.None;

    /// <summary>The fields of the returned message's header, as far as there is one.</summary>
    public ReportFields Original { get; set; } = ReportFields.None;

    /// <summary>What is written for people, decoded, part after part.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>The parts with delivery status fields (RFC 3464 section 2.1).</summary>
    public List<string> Statuses { get; } = [];

    /// <summary>The parts with feedback fields (RFC 5965 section 3).</summary>
    public List<string> Feedbacks { get; } = [];

    /// <summary>Whether a message, or the header of one, is attached.</summary>
    public bool HasOriginal { get; private set; }

    /// <summary>Whether the message says that it is a report, by its content type.</summary>
    public bool IsReport { get; private set; }

    /// <summary>What it says to people, in lines.</summary>
    public NoticeText Notice => field ??= NoticeText.Of(this);

    public string Subject => Header["Subject"] ?? "";

    /// <summary>Reads a message, or several from a file that begins as an mbox does; none where there is none in it.</summary>
    public static IEnumerable<ReportContent> Load(MemoryStream content)
    {
        var parser = new MimeParser(new ParserOptions { MaxMimeDepth = MaxDepth }, content, IsMbox(content) ? MimeFormat.Mbox : MimeFormat.Entity, persistent: true);
        for (var i = 0; i < MaxMessages && Next(parser) is { } report; i++) yield return report;
    }

    private static bool IsMbox(MemoryStream content)
    {
        var start = new byte[5];
        var read = content.Read(start, 0, start.Length);
        content.Position = 0;
        return read == start.Length && Encoding.ASCII.GetString(start) == "From ";
    }

    private static ReportContent? Next(MimeParser parser)
    {
        if (parser.IsEndOfStream) return null;
        try
        {
            using var message = parser.ParseMessage();
            var report = new ReportContent { Header = Fields(message.Headers) };
            report.IsReport = message.Body?.ContentType.IsMimeType("multipart", "report") == true;
            report.Walk(message.Body, 0);
            if (report.Statuses.Count == 0 && report.Texts.Count == 0 && report.Feedbacks.Count == 0) report.LookInside(message.Body);
            return report;
        }
        catch (FormatException)
        {
            return null;   // no header at all
        }
    }

    // A report that somebody passed on as an attachment is all there is.
    private void LookInside(MimeEntity? body)
    {
        var wrapped = body as MessagePart ?? (body as Multipart)?.OfType<MessagePart>().FirstOrDefault();
        if (wrapped?.Message?.Body is not { } inner) return;
        if (inner.ContentType.IsMimeType("multipart", "report"))
        {
            Header = Fields(wrapped.Message.Headers);
            Original = ReportFields.None;
            IsReport = true;
        }
        Walk(inner, 1);
    }

    private void Walk(MimeEntity? entity, int depth)
    {
        if (depth > MaxDepth || ++_parts > MaxParts) return;
        switch (entity)
        {
            case null:
                return;
            case Multipart { Count: 0 } broken:
                // A boundary that is nowhere, or none: all there is stands before the first part.
                Add(Texts, broken.Preamble);
                return;
            case Multipart parts:
                WalkParts(parts, depth);
                return;
            case MessagePart message:
                AddMessage(message, depth);
                return;
            case MimePart part:
                AddPart(part);
                return;
            default:
                return;
        }
    }

    private void WalkParts(Multipart parts, int depth)
    {
        foreach (var part in parts)
        {
            // The same in HTML adds nothing.
            if (part is TextPart { IsHtml: true } && Texts.Count > 0) continue;
            Walk(part, depth + 1);
        }
    }

    private void AddMessage(MessagePart part, int depth)
    {
        if (part.Message is not { } message) return;
        // RFC 3462 inside another wrapping: a list or a filter has passed the report on.
        if (Statuses.Count == 0 && message.Body is MultipartReport && message.Body.ContentType.IsMimeType("multipart", "report") && !IsReport)
        {
            Header = Fields(message.Headers);
            IsReport = true;
            Walk(message.Body, depth + 1);
            return;
        }
        HasOriginal = true;
        if (Original.IsEmpty) Original = Fields(message.Headers);
    }

    private void AddPart(MimePart part)
    {
        var type = part.ContentType;
        if (type.IsMimeType("message", "delivery-status") || type.IsMimeType("message", "global-delivery-status")) Add(Statuses, Text(part));
        else if (type.IsMimeType("message", "feedback-report")) Add(Feedbacks, Text(part));
        else if (IsHeaderPart(type)) AddHeader(Text(part));
        else if (part is TextPart { IsHtml: true } html) Add(Texts, HtmlText.Strip(Text(html)));
        else if (part is TextPart || type.IsMimeType("message", "*")) Add(Texts, Text(part));
    }

    private static bool IsHeaderPart(ContentType type) =>
        type.IsMimeType("text", "rfc822-headers") || type.IsMimeType("text", "rfc822-header") || type.IsMimeType("message", "global-headers");

    private void AddHeader(string text)
    {
        HasOriginal = true;
        if (Original.IsEmpty) Original = ReportFields.Parse(text).FirstOrDefault() ?? ReportFields.None;
    }

    private static void Add(List<string> texts, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text)) texts.Add(text!.Length > MaxText ? text.Substring(0, MaxText) : text);
    }

    private static string Text(MimePart part)
    {
        if (part.Content is null) return "";
        using var bytes = new BoundedStream(MaxText);
        part.Content.DecodeTo(bytes);
        return TextDecoder.Decode(bytes.ToArray(), part.ContentType.Charset);
    }

    private static ReportFields Fields(HeaderList headers) =>
        new(headers.Take(ReportFields.MaxFields).Select(header => new KeyValuePair<string, string>(header.Field, TextDecoder.Cut(header.Value))));
}
