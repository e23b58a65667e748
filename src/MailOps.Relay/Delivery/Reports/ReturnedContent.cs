using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Reports;

/// <summary>What a report returns of the message: its header, or all of it.</summary>
/// <param name="Bytes">The octets; empty where nothing can be returned.</param>
/// <param name="IsWhole">The whole message.</param>
/// <param name="IsEightBit">Octets above 127.</param>
internal readonly record struct ReturnedContent(ReadOnlyMemory<byte> Bytes, bool IsWhole, bool IsEightBit)
{
    // As Postfix cuts (bounce_size_limit) where the sender has no wish; a wish for all of it holds up to what a report may weigh in memory.
    private const int FullByDefault = 50_000, FullAtMost = 1024 * 1024, HeaderAtMost = 64 * 1024;

    /// <summary>Only a failure returns the message; other reports return the header (RFC 3461 section 4.3).</summary>
    public static async ValueTask<ReturnedContent> ReadAsync(QueuedMessage message, bool isFailure, CancellationToken cancellationToken)
    {
        // RFC 8689 section 5: of a message with REQUIRETLS never more than the header.
        var whole = isFailure && !message.Sender.RequireTls && message.Sender.Body != MailBody.BinaryMime && message.Sender.Return switch
        {
            DsnReturn.Full => message.Size <= FullAtMost,
            DsnReturn.Headers => false,
            _ => message.Size <= FullByDefault,
        };
        using var content = await message.OpenContentAsync(cancellationToken).ConfigureAwait(false);
        var bytes = new byte[whole ? content.Length : Math.Min(content.Length, HeaderAtMost)];
        var stream = content.OpenRead();
        await using (stream.ConfigureAwait(false)) await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        var part = whole ? bytes : bytes.AsMemory(0, HeaderLength(bytes));
        // Octets that DATA cannot carry would keep the report from its reader.
        var traits = await ContentTraits.OfAsync(new MemoryContent(part), cancellationToken).ConfigureAwait(false);
        return traits.HasBareNewline ? default : new ReturnedContent(part, whole, traits.HasEightBit);
    }

    // Up to and with the line end before the empty line; a header longer than the limit is cut at a line end.
    private static int HeaderLength(ReadOnlySpan<byte> bytes)
    {
        var empty = bytes.IndexOf("\r\n\r\n"u8);
        return empty >= 0 ? empty + 2 : bytes.LastIndexOf("\r\n"u8) + 2 is > 1 and var cut ? cut : 0;
    }
}
