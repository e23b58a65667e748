using System.Text;
using MimeKit;

namespace MailOps.Messages;

/// <summary>A message ready to be submitted: its envelope, and the content in the form that the server gets.</summary>
public sealed class OutgoingMessage : IDisposable
{
    internal OutgoingMessage(MimeMessage content, EmailAddress? sender, IReadOnlyList<EmailAddress> recipients)
    {
        Content = content;
        Sender = sender;
        // One RCPT for an address that is listed twice, in To and in Cc say; MailKit too compares without case.
        Recipients = recipients.Count == 1 ? recipients : [.. recipients.GroupBy(address => address.ToString(), StringComparer.OrdinalIgnoreCase).Select(same => same.First())];
        if (Recipients.Count == 0)
            throw new MailOpsException(ErrorCode.InvalidMessage, "The message has no recipient.", "Name at least one with -To, -Cc or -Bcc.");
    }

    /// <summary>The envelope sender, to which reports go; null for the null sender (RFC 5321 section 4.5.5).</summary>
    public EmailAddress? Sender { get; }

    /// <summary>The envelope recipients, each once.</summary>
    public IReadOnlyList<EmailAddress> Recipients { get; private set; }

    /// <summary>The Message-ID header without its angle brackets, or null where it has none.</summary>
    public string? MessageId { get; internal init; }

    /// <summary>The Subject header, or null.</summary>
    public string? Subject { get; internal init; }

    /// <summary>Which reports are asked for.</summary>
    public ReportRequest Reports { get; init; } = ReportRequest.None;

    /// <summary>The first address that only a server with SMTPUTF8 can take (RFC 6531 section 3.2), or null.</summary>
    public EmailAddress? FirstUtf8Address { get; internal init; }

    /// <summary>Its place among the messages of one pipeline, for its results. Default: 1.</summary>
    public long RecordNumber { get; set; } = 1;

    /// <summary>Whether the content goes out exactly as it was read.</summary>
    public bool IsRaw { get; internal init; }

    /// <summary>Whether its content is in a form that every server takes, and nothing of it is to be encoded any more.</summary>
    internal bool IsPrepared { get; init; }

    /// <summary>What the sender should know before it goes, in words; empty as a rule.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>Takes recipients out of the envelope.</summary>
    /// <returns>Whether any are left.</returns>
    public bool LeaveOut(Func<EmailAddress, bool> recipient)
    {
        Recipients = [.. Recipients.Where(address => !recipient(address))];
        return Recipients.Count > 0;
    }

    /// <summary>The same message with a part of its recipients at a time.</summary>
    /// <param name="size">How many at most.</param>
    /// <remarks>It is this object each time, so each part is used before the next is asked for.</remarks>
    public IEnumerable<OutgoingMessage> InBatches(int size)
    {
        var all = Recipients;
        for (var sent = 0; sent < all.Count; sent += Recipients.Count)
        {
            Recipients = [.. all.Skip(sent).Take(size)];
            yield return this;
        }
    }

    /// <summary>The beginning of the message as text, for people, with control characters written out, and how many bytes all of it has.</summary>
    /// <param name="most">How many bytes of it at most.</param>
    public (string Text, long Size) Preview(int most)
    {
        using var start = new StartStream(most);
        var format = MessageComposer.Format(FirstUtf8Address is not null);
        format.NewLineFormat = NewLineFormat.Unix;
        if (IsRaw) RawContent.HideOwnHeaders(format);
        Content.WriteTo(format, start);
        var lines = Encoding.UTF8.GetString(start.ToArray()).Split('\n').Select(line => Printable.Escape(line.TrimEnd('\r')));
        return (string.Join(Environment.NewLine, lines), start.Length);
    }

    internal MimeMessage Content { get; }

    /// <summary>Closes the files that the message reads from.</summary>
    public void Dispose() => Content.Dispose();
}

/// <summary>The reports that NOTIFY asks for (RFC 3461 section 4.1).</summary>
[Flags]
public enum DeliveryNotices
{
    /// <summary>None, not even of failure.</summary>
    Never = 0,
    /// <summary>When it was delivered.</summary>
    Success = 1,
    /// <summary>When it could not be delivered.</summary>
    Failure = 2,
    /// <summary>When it is delayed.</summary>
    Delay = 4,
}
