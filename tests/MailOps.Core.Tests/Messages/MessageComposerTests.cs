using System.Text;
using MailOps.Messages;
using MimeKit;

namespace MailOps.Core.Tests.Messages;

public sealed class MessageComposerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-composer-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_text_is_one_part()
    {
        var read = Compose(Draft() with { Text = "Hëllo\n" });

        var part = Assert.IsType<TextPart>(read.Body);
        Assert.Equal(("text/plain", "utf-8", "Hëllo\n"), (part.ContentType.MimeType, part.ContentType.Charset, part.Text.ReplaceLineEndings("\n")));
        Assert.Equal("Grüße", read.Subject);
        Assert.Equal("1.0", read.Headers[HeaderId.MimeVersion]);
    }

    [Fact]
    public void Everything_at_once_nests_as_mixed_alternative_related()
    {
        var read = Compose(Draft() with
        {
            Text = "text",
            Html = "<img src=\"cid:logo\">",
            Inline = [new("logo", File("logo.png", [1, 2, 3]))],
            Attachments = [File("Preis-ä.pdf", [0, 10, 13, 255])],
        });

        Assert.Equal("multipart/mixed(multipart/alternative(text/plain, multipart/related(text/html, image/png)), application/pdf)", Shape(read.Body!));
        var image = read.BodyParts.OfType<MimePart>().Single(p => p.ContentId == "logo");
        Assert.Equal("inline", image.ContentDisposition!.Disposition);
        var attached = Assert.IsType<MimePart>(read.Attachments.Single());
        Assert.Equal("Preis-ä.pdf", attached.FileName);
        Assert.Equal([0, 10, 13, 255], Decode(attached));
    }

    [Fact]
    public void An_attached_message_arrives_byte_for_byte()
    {
        byte[] odd = [.. "Subject:x\n\n"u8, 0xff, .. "\nno final line end"u8];

        var attached = Assert.IsType<MimePart>(Compose(Draft() with { Text = "", Attachments = [File("old.eml", odd)] }).Attachments.Single());

        Assert.Equal(odd, Decode(attached));
    }

    [Fact]
    public void Bcc_is_in_the_envelope_and_in_no_header()
    {
        var draft = Draft() with { Cc = Mailbox.ParseList("c@x.test"), Bcc = Mailbox.ParseList("secret@x.test"), ReplyTo = Mailbox.ParseList("r@x.test") };

        using var message = MessageComposer.Compose(draft);

        Assert.Equal(["to@x.test", "c@x.test", "secret@x.test"], message.Recipients.Select(r => r.ToString()));
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(Write(message)));
        Assert.Equal("r@x.test", message.Content.ReplyTo.ToString());
    }

    [Fact]
    public void An_address_listed_twice_gets_one_copy()
    {
        using var message = MessageComposer.Compose(Draft() with { Cc = Mailbox.ParseList("TO@x.test, other@x.test") });

        Assert.Equal(["to@x.test", "other@x.test"], message.Recipients.Select(r => r.ToString()));
    }

    [Fact]
    public void The_envelope_sender_may_differ_or_be_null()
    {
        using var own = MessageComposer.Compose(Draft());
        using var other = MessageComposer.Compose(Draft() with { EnvelopeFrom = EmailAddress.Parse("bounces@x.test") });
        using var none = MessageComposer.Compose(Draft() with { NullSender = true });

        Assert.Equal("from@x.test", own.Sender?.ToString());
        Assert.Equal("bounces@x.test", other.Sender?.ToString());
        Assert.Null(none.Sender);
    }

    [Fact]
    public void Headers_are_added_and_priority_marks_them()
    {
        var read = Compose(Draft() with
        {
            Importance = MailOps.Messages.MessageImportance.High,
            Headers = [new("X-Ticket", "4711 ä"), new("X-Ticket", "4712"), new("Message-ID", "<my@x.test>")],
        });

        Assert.Equal(["4711 ä", "4712"], read.Headers.Where(h => h.Field == "X-Ticket").Select(h => h.Value));
        Assert.Equal("my@x.test", read.MessageId);
        Assert.Equal((MimeKit.MessageImportance.High, XMessagePriority.Highest), (read.Importance, read.XPriority));
    }

    [Theory]
    [InlineData("X-A", "a\r\nBcc: b@x.test")]
    [InlineData("X A", "a")]
    [InlineData("X:A", "a")]
    [InlineData("", "a")]
    [InlineData("Bcc", "b@x.test")]
    [InlineData("content-type", "text/html")]
    [InlineData("From", "b@x.test")]
    public void Headers_that_would_break_the_message_are_refused(string name, string value)
    {
        var error = Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { Headers = [new(name, value)] }));

        Assert.Equal(ErrorCode.InvalidMessage, error.Code);
    }

    [Fact]
    public void A_subject_with_a_line_break_is_refused() =>
        Assert.Equal(ErrorCode.InvalidMessage, Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { Subject = "a\nb" })).Code);

    [Fact]
    public void A_message_id_does_not_tell_this_machines_name()
    {
        using var message = MessageComposer.Compose(Draft());

        Assert.EndsWith("@x.test", message.MessageId);
    }

    [Theory]
    [InlineData("iso-8859-1", "ä", "iso-8859-1")]
    [InlineData("us-ascii", "a", "us-ascii")]
    [InlineData("us-ascii", "ä", "utf-8")]         // would be lost
    [InlineData("iso-8859-1", "€", "utf-8")]
    [InlineData("utf-16", "ä", "utf-8")]           // RFC 2781 section 4
    public void The_character_set_is_kept_where_it_can_hold_the_text(string wanted, string text, string charset)
    {
        var read = Compose(Draft() with { Text = text, Encoding = Encoding.GetEncoding(wanted) });

        Assert.Equal((charset, text), (read.Body!.ContentType.Charset, ((TextPart)read.Body).Text.TrimEnd()));
    }

    [Theory]
    [InlineData("a\rb", "a\nb")]
    [InlineData("a\r", "a\n")]
    [InlineData("\r\r\n\n\rä", "\n\n\n\nä")]
    public void A_carriage_return_alone_ends_a_line(string text, string lines)
    {
        var read = Compose(Draft() with { Text = text, Html = text });

        Assert.Equal([lines, lines], read.BodyParts.OfType<TextPart>().Select(part => part.Text.Replace("\r\n", "\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        var missing = Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { Attachments = [Path.Combine(_folder.FullName, "no.txt")] }));
        var folder = Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { Attachments = [_folder.FullName] }));

        Assert.Equal((ErrorCode.FileUnreadable, ErrorCode.FileUnreadable), (missing.Code, folder.Code));
        Assert.Contains("no.txt", missing.Message);
        Assert.Contains("it is a folder", folder.Message);
    }

    [Fact]
    public void Files_are_closed_when_composing_fails_and_when_the_message_is_done()
    {
        var path = File("a.txt", [1]);
        Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { Attachments = [path, path + "x"] }));
        MessageComposer.Compose(Draft() with { Attachments = [path] }).Dispose();

        new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
    }

    [Theory]
    [InlineData("jürgen@x.test", "jürgen@x.test")]
    [InlineData("a@bücher.test", null)]            // RFC 6531 section 3.2: A-labels will do
    public void Only_a_local_part_beyond_ascii_needs_smtputf8(string to, string? first)
    {
        using var message = MessageComposer.Compose(Draft() with { To = Mailbox.ParseList(to) });

        Assert.Equal(first, message.FirstUtf8Address?.ToString());
    }

    [Fact]
    public void No_recipient_and_an_image_without_html_are_refused()
    {
        Assert.Equal(ErrorCode.InvalidMessage, Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { To = [] })).Code);
        Assert.Equal(ErrorCode.InvalidMessage, Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft() with { Text = "", Inline = [new("a", "b")] })).Code);
    }

    private static MessageDraft Draft() => new() { From = Mailbox.Parse("from@x.test"), To = Mailbox.ParseList("to@x.test"), Subject = "Grüße" };

    private string File(string name, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    private static MimeMessage Compose(MessageDraft draft)
    {
        using var message = MessageComposer.Compose(draft);
        return MimeMessage.Load(new MemoryStream(Write(message)));
    }

    private static byte[] Write(OutgoingMessage message)
    {
        using var stream = new MemoryStream();
        message.Content.WriteTo(stream, TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    private static byte[] Decode(MimePart part)
    {
        using var stream = new MemoryStream();
        part.Content!.DecodeTo(stream, TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    private static string Shape(MimeEntity entity) => entity is Multipart multipart
        ? $"{entity.ContentType.MimeType}({string.Join(", ", multipart.Select(Shape))})"
        : entity.ContentType.MimeType;
}
