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

    // MailKit uses BDAT (RFC 3030) where a message is binary or a client of its own prefers it.
    private sealed class ChunkingClient(bool chunking) : SmtpClient
    {
        protected override bool PreferSendAsBinaryData => chunking;
    }
}
