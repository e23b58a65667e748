using System.Globalization;
using System.Text;
using MailOps.Reports;

namespace MailOps.Core.Tests.Reports;

/// <summary>Bytes of anybody's choice: no exception, and no more than bounded work.</summary>
public class HostileReportTests
{
    private const string Head = "From: MAILER-DAEMON@example.com\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n";

    [Fact]
    public void Random_bytes_and_broken_reports_throw_nothing()
    {
        var random = new Random(4711);
        var seeds = new[]
        {
            Head + "--b\n\n<one@example.net>: host mx said: 550 5.1.1 no\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; one@example.net\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?B?w7w=?=\n\nx\n--b--\n",
            "Subject: x\n\n{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"one@example.net\"}]}}",
            "From x\nSubject: failure notice\nContent-Type: text/html; charset=utf-7\n\n<style><p>one@example.net<br>550 5.2.2 full</p>",
            "Subject: failure notice\nContent-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: base64\n\nGyRCJWYhPCU2GyhC",
        };
        for (var i = 0; i < 4000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[i % seeds.Length]);
            for (var change = random.Next(1, 12); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (i % 5 == 0) random.NextBytes(bytes);
            if (i % 7 == 0) bytes = bytes[..random.Next(bytes.Length)];
            Assert.NotNull(DeliveryReportReader.Read(bytes));
        }
    }

    [Fact]
    public void Deep_nesting_ends()
    {
        var text = new StringBuilder("Subject: Undelivered\nContent-Type: multipart/mixed; boundary=b0\n\n");
        for (var i = 0; i < 5000; i++) text.Append(CultureInfo.InvariantCulture, $"--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n");
        var messages = "Subject: Undelivered\n" + string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\n\n", 5000));

        Assert.NotNull(DeliveryReportReader.Read(Encoding.ASCII.GetBytes(text.ToString())));
        Assert.NotNull(DeliveryReportReader.Read(Encoding.ASCII.GetBytes(messages)));
    }

    [Fact]
    public void What_is_endless_is_read_as_far_as_the_limit()
    {
        Assert.NotNull(DeliveryReportReader.Read(Filled("Subject: ", 'x')));
        Assert.NotNull(DeliveryReportReader.Read(Filled("", 'a')));
        Assert.NotNull(DeliveryReportReader.Read(Filled("From: <>\nSubject: failure notice\n\n", '@')));
        Assert.NotNull(DeliveryReportReader.Read(Filled("From: <>\nSubject: failure notice\n\n", '\n')));
        Assert.NotNull(DeliveryReportReader.Read(Filled(Head + "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; ", 'x')));
        Assert.NotNull(DeliveryReportReader.Read(Filled(Head + "--b\nContent-Type: text/html\n\n", '<')));
    }

    [Fact]
    public async Task Of_a_stream_that_does_not_end_only_the_beginning_is_read()
    {
        using var endless = new EndlessStream();

        Assert.Empty(await DeliveryReportReader.ReadAsync(endless, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(DeliveryReportReader.MaxSize, endless.Handed);
    }

    [Fact]
    public void Of_very_many_recipients_as_many_as_the_limit_are_given()
    {
        var text = new StringBuilder(Head + "--b\n\nFailed:\n\n");
        for (var i = 0; i < 12_000; i++) text.Append(CultureInfo.InvariantCulture, $"<u{i}@example.net>: no\n");
        text.Append("\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n");
        for (var i = 0; i < 12_000; i++) text.Append(CultureInfo.InvariantCulture, $"Final-Recipient: rfc822; u{i}@example.net\nAction: failed\nStatus: 5.1.1\n\n");
        text.Append("--b--\n");

        Assert.Equal(DeliveryReportReader.MaxRecipients, DeliveryReportReader.Read(Encoding.ASCII.GetBytes(text.ToString())).Count);
    }

    private static byte[] Filled(string start, char with) => Encoding.ASCII.GetBytes(start + new string(with, DeliveryReportReader.MaxSize + 1000));

    private sealed class EndlessStream : Stream
    {
        public long Handed { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => Handed; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Fill(buffer, (byte)'x', offset, count);
            Handed += count;
            return count;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
