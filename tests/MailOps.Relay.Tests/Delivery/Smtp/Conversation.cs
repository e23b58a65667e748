using MailOps.Messages;
using MailOps.Relay.Delivery.Smtp;
using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Delivery.Smtp;

/// <summary>The client against a script: what it must write, octet for octet, and what the server says then.</summary>
internal sealed class Conversation(bool isLmtp = false)
{
    public const string AllExtensions = "250-mx.test\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250-SIZE 1000000\r\n250-DSN\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n";
    public const string Pipelining = "250-mx.test\r\n250 PIPELINING\r\n";
    public const string Plain = "250 mx.test\r\n";

    public FakeTimeProvider Clock { get; } = new();

    public SmtpConnection? Connection { get; private set; }

    public ScriptStream Stream { get; private set; } = null!;

    public MailSender Sender { get; init; } = new(EmailAddress.Parse("a@origin.test"));

    public OpeningOptions Opening { get; init; } = new() { HostName = "relay.test", Certificate = new("mx.test"), Peer = "mx.test [192.0.2.1]:25", Tls = TlsMode.Auto, IsLmtp = isLmtp };

    /// <summary>Greets and says EHLO, then follows the script.</summary>
    public async Task OpenAsync(Chunking chunking, string hello, params (string, string)[] script) =>
        await OpenWithAsync(chunking, [("", "220 mx.test ESMTP\r\n"), ((isLmtp ? "LHLO" : "EHLO") + " relay.test\r\n", hello), .. script]);

    public async Task OpenWithAsync(Chunking chunking, (string, string)[] script, bool hangAtEnd = false)
    {
        Stream = new ScriptStream(chunking, script, hangAtEnd);
        Connection = await SmtpOpening.RunAsync(new SmtpChannel(Stream, Clock), Opening, TestContext.Current.CancellationToken);
    }

    public Task<IReadOnlyList<DeliveryOutcome>> SendAsync(string content, params string[] recipients) =>
        SendAsync(new MemoryContent(System.Text.Encoding.UTF8.GetBytes(content)), [.. recipients.Select(r => new MailRecipient(EmailAddress.Parse(r)))]);

    public async Task<IReadOnlyList<DeliveryOutcome>> SendAsync(MailContent content, params MailRecipient[] recipients)
    {
        Exchange = new SmtpExchange(Connection!, Sender, recipients, content);
        return await Exchange.RunAsync(TestContext.Current.CancellationToken);
    }

    public SmtpExchange? Exchange { get; private set; }

    public static string Text(DeliveryOutcome outcome) => $"{outcome.Status}: {outcome.Reply}";
}
