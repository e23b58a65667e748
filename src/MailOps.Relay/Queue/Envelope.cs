using System.Net;
using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>Everything about a message but its content and its progress: the fields of an accepted record, and the first fields of a moved one.</summary>
/// <param name="Id">The queue id.</param>
/// <param name="Received">When it was accepted, in UTC ticks.</param>
/// <param name="Sender">Of its origin the client's address, the listener and the user are stored.</param>
/// <param name="Recipients">In the order of RCPT; progress is kept by their place.</param>
/// <param name="Size">The bytes of the content.</param>
/// <param name="InFile">Whether the content is in a file of its own, named by the id, instead of in the record.</param>
internal sealed record Envelope(QueueId Id, long Received, MailSender Sender, IReadOnlyList<MailRecipient> Recipients, long Size, bool InFile)
{
    /// <summary>The checksum of content in a file; null where there is none, or an earlier version accepted it.</summary>
    public uint? ContentChecksum { get; init; }

    public void Write(FieldWriter fields)
    {
        fields.UInt64(Id.Value);
        fields.Int64(Received);
        fields.Int64(Size);
        fields.Byte(InFile ? (byte)1 : (byte)0);
        fields.Number((uint)Recipients.Count);
        EnvelopeExtensions.Write(fields, Sender, ContentChecksum);
        fields.Text(Sender.ReversePath?.ToString());
        fields.Byte((byte)Sender.Body);
        fields.Byte(Sender.SmtpUtf8 ? (byte)1 : (byte)0);
        fields.Byte((byte)Sender.Return);
        fields.Text(Sender.EnvelopeId);
        Span<byte> address = stackalloc byte[16];
        var length = 0;
        Sender.Origin?.ClientAddress.TryWriteBytes(address, out length);
        fields.Bytes(address[..length]);
        foreach (var recipient in Recipients)
        {
            fields.Text(recipient.ForwardPath.ToString());
            fields.Byte((byte)recipient.Notify);
            fields.Text(recipient.OriginalRecipient);
        }
    }

    /// <summary>What the index needs of it.</summary>
    public EnvelopeSummary Summary => new(Id, Received, Size, InFile, Recipients.Count, Sender.HoldUntil?.UtcTicks ?? 0, (sbyte)Sender.Priority);

    /// <summary>Where it stands among what is due, in memory.</summary>
    public byte Lane => Recipients.Count > 0 ? Lanes.Of(Recipients[0].ForwardPath.Domain) : (byte)0;

    /// <param name="fields">The fields of the record.</param>
    /// <param name="version">Their format, as the record's header says.</param>
    public static Envelope Read(ref FieldReader fields, byte version)
    {
        var (id, received, size, inFile, count) = EnvelopeSummary.ReadFixed(ref fields);
        var extensions = version < 2 ? default : EnvelopeExtensions.Read(fields.Bytes());
        var sender = new MailSender(Address(fields.Text()))
        {
            Body = (MailBody)fields.Byte(),
            SmtpUtf8 = fields.Byte() != 0,
            Return = (DsnReturn)fields.Byte(),
            EnvelopeId = fields.Text(),
            Origin = fields.Bytes() is { Length: > 0 } address ? new MailOrigin(new IPAddress(address), "", "") { Listener = extensions.Listener, UserName = extensions.UserName } : null,
            RequireTls = extensions.RequireTls,
            TlsOptional = extensions.TlsOptional,
            HoldUntil = extensions.HoldUntil is 0 ? null : new DateTimeOffset(extensions.HoldUntil, TimeSpan.Zero),
            DeliverBy = extensions.DeliverBy,
            Priority = extensions.Priority,
        };
        var recipients = new List<MailRecipient>(Math.Min(count, 1000));
        for (var i = 0; i < count; i++)
        {
            var forwardPath = Address(fields.Text()) ?? throw new InvalidDataException("A recipient has no address.");
            recipients.Add(new MailRecipient(forwardPath) { Notify = (DsnNotify)fields.Byte(), OriginalRecipient = fields.Text() });
        }
        return new Envelope(id, received, sender, recipients, size, inFile) { ContentChecksum = extensions.ContentChecksum };
    }

    /// <summary>Steps over what follows the summary.</summary>
    public static void SkipRest(ref FieldReader fields, int recipients)
    {
        fields.SkipText();
        fields.Byte();
        fields.Byte();
        fields.Byte();
        fields.SkipText();
        fields.Bytes();
        for (var i = 0; i < recipients; i++)
        {
            fields.SkipText();
            fields.Byte();
            fields.SkipText();
        }
    }

    private static EmailAddress? Address(string? text) =>
        text is null ? null : EmailAddress.TryParse(text, out var address) ? address : throw new InvalidDataException($"'{text}' is not an e-mail address.");
}
