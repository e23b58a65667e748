using MimeKit;

namespace MailOps.Messages;

/// <summary>A message that exists already, as a file (RFC 5322), and goes out byte for byte.</summary>
public static class RawMessage
{
    private const int MaxHeaderSize = 1024 * 1024;

    /// <summary>Opens a message file; the envelope comes from the arguments, and from the headers where they say nothing.</summary>
    /// <remarks>
    /// The headers' envelope is that of <c>sendmail -t</c>: Resent-To, Resent-Cc, Resent-Bcc where the message was resent, otherwise To, Cc, Bcc, as
    /// recipients; Resent-Sender, Resent-From, Sender or From as sender (RFC 5322 section 3.6.6).
    /// </remarks>
    /// <param name="path">The full path.</param>
    /// <param name="sender">The envelope sender, or null for that of the headers.</param>
    /// <param name="nullSender">Whether the sender is the null sender, whatever the headers say.</param>
    /// <param name="recipients">The envelope recipients; empty for those of the headers.</param>
    /// <param name="reports">Which reports are asked for.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>, or <see cref="ErrorCode.InvalidMessage"/> where the headers give no envelope.</exception>
    public static async Task<OutgoingMessage> OpenAsync(
        string path, EmailAddress? sender, bool nullSender, IReadOnlyList<EmailAddress> recipients, ReportRequest reports, CancellationToken cancellationToken)
    {
        var file = MessageFile.Open(path);
        try
        {
            var (headerBlock, eightBit) = await ScanAsync(file, cancellationToken).ConfigureAwait(false);
            var headers = Parse(headerBlock);
            var resent = headers.ResentSender is not null || headers.ResentFrom.Count > 0;
            var listed = resent ? [headers.ResentTo, headers.ResentCc, headers.ResentBcc] : new[] { headers.To, headers.Cc, headers.Bcc };
            var to = recipients.Count > 0 ? recipients : [.. listed.SelectMany(list => list.Mailboxes).Select(mailbox => Mailbox.From(mailbox, mailbox.ToString()).Address)];
            if (to.Count == 0)
                throw new MailOpsException(ErrorCode.InvalidMessage, $"No header of '{path}' names a recipient.", "Name the recipients with -To.");
            var from = nullSender ? null : sender ?? HeaderSender(headers, path);
            return new OutgoingMessage(RawContent.Wrap(file, eightBit), from, to)
            {
                IsRaw = true,
                MessageId = headers.MessageId,
                Subject = headers.Subject,
                Reports = reports,
                FirstUtf8Address = to.Concat(from is null ? [] : [from]).FirstOrDefault(address => address.NeedsUtf8),
                Warnings = headers.Bcc.Count + headers.ResentBcc.Count > 0
                    ? [$"'{path}' has a Bcc header, and is sent as it is: every recipient can read it."]
                    : [],
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the file once: the block of headers, and whether any octet has its high bit set (RFC 6152 section 3).</summary>
    private static async Task<(byte[] Headers, bool EightBit)> ScanAsync(FileStream file, CancellationToken cancellationToken)
    {
        using var headers = new MemoryStream();
        var (inHeaders, eightBit, lineLength) = (true, false, 0);
        var buffer = new byte[32 * 1024];
        while (await file.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            for (var i = 0; i < read; i++)
            {
                eightBit |= buffer[i] > 127;
                if (!inHeaders) continue;
                headers.WriteByte(buffer[i]);
                if (buffer[i] == '\n')
                {
                    inHeaders = lineLength > 0 && headers.Length < MaxHeaderSize;
                    lineLength = 0;
                }
                else if (buffer[i] != '\r')
                {
                    lineLength++;
                }
            }
        }
        return (headers.ToArray(), eightBit);
    }

    /// <summary>What the headers say; a block that is none says nothing, and then the arguments must.</summary>
    private static MimeMessage Parse(byte[] headerBlock)
    {
        try
        {
            using var stream = new MemoryStream(headerBlock);
            return new MimeMessage(HeaderList.Load(stream));
        }
        catch (FormatException)
        {
            return new MimeMessage();
        }
    }

    private static EmailAddress HeaderSender(MimeMessage headers, string path)
    {
        var mailbox = headers.ResentSender ?? headers.ResentFrom.Mailboxes.FirstOrDefault() ?? headers.Sender ?? headers.From.Mailboxes.FirstOrDefault();
        return mailbox is null
            ? throw new MailOpsException(ErrorCode.InvalidMessage, $"No header of '{path}' names a sender.", "Name the envelope sender with -EnvelopeFrom; '<>' is the null sender.")
            : Mailbox.From(mailbox, mailbox.ToString()).Address;
    }
}
