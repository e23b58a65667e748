using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace MailOps.Peers.Tests.Clients;

[Collection(ClientTests.Name)]
public sealed class MailKitTests(ClientRelay relay)
{
    [Theory]
    [InlineData(Door.Plain, true)]
    [InlineData(Door.Plain, false)]
    [InlineData(Door.PlainWithAuth, true)]
    [InlineData(Door.StartTls, true)]
    [InlineData(Door.StartTls, false)]
    [InlineData(Door.Implicit, true)]
    public async Task MailKit_sends(Door door, bool chunking)
    {
        var mailbox = $"mailkit-{door}-{chunking}";
        var payload = new byte[300_000];
        Random.Shared.NextBytes(payload);
        using var client = new ChunkingClient(chunking) { LocalDomain = "client.example.test", CheckCertificateRevocation = false };
        client.ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        var cancel = TestContext.Current.CancellationToken;
        await client.ConnectAsync("localhost", relay.Port(door), Options(door), cancel);
        Assert.True(client.Capabilities.HasFlag(SmtpCapabilities.Chunking | SmtpCapabilities.Pipelining));
        if (door != Door.Plain) await client.AuthenticateAsync(ClientRelay.User, ClientRelay.Password, cancel);
        await client.SendAsync(Message(mailbox, payload), cancel);
        await client.DisconnectAsync(true, cancel);

        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(await relay.ReceivedAsync(mailbox, door)));
        var received = await MimeMessage.LoadAsync(stream, cancel);
        using var content = new MemoryStream();
        await Assert.IsType<MimePart>(received.Attachments.Single()).Content!.DecodeToAsync(content, cancel);
        Assert.Equal(payload, content.ToArray());
    }

    // BODY=BINARYMIME (RFC 3030 section 3): NUL, lone CR and lone LF arrive as they are.
    [Fact]
    public async Task MailKit_sends_a_binary_message()
    {
        var cancel = TestContext.Current.CancellationToken;
        byte[] payload = [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 7)), .. "\r\n.\r\n\n\r\0\r\n"u8];
        using var client = new ReportingClient { LocalDomain = "client.example.test" };
        await client.ConnectAsync("localhost", relay.Port(Door.Plain), SecureSocketOptions.None, cancel);
        Assert.True(client.Capabilities.HasFlag(SmtpCapabilities.BinaryMime));
        using var message = Message("mailkit-binary", payload);
        var part = Assert.IsType<MimePart>(message.Attachments.Single());
        part.ContentTransferEncoding = ContentEncoding.Binary;
        await client.SendAsync(message, cancel);
        await client.DisconnectAsync(true, cancel);

        var received = await relay.BytesAsync("mailkit-binary");
        Assert.True(received.AsSpan().IndexOf(payload) > 0, "The payload did not arrive as it is.");
        Assert.True(received.AsSpan().IndexOf("Content-Transfer-Encoding: binary"u8) > 0, "The message was not sent as binary.");
    }

    [Fact]
    public async Task MailKit_sends_to_an_internationalised_mailbox_and_gets_the_report_it_asked_for()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var client = new ReportingClient { LocalDomain = "client.example.test", CheckCertificateRevocation = false };
        client.ServerCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        await client.ConnectAsync("localhost", relay.Port(Door.Implicit), SecureSocketOptions.SslOnConnect, cancel);
        await client.AuthenticateAsync(ClientRelay.User, ClientRelay.Password, cancel);
        var format = FormatOptions.Default.Clone();
        format.International = true;
        using var message = new MimeMessage { Subject = "größe", Body = new TextPart("plain") { Text = "zażółć gęślą\n" } };
        message.From.Add(MailboxAddress.Parse("nadawca-mailkitu@example.test"));
        message.To.Add(MailboxAddress.Parse("użytkownik-mailkitu@example.test"));
        await client.SendAsync(format, message, cancel);
        await client.DisconnectAsync(true, cancel);

        Assert.Contains("Subject: größe\r\n", await relay.ReceivedAsync("użytkownik-mailkitu", "UTF8SMTPSA"), StringComparison.Ordinal);
        await relay.ReportedAsync("nadawca-mailkitu", "użytkownik-mailkitu", ReportingClient.EnvelopeId, "utf-8;użytkownik-mailkitu@example.test");
    }

    private static SecureSocketOptions Options(Door door) => door switch
    {
        Door.StartTls => SecureSocketOptions.StartTls,
        Door.Implicit => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.None,
    };

    private static MimeMessage Message(string mailbox, byte[] payload)
    {
        var message = new MimeMessage { Subject = "From MailKit" };
        message.From.Add(MailboxAddress.Parse(ClientRelay.User));
        message.To.Add(MailboxAddress.Parse($"{mailbox}@example.test"));
        var body = new BodyBuilder { TextBody = ".a dot\n..two dots\n" };
        body.Attachments.Add("random.bin", payload);
        message.Body = body.ToMessageBody();
        return message;
    }

    private sealed class ReportingClient : SmtpClient
    {
        public const string EnvelopeId = "mailkit+1=";

        protected override string GetEnvelopeId(MimeMessage message) => EnvelopeId;

        protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) => DeliveryStatusNotification.Success;
    }

    // MailKit uses BDAT (RFC 3030) where a message is binary or a client of its own prefers it.
    private sealed class ChunkingClient(bool chunking) : SmtpClient
    {
        protected override bool PreferSendAsBinaryData => chunking;
    }
}
