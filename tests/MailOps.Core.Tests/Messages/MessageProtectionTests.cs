using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using MailOps.Authenticity;
using MailOps.Authenticity.Dkim;
using MailOps.Core.Tests.Dns;
using MailOps.Messages;
using MailOps.Submission;
using MailOps.Tests.Shared;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using static MailOps.Core.Tests.Submission.SmtpSubmissionTests;

namespace MailOps.Core.Tests.Messages;

/// <summary>Messages as a server has got them, read by other code than that which made them.</summary>
public sealed class MessageProtectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-protection-");
    private readonly X509Certificate2 _author = Certificate("CN=Author");
    private readonly X509Certificate2 _reader = Certificate("CN=Reader");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _author.Dispose();
        _reader.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(DkimKeyType.Rsa, "Grüße", "Zeile\r\n.\r\nFrom here: ümlaut 中\r\n\r\n\r\n")]
    [InlineData(DkimKeyType.Ed25519, "Hello", "World")]
    public async Task A_domains_signature_holds_at_the_other_end(DkimKeyType type, string subject, string text)
    {
        var key = DkimKeyMaker.Make("x.test", "s1", type, 2048, isTest: false, Path.Combine(_folder.FullName, "key"), overwrites: false);
        var sent = await SendAsync(Draft("a@x.test") with { Subject = subject, Text = text, Html = "<p>ä</p>", Protection = new MessageProtection { Dkim = DkimSignature.Open(key.PrivateKeyPath, "s1", null) } });

        using var message = await MimeMessage.LoadAsync(new MemoryStream(sent), Token);
        var signature = message.Headers.First(header => header.Id == HeaderId.DkimSignature);
        Assert.Same(message.Headers[0], signature);
        Assert.Contains("d=x.test; s=s1", signature.Value, StringComparison.Ordinal);
        Assert.Matches("h=from:.*subject:", signature.Value.Replace("\t", "", StringComparison.Ordinal).ToLowerInvariant());
        Assert.True(await new DkimVerifier(new Published(key)).VerifyAsync(message, signature, Token));
        message.Subject = "Changed";
        Assert.False(await new DkimVerifier(new Published(key)).VerifyAsync(message, signature, Token));
    }

    [Theory]
    [InlineData("jürgen@x.test", "a@x.test")]
    [InlineData("a@x.test", "jürgen@x.test")]
    public async Task A_domains_signature_holds_over_addresses_that_need_SMTPUTF8(string from, string to)
    {
        var key = DkimKeyMaker.Make("x.test", "s1", DkimKeyType.Rsa, 2048, isTest: false, Path.Combine(_folder.FullName, "key"), overwrites: false);
        var draft = Draft(to) with { From = Mailbox.Parse(from), Subject = "Grüße an 中", Text = "Zeile ü", Protection = new MessageProtection { Dkim = DkimSignature.Open(key.PrivateKeyPath, "s1", null) } };
        var sent = await SendAsync(draft, "SMTPUTF8");

        using var message = await MimeMessage.LoadAsync(new MemoryStream(sent), Token);
        Assert.True(await new DkimVerifier(new Published(key)).VerifyAsync(message, message.Headers[0], Token));
        var zone = new ZoneInspector();
        zone.Add("TXT", "s1._domainkey.x.test", key.Record);
        var found = await new MessageAuthenticator(zone, new AuthenticityOptions { At = DateTimeOffset.UtcNow }).CheckAsync(sent, Token);
        Assert.Equal("The signature verifies.", Assert.Single(found!.Dkim).Reason);
    }

    [Theory]
    [InlineData("no key at all", "it is not PEM")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is no key for DKIM")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "password")]
    public void What_is_no_key_is_said_to_be_none(string content, string expected)
    {
        var path = Path.Combine(_folder.FullName, "bad");
        File.WriteAllText(path, content);

        var error = Assert.Throws<MailOpsException>(() => DkimSignature.Open(path, "s1", null));

        Assert.Equal(ErrorCode.SigningFailed, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_no_receiver_accepts_and_a_public_one_are_refused()
    {
        using var small = RSA.Create(768);
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create();
        foreach (var (pem, expected) in ((string, string)[])[(small.ExportPkcs8PrivateKeyPem(), "768 bits"), (rsa.ExportSubjectPublicKeyInfoPem(), "private key of RSA"), (ec.ExportPkcs8PrivateKeyPem(), "private key of RSA")])
        {
            var path = Path.Combine(_folder.FullName, "weak");
            File.WriteAllText(path, pem);
            Assert.Contains(expected, Assert.Throws<MailOpsException>(() => DkimSignature.Open(path, "s1", null)).Message, StringComparison.Ordinal);
        }
        Assert.Equal(ErrorCode.FileUnreadable, Assert.Throws<MailOpsException>(() => DkimSignature.Open(Path.Combine(_folder.FullName, "none"), "s1", null)).Code);
        Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => DkimSignature.Open(Path.Combine(_folder.FullName, "weak"), "s 1", null)).Code);
    }

    [Fact]
    public async Task The_authors_signature_covers_the_content_as_it_arrives()
    {
        var sent = await SendAsync(Draft("a@x.test") with { Text = "Grüße\r\n.dot\r\ntrailing  \r\n", Protection = new MessageProtection { Signer = _author } });

        using var message = await MimeMessage.LoadAsync(new MemoryStream(sent), Token);
        var signed = Assert.IsType<MultipartSigned>(message.Body);
        Assert.Equal(("application/pkcs7-signature", "sha-256"), (signed.ContentType.Parameters["protocol"], signed.ContentType.Parameters["micalg"]));
        var boundary = "--" + signed.Boundary + "\r\n";
        var raw = System.Text.Encoding.Latin1.GetString(sent);
        var start = raw.IndexOf(boundary, StringComparison.Ordinal) + boundary.Length;
        var content = sent[start..raw.IndexOf("\r\n" + boundary, start, StringComparison.Ordinal)];
        var cms = new SignedCms(new ContentInfo(content), detached: true);
        cms.Decode(Decoded(signed[1]));
        cms.CheckSignature(verifySignatureOnly: true);
        Assert.Equal("CN=Author", cms.SignerInfos[0].Certificate!.Subject);
        content[^1] ^= 1;
        var changed = new SignedCms(new ContentInfo(content), detached: true);
        changed.Decode(Decoded(signed[1]));
        Assert.Throws<CryptographicException>(() => changed.CheckSignature(verifySignatureOnly: true));
    }

    [Fact]
    public async Task Only_readers_can_open_what_is_encrypted_and_find_the_signature_inside()
    {
        var protection = new MessageProtection { Signer = _author, Readers = [_reader] };
        var sent = await SendAsync(Draft("a@x.test") with { Text = "for your eyes only", Protection = protection });

        Assert.DoesNotContain("eyes only", System.Text.Encoding.Latin1.GetString(sent), StringComparison.Ordinal);
        using var message = await MimeMessage.LoadAsync(new MemoryStream(sent), Token);
        Assert.Equal(("application/pkcs7-mime", "enveloped-data"), (message.Body!.ContentType.MimeType, message.Body.ContentType.Parameters["smime-type"]));
        var cms = new EnvelopedCms();
        cms.Decode(Decoded(message.Body));
        cms.Decrypt([_reader]);
        var inside = Assert.IsType<MultipartSigned>(await MimeEntity.LoadAsync(new MemoryStream(cms.ContentInfo.Content), Token));
        Assert.Equal("for your eyes only", ((TextPart)inside[0]).Text.Trim());
        var other = new EnvelopedCms();
        other.Decode(Decoded(message.Body));
        Assert.Throws<CryptographicException>(() => other.Decrypt([_author]));
    }

    [Fact]
    public void A_certificate_that_cannot_serve_is_told_before_anything_is_sent()
    {
        using var old = Certificate("CN=Old", DateTimeOffset.Now.AddYears(-2), DateTimeOffset.Now.AddYears(-1));
        using var half = X509CertificateLoader.LoadCertificate(_author.RawData);

        Assert.Contains("which is not today", Compose(new MessageProtection { Signer = old }).Message, StringComparison.Ordinal);
        Assert.Contains("no private key", Compose(new MessageProtection { Signer = half }).Message, StringComparison.Ordinal);
        Assert.Contains("which is not today", Compose(new MessageProtection { Readers = [_reader, old] }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_dates_of_a_certificate_are_told_alike_in_every_culture()
    {
        using var old = Certificate("CN=Old", new DateTimeOffset(2020, 3, 5, 12, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 3, 6, 12, 0, 0, TimeSpan.Zero));
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("th-TH");   // in whose calendar it is the year 2563
        try
        {
            Assert.Contains("is valid from 2020-03-05 to 2021-03-06, which is not today", Compose(new MessageProtection { Signer = old }).Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_preview_shows_the_beginning_with_nothing_that_moves_a_cursor()
    {
        using var message = MessageComposer.Compose(Draft("a@x.test") with { Text = "\u001b[2J" + new string('x', 60) + "\r\n" + string.Concat(Enumerable.Repeat("line\r\n", 10_000)) });

        var (text, size) = message.Preview(600);

        Assert.Contains("Subject: Hello", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.InRange(text.Length, 500, 700);
        Assert.True(size > 50_000, $"{size}");
    }

    [Fact]
    public void A_read_receipt_is_asked_for_of_an_address()
    {
        using var message = MessageComposer.Compose(Draft("a@x.test") with { ReadReceiptTo = Mailbox.ParseList("Jörg <j@x.test>, k@x.test") });

        Assert.Matches(@"Disposition-Notification-To: =\?utf-8\?.*\?= <j@x\.test>, k@x\.test", message.Preview(4096).Text);
    }

    private static MailOpsException Compose(MessageProtection protection) => Assert.Throws<MailOpsException>(() => MessageComposer.Compose(Draft("a@x.test") with { Protection = protection }));

    private static async Task<byte[]> SendAsync(MessageDraft draft, params string[] keywords)
    {
        using var server = new LoopbackSmtpServer { Keywords = ["PIPELINING", "8BITMIME", "CHUNKING", .. keywords] };
        using var submission = new SmtpSubmission(Options(server));
        using var message = MessageComposer.Compose(draft);
        Assert.Empty((await submission.SendAsync(message, Token)).Errors);
        return server.Messages.First();
    }

    private static byte[] Decoded(MimeEntity part)
    {
        using var bytes = new MemoryStream();
        ((MimePart)part).Content!.DecodeTo(bytes, Token);
        return bytes.ToArray();
    }

    private static X509Certificate2 Certificate(string subject, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(from ?? DateTimeOffset.Now.AddDays(-1), to ?? DateTimeOffset.Now.AddDays(1));
    }

    private sealed class Published(DkimKey key) : DkimPublicKeyLocatorBase
    {
        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) => GetPublicKey(key.Record);

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(GetPublicKey(key.Record));
    }
}
