using System.Globalization;
using System.Text;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Server.Pickup;

/// <summary>One file of the pickup folder on its way into the queue: a part of it in memory at a time.</summary>
/// <param name="options">What a message may be, and what the log keeps of it.</param>
/// <param name="hostName">For the trace header.</param>
/// <param name="spoolFolder">Where large content is written.</param>
/// <param name="clock">The time.</param>
internal sealed class PickupFile(SmtpRelayOptions options, string hostName, string spoolFolder, TimeProvider clock)
{
    private const int Chunk = 64 * 1024;

    private readonly LimitOptions _limits = options.Limits;

    /// <summary>What became of a file: the reply, and what is known of the message.</summary>
    internal sealed record Result(SmtpReply Reply, string? Id = null, PickupHeader? Header = null, HeaderGlance Glance = default, long Size = 0);

    /// <summary>Sends a file: to all its recipients, or to none.</summary>
    /// <exception cref="FormatException">It can never be sent; the message says why.</exception>
    public async Task<Result> SendAsync(string path, IMailTarget target, CancellationToken cancellationToken)
    {
        var file = PlainFile.Open(path);
        await using var _ = file.ConfigureAwait(false);
        if (file.Length > _limits.MaxMessageSize) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"It has {file.Length} bytes, and {_limits.MaxMessageSize} are the most."));
        var (header, bodyAt) = await ReadHeaderAsync(file, cancellationToken).ConfigureAwait(false);
        var sender = new MailSender(header.Sender)
        {
            DeclaredSize = file.Length,
            Body = await HasEightBitAsync(file, bodyAt, cancellationToken).ConfigureAwait(false) || header.NeedsUtf8 ? MailBody.EightBitMime : MailBody.SevenBit,
            SmtpUtf8 = header.NeedsUtf8,
        };
        var begun = await target.BeginAsync(sender, cancellationToken).ConfigureAwait(false);
        if (begun.Transaction is not { } transaction) return new Result(begun.Reply);
        await using var __ = transaction.ConfigureAwait(false);
        foreach (var recipient in header.Recipients)
        {
            var reply = await transaction.AddRecipientAsync(new MailRecipient(recipient), cancellationToken).ConfigureAwait(false);
            if (!reply.IsPositive) return new Result(reply with { Text = $"{recipient}: {reply.Text}" });
        }
        using var content = await ContentAsync(file, header, bodyAt, transaction.Id, cancellationToken).ConfigureAwait(false);
        var (size, glance) = (content.Length, await HeaderGlance.OfAsync(content, options.TrackingLog.Subjects, cancellationToken).ConfigureAwait(false));
        var outcomes = await transaction.CommitAsync(content, CancellationToken.None).ConfigureAwait(false);
        var worst = outcomes.FirstOrDefault(o => o.Status != DeliveryStatus.Delivered) ?? outcomes[0];
        return new Result(worst.Reply, transaction.Id, header, glance, size);
    }

    private async Task<(PickupHeader Header, long BodyAt)> ReadHeaderAsync(FileStream file, CancellationToken cancellationToken)
    {
        var bytes = new byte[(int)Math.Min(file.Length, _limits.MaxHeaderSize)];
        await file.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        var hops = new HopCounter();
        hops.Count(bytes);
        if (hops.Hops > _limits.MaxHops) throw new FormatException("It has too many Received fields: it goes round in a loop.");
        var end = EndOfHeader(bytes);
        if (end < 0 && bytes.Length < file.Length) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Its header has more than {_limits.MaxHeaderSize} bytes."));
        return (PickupHeader.Read(end < 0 ? bytes : bytes.AsSpan(0, end)), end < 0 ? file.Length : end);
    }

    // Behind the empty line; line ends are CRLF or LF.
    private static int EndOfHeader(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var line = bytes[at..].IndexOf((byte)'\n');
            if (line < 0) return -1;
            if (line == 0 || (line == 1 && bytes[at] == '\r')) return at + line + 1;
            at += line + 1;
        }
        return -1;
    }

    private static async Task<bool> HasEightBitAsync(FileStream file, long from, CancellationToken cancellationToken)
    {
        var buffer = new byte[Chunk];
        file.Position = from;
        while (await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            if (buffer.AsSpan(0, count).IndexOfAnyInRange((byte)0x80, (byte)0xff) >= 0) return true;
        return false;
    }

    private async Task<MailContent> ContentAsync(FileStream file, PickupHeader header, long bodyAt, string id, CancellationToken cancellationToken)
    {
        using var writer = new ContentWriter(spoolFolder);
        writer.Append(Encoding.ASCII.GetBytes(Trace(header, id)));
        writer.Append(header.Kept);
        writer.Append("\r\n"u8);
        var buffer = new byte[Chunk];
        var last = (byte)'\n';
        file.Position = bodyAt;
        while (await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            AppendLines(writer, buffer.AsSpan(0, count), ref last);
            await writer.SpillAsync(cancellationToken).ConfigureAwait(false);
        }
        if (last == '\r') writer.Append("\n"u8);
        else if (last != '\n') writer.Append("\r\n"u8);
        return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    // RFC 5321 section 2.3.8: CR LF is the only end of a line. Programs here write LF alone, and a lone CR could hide an end on the next hop.
    private static void AppendLines(ContentWriter writer, ReadOnlySpan<byte> bytes, ref byte last)
    {
        while (!bytes.IsEmpty)
        {
            if (last == '\r')
            {
                writer.Append("\n"u8);
                last = (byte)'\n';
                if (bytes[0] == '\n')
                {
                    bytes = bytes[1..];
                    continue;
                }
            }
            var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            var text = end < 0 ? bytes : bytes[..end];
            if (!text.IsEmpty) last = text[^1];
            writer.Append(text);
            if (end < 0) return;
            writer.Append("\r"u8);
            if (bytes[end] == '\n') writer.Append("\n"u8);
            last = bytes[end];
            bytes = bytes[(end + 1)..];
        }
    }

    // RFC 5321 section 4.4; there is no client to name. Date and Message-ID, where they are missing, as RFC 6409 section 8 has it.
    private string Trace(PickupHeader header, string id)
    {
        var date = clock.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        var trace = new StringBuilder($"Received: by {hostName} (MailOps, from the pickup folder) with local id {id};\r\n\t{date}\r\n");
        if (!header.Has.Date) trace.Append("Date: ").Append(date).Append("\r\n");
        if (!header.Has.MessageId) trace.Append("Message-ID: <").Append(Guid.NewGuid().ToString("N")).Append('@').Append(hostName).Append(">\r\n");
        return trace.ToString();
    }
}
