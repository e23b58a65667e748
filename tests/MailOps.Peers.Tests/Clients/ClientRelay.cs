using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MailOps.Peers.Tests.Running;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Clients;

/// <summary>How a client comes: which listener, and whether it logs in.</summary>
public enum Door
{
    /// <summary>Plain text from a listed network.</summary>
    Plain,
    /// <summary>Plain text, AUTH although it is readable: the listener allows it.</summary>
    PlainWithAuth,
    /// <summary>STARTTLS, then AUTH.</summary>
    StartTls,
    /// <summary>TLS from the first byte, then AUTH.</summary>
    Implicit,
}

/// <summary>One relay that all client tests send through, with a listener for each way in and a Maildir for each recipient.</summary>
public sealed class ClientRelay : IAsyncLifetime
{
    /// <summary>The user every client logs in as.</summary>
    public const string User = "mila@example.test";

    /// <summary>That user's password: a space, quotes and a backslash, which scripts get wrong.</summary>
    public const string Password = "s3 \"cr'\\et=";

    private static readonly string[] Audiences = ["smtp.example.test"];
    private const string Issuer = "https://login.example.test/";
    private readonly RSA _issuerKey = RSA.Create(2048);
    private readonly TestFolder _folder = new();
    private RelayHost? _host;

    /// <summary>The certificate of the authority that signed the relay's.</summary>
    public string RootFile { get; private set; } = "";

    /// <summary>An access token for the user, as an issuer that the relay knows would make it.</summary>
    /// <param name="audience">For whom it is; the relay is smtp.example.test.</param>
    public string Token(string audience = "smtp.example.test")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signed = Part(new { alg = "RS256", kid = "1" }) + "." + Part(new { iss = Issuer, aud = audience, email = User, nbf = now - 60, exp = now + 600 });
        return signed + "." + Base64Url.EncodeToString(_issuerKey.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        static string Part(object json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));
    }

    /// <summary>The port of a way in.</summary>
    public int Port(Door door) => _host!.Ports[(int)door];

    /// <summary>The trace header's word for a way in (RFC 3848).</summary>
    public static string Protocol(Door door) => door switch
    {
        Door.Plain => "ESMTP",
        Door.PlainWithAuth => "ESMTPA",
        _ => "ESMTPSA",
    };

    /// <summary>Waits for the message to a mailbox and checks that it came the way it should.</summary>
    public Task<string> ReceivedAsync(string mailbox, Door door) => ReceivedAsync(mailbox, Protocol(door));

    /// <summary>Waits for the message to a mailbox and checks what its trace header calls the transmission.</summary>
    public async Task<string> ReceivedAsync(string mailbox, string protocol)
    {
        var text = Encoding.UTF8.GetString(await Maildir.FirstAsync(_folder.At($"mail/example.test/{FolderOf(mailbox)}"), () => _host!.Output));
        Assert.Matches($@"\bwith {protocol} ", text);
        return text;
    }

    /// <summary>Waits for the message to a mailbox and gives its bytes, as they are.</summary>
    public Task<byte[]> BytesAsync(string mailbox) => Maildir.FirstAsync(_folder.At($"mail/example.test/{FolderOf(mailbox)}"), () => _host!.Output);

    /// <summary>Waits for the delivery report to a sender, and checks that it tells of a delivery to a mailbox as RFC 3464 has it.</summary>
    /// <param name="sender">The sender's mailbox.</param>
    /// <param name="recipient">The mailbox it was delivered to.</param>
    /// <param name="envelopeId">What the sender called the message.</param>
    /// <param name="original">Its original recipient, with its type.</param>
    public async Task ReportedAsync(string sender, string recipient, string envelopeId, string original)
    {
        var text = Encoding.UTF8.GetString(await BytesAsync(sender));
        Assert.Contains("Content-Type: multipart/report; report-type=delivery-status;", text, StringComparison.Ordinal);
        Assert.Contains($"\r\nOriginal-Envelope-Id: {envelopeId}\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"\r\nOriginal-Recipient: {original}\r\n", text, StringComparison.Ordinal);
        Assert.Matches($@"\r\nFinal-Recipient: (rfc822|utf-8); {recipient}@example\.test\r\nAction: delivered\r\nStatus: 2\.0\.0\r\n", text);
    }

    // A mailbox is one however its name is written, and its folder is in lower case.
    private static string FolderOf(string mailbox) => mailbox.ToLowerInvariant();

    /// <summary>Waits for so many messages to a mailbox.</summary>
    public async Task<IReadOnlyList<string>> ReceivedAsync(string mailbox, int count)
    {
        var folder = _folder.At($"mail/example.test/{FolderOf(mailbox)}/new");
        await Until.TrueAsync(
            () => Directory.Exists(folder) && Directory.GetFiles(folder).Length >= count, () => $"fewer than {count} messages in {folder}. {_host!.Output}");
        return [.. Maildir.Messages(Path.GetDirectoryName(folder)!).Select(message => Encoding.UTF8.GetString(message).ReplaceLineEndings("\n"))];
    }

    /// <summary>A file for a client to send or read.</summary>
    public string Write(string name, string text) => _folder.Write(name, text);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var authority = new TestAuthority(_folder);
        RootFile = authority.RootFile;
        var certificate = new { path = authority.CertificateFile, keyPath = authority.KeyFile };
        var endpoint = "127.0.0.1:0";
        _host = await RelayHost.StartAsync(_folder, new
        {
            hostName = "relay.example.test",
            queuePath = _folder.At("queue"),
            listeners = new object[]
            {
                new { endpoint, tls = "None" },
                new { endpoint, tls = "None", allowPlainTextAuthentication = true, requireAuthentication = true },
                new { endpoint, tls = "StartTls", requireTls = true, requireAuthentication = true, certificate },
                new { endpoint, tls = "Implicit", requireAuthentication = true, certificate },
            },
            authentication = new { issuers = new[] { new { issuer = Issuer, audiences = Audiences, keys = _folder.Write("keys.json", KeySet()) } } },
            users = new[] { new { name = User, password = new { file = _folder.Write("password", Password + "\n") } } },
            localDomains = new[] { new { name = "example.test", mailboxPath = _folder.At("mail") } },
        });
    }

    private string KeySet()
    {
        var key = _issuerKey.ExportParameters(false);
        return JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", kid = "1", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } } });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is { } host)
        {
            await host.StopAsync();
            await host.DisposeAsync();
        }

        _folder.Dispose();
        _issuerKey.Dispose();
    }
}

/// <summary>The tests that share that relay.</summary>
[CollectionDefinition(Name)]
public sealed class ClientTests : ICollectionFixture<ClientRelay>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "clients";
}
