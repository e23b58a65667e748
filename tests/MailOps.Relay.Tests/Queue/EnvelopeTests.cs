using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Queue;

namespace MailOps.Relay.Tests.Queue;

public class EnvelopeTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<MailSender> Senders { get; } =
    [
        new MailSender(null),
        new MailSender(null) { RequireTls = true },
        new MailSender(null) { TlsOptional = true },
        new MailSender(null) { HoldUntil = Time.AddDays(30) },
        new MailSender(null) { DeliverBy = new DeliverBy(Time, Return: true, Trace: false) },
        new MailSender(null) { DeliverBy = new DeliverBy(Time, Return: false, Trace: true) },
        new MailSender(null) { Priority = 9 },
        new MailSender(null) { Priority = -9, RequireTls = true, HoldUntil = Time, DeliverBy = new DeliverBy(Time.AddDays(-1), Return: true, Trace: true) },
    ];

    [Theory]
    [MemberData(nameof(Senders))]
    public void What_MAIL_said_is_read_back(MailSender sender)
    {
        var (envelope, bytes) = Write(sender);
        var fields = new FieldReader(bytes);
        var read = Envelope.Read(ref fields, RecordHeader.CurrentVersion);
        Assert.Equal(sender, read.Sender);
        Assert.Equal(envelope.Recipients, read.Recipients);
        var summary = new FieldReader(bytes);
        Assert.Equal(envelope.Summary, EnvelopeSummary.Read(ref summary, RecordHeader.CurrentVersion));
    }

    [Fact]
    public void What_a_later_version_says_beside_it_is_stepped_over()
    {
        var (envelope, bytes) = Write(new MailSender(EmailAddress.Parse("sender@example.test")) { Priority = 4 });
        var at = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[3, 4, 1, 4]);   // the block: three bytes, tag 4, one byte, 4
        byte[] later = [.. bytes[..at], 14, 200, 1, 5, 1, 2, 3, 4, 5, 4, 1, 4, 77, 0, .. bytes[(at + 4)..]];
        later[at] = 13;
        var fields = new FieldReader(later);
        var read = Envelope.Read(ref fields, RecordHeader.CurrentVersion);
        Assert.Equal(envelope.Sender, read.Sender);
        Assert.Equal(envelope.Recipients, read.Recipients);
    }

    [Fact]
    public void A_message_without_extensions_has_one_byte_for_them()
    {
        Assert.Equal(Write(new MailSender(null)).Bytes.Length + 3, Write(new MailSender(null) { Priority = 1 }).Bytes.Length);
        Assert.Equal(Write(new MailSender(null)).Bytes.Length + 2, Write(new MailSender(null) { RequireTls = true }).Bytes.Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0u)]
    [InlineData(0xdeadbeefu)]
    public void The_checksum_of_content_in_a_file_is_read_back(uint? checksum)
    {
        var fields = new FieldWriter(8);
        (Write(new MailSender(null)).Envelope with { ContentChecksum = checksum }).Write(fields);
        var reader = new FieldReader(fields.Fields);
        Assert.Equal(checksum, Envelope.Read(ref reader, RecordHeader.CurrentVersion).ContentChecksum);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, 1)]
    public void A_message_is_first_due_when_it_came_or_when_it_need_no_longer_be_held(int holdHours, int dueHours)
    {
        var envelope = Write(new MailSender(null) { HoldUntil = Time.AddHours(holdHours) }).Envelope;
        Assert.Equal(Time.AddHours(dueHours).UtcTicks, envelope.Summary.FirstDue);
    }

    private static (Envelope Envelope, byte[] Bytes) Write(MailSender sender)
    {
        var recipient = new MailRecipient(EmailAddress.Parse("user@example.test")) { Notify = DsnNotify.Never };
        var envelope = new Envelope(new QueueId(4711), Time.UtcTicks, sender, [recipient], 12, false);
        var fields = new FieldWriter(8);
        envelope.Write(fields);
        return (envelope, fields.Fields.ToArray());
    }
}
