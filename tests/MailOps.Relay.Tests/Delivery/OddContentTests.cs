using System.Text;
using MailOps.Messages;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>What is odd about a message arrives as it was queued, by each way there is: DATA with and without PIPELINING, BDAT, LMTP, and the file of a Maildir.</summary>
public sealed class OddContentTests
{
    private static readonly string[] Ways = ["bdat", "data", "plain", "lmtp", "file"];

    public static TheoryData<string> Contents =>
    [
        "", "\r\n", ".", ".\r\n", "..\r\n.\r\n", ".\r\n.\r\n.\r\n", "\r\n.\r\n", "Subject: x\r\n\r\nno line end", "Subject: x\r\n\r\n\r\n", "Subject: x\r\n\r\n.\r\nQUIT\r\n", "\0", "Subject: \xe4\r\n\r\n\x80\xff\0.\0\x7f\r\n",
        "Subject: x\r\n\r\n" + new string('.', 70_000), string.Concat(Enumerable.Range(0, 30_000).Select(i => new string('.', i % 4) + "\xfc\r\n")) + "no line end",
    ];

    [Theory, MemberData(nameof(Contents))]
    public async Task Odd_content_arrives_exactly(string text)
    {
        await using var bdat = new FakeMailServer();
        await using var data = new FakeMailServer { Extensions = ["PIPELINING", "8BITMIME"] };
        await using var plain = new FakeMailServer { Extensions = [] };
        await using var lmtp = new FakeMailServer { IsLmtp = true };
        await using var scene = new DeliveryScene();
        scene.Options = new SmtpRelayOptions
        {
            QueuePath = "",
            LocalDomains = [new() { Name = "file.test", MailboxPath = scene.Temporary("mail") }, new() { Name = "lmtp.test", Lmtp = $"127.0.0.1:{lmtp.Port}" }],
            Routes = [DeliveryScene.Route("bdat.test", bdat), DeliveryScene.Route("data.test", data), DeliveryScene.Route("*", plain)],
        };
        await scene.StartAsync();
        var content = Encoding.Latin1.GetBytes(text);

        await scene.SendAsync(new MailSender(EmailAddress.Parse("sender@origin.test")), content,
            [.. Ways.Select(d => new MailRecipient(EmailAddress.Parse($"user@{d}.test")))]);
        await scene.UntilEmptyAsync();

        Assert.Equal((5, 0), (scene.Agent.Delivered, scene.Agent.Failed));
        Assert.Equal(content, Assert.Single(bdat.Mail).Content);
        Assert.Equal(content, Assert.Single(lmtp.Mail).Content);
        // RFC 5321 section 4.1.1.4: DATA cannot but end with a line end.
        byte[] lines = text is "" || text.EndsWith("\r\n", StringComparison.Ordinal) ? content : [.. content, .. "\r\n"u8];
        Assert.Equal(lines, Assert.Single(data.Mail).Content);
        Assert.Equal(lines, Assert.Single(plain.Mail).Content);
        var file = Assert.Single(Directory.GetFiles(scene.Temporary("mail/file.test/user/new")));
        Assert.Equal((byte[])[.. "Return-Path: <sender@origin.test>\r\nDelivered-To: user@file.test\r\n"u8, .. content], await File.ReadAllBytesAsync(file, DeliveryScene.Ended));
        Assert.DoesNotContain(data.Commands.Concat(plain.Commands), c => c.StartsWith("BDAT", StringComparison.Ordinal));
    }
}
