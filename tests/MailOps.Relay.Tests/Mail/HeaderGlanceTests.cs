using System.Text;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Mail;

public sealed class HeaderGlanceTests
{
    [Theory]
    [InlineData("Message-ID: <a@b.test>\r\nSubject: Hello\r\n\r\nbody", "<a@b.test>", "Hello")]
    [InlineData("subject:Hello\nMESSAGE-ID:<a@b.test>\n\nbody", "<a@b.test>", "Hello")]
    [InlineData("Message-ID:\r\n <a@b.test>\r\nSubject: one\r\n\ttwo\r\n three\r\n\r\n", "<a@b.test>", "one two three")]
    [InlineData("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?b?IGFuIGFsbGU=?=\r\n\r\n", null, "Grüße an alle")]
    [InlineData("Subject: Grüße 👍\r\n\r\n", null, "Grüße 👍")]
    [InlineData("Received: by x\r\n\tSubject: not this\r\nX-Subject: nor this\r\n\r\nSubject: nor that\r\n", null, null)]
    [InlineData("Subject: first\r\nSubject: second\r\n\r\n", null, "first")]
    [InlineData("Subject: \r\nMessage-ID: \r\n\r\n", null, null)]
    [InlineData("Subject: a\0b\u001b[31mc\r\n\r\n", null, "ab[31mc")]
    [InlineData("\r\nSubject: body", null, null)]
    [InlineData("Subject", null, null)]
    [InlineData("", null, null)]
    public void The_names_of_a_message_are_found(string message, string? id, string? subject) =>
        Assert.Equal(new HeaderGlance(id, subject), HeaderGlance.Of(Encoding.UTF8.GetBytes(message), subject: true));

    [Fact]
    public void A_subject_that_is_not_wanted_is_not_looked_at() =>
        Assert.Equal(new HeaderGlance("<a@b.test>", null), HeaderGlance.Of("Subject: secret\r\nMessage-ID: <a@b.test>\r\n\r\n"u8, subject: false));

    [Fact]
    public void Long_ones_are_cut_between_characters()
    {
        var glance = HeaderGlance.Of(Encoding.UTF8.GetBytes($"Subject: x{string.Concat(Enumerable.Repeat("👍", 200))}\r\n\r\n"), subject: true);

        Assert.Equal("x" + string.Concat(Enumerable.Repeat("👍", 127)), glance.Subject);
    }

    [Theory]
    [InlineData(HeaderGlance.Reach - 40, "late")]
    [InlineData(HeaderGlance.Reach, null)]
    public async Task Only_the_beginning_is_looked_at_in_memory_and_in_a_file(int before, string? subject)
    {
        var message = Encoding.UTF8.GetBytes($"X-Filler: {new string('x', before - 12)}\r\nSubject: late\r\n\r\n{new string('y', 1000)}");
        using var inMemory = new MemoryContent(message);
        using var inFile = new StreamOnly(message);

        Assert.Equal(subject, (await HeaderGlance.OfAsync(inMemory, subject: true, TestContext.Current.CancellationToken)).Subject);
        Assert.Equal(subject, (await HeaderGlance.OfAsync(inFile, subject: true, TestContext.Current.CancellationToken)).Subject);
    }

    private sealed class StreamOnly(byte[] bytes) : MailContent
    {
        public override long Length => bytes.Length;

        public override Stream OpenRead() => new MemoryStream(bytes);
    }
}
