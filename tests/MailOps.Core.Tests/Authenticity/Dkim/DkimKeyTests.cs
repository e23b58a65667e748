using System.Security.Cryptography;
using MailOps.Authenticity.Dkim;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;

namespace MailOps.Core.Tests.Authenticity.Dkim;

public sealed class DkimKeyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mailops-dkim-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(DkimKeyType.Rsa, 2048)]
    [InlineData(DkimKeyType.Rsa, 3072)]
    [InlineData(DkimKeyType.Ed25519, 256)]
    public async Task What_it_signs_is_verified_by_what_it_publishes(DkimKeyType type, int size)
    {
        var key = Make(type, size);
        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress("", "a@example.com"));
        message.Subject = "Signed";
        message.Body = new TextPart("plain") { Text = "Hello\n" };
        await using var pem = File.OpenRead(key.PrivateKeyPath);
        var signer = new DkimSigner(pem, key.Domain, key.Selector, type == DkimKeyType.Rsa ? DkimSignatureAlgorithm.RsaSha256 : DkimSignatureAlgorithm.Ed25519Sha256);
        signer.Sign(message, [HeaderId.From, HeaderId.Subject]);

        var published = new Published(key);
        Assert.True(await new DkimVerifier(published).VerifyAsync(message, message.Headers.First(h => h.Id == HeaderId.DkimSignature), Ended));
        Assert.Equal((key.Domain, key.Selector), published.Asked);
        message.Subject = "Changed";
        Assert.False(await new DkimVerifier(published).VerifyAsync(message, message.Headers.First(h => h.Id == HeaderId.DkimSignature), Ended));
    }

    [Fact]
    public void An_RSA_key_has_the_size_asked_for_and_both_halves_belong_together()
    {
        var key = Make(DkimKeyType.Rsa, 2048);
        using var secret = RSA.Create();
        secret.ImportFromPem(File.ReadAllText(key.PrivateKeyPath));
        Assert.Equal((2048, 2048), (secret.KeySize, key.KeySize));
        using var published = RSA.Create();
        published.ImportSubjectPublicKeyInfo(Convert.FromBase64String(key.Record["v=DKIM1; k=rsa; p=".Length..]), out _);
        Assert.Equal(secret.ExportParameters(false).Modulus, published.ExportParameters(false).Modulus);
        Assert.Equal([1, 0, 1], secret.ExportParameters(false).Exponent);
    }

    [Fact]
    public void Two_keys_are_two() => Assert.NotEqual(DkimKeyPair.Generate(DkimKeyType.Ed25519, 256).PublicKey, DkimKeyPair.Generate(DkimKeyType.Ed25519, 256).PublicKey);

    [Fact]
    public void A_record_is_told_whole_in_strings_and_as_a_line_of_a_zone()
    {
        var key = Make(DkimKeyType.Rsa, 4096, isTest: true);
        Assert.StartsWith("v=DKIM1; k=rsa; t=y; p=", key.Record, StringComparison.Ordinal);
        Assert.Equal(key.Record, string.Concat(key.RecordStrings));
        Assert.Equal([255, 255], key.RecordStrings.Take(2).Select(text => text.Length));
        Assert.InRange(key.RecordStrings[2].Length, 1, 255);
        Assert.Equal($"s1._domainkey.example.com. IN TXT ( \"{key.RecordStrings[0]}\" \"{key.RecordStrings[1]}\" \"{key.RecordStrings[2]}\" )", key.ZoneLine);
    }

    [Fact]
    public void The_private_key_is_its_owner_s_alone_in_lines_that_every_reader_takes()
    {
        var key = Make(DkimKeyType.Rsa, 2048);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key.PrivateKeyPath));
        var lines = File.ReadAllText(key.PrivateKeyPath).Split('\n');
        Assert.Equal(("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", ""), (lines[0], lines[^2], lines[^1]));
        Assert.All(lines[1..^3], line => Assert.Equal(64, line.Length));
        Assert.Single(_folder.GetFiles());   // nothing was left beside it
    }

    [Fact]
    public void A_file_that_exists_is_kept_unless_it_is_to_be_replaced()
    {
        var path = Path.Combine(_folder.FullName, "key.pem");
        File.WriteAllText(path, "kept");
        var error = Assert.Throws<MailOpsException>(() => Make(DkimKeyType.Ed25519, 256));
        Assert.Equal(ErrorCode.FileExists, error.Code);
        Assert.Equal("kept", File.ReadAllText(path));
        Make(DkimKeyType.Ed25519, 256, overwrites: true);
        Assert.StartsWith("-----BEGIN", File.ReadAllText(path), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_said()
    {
        var error = Assert.Throws<MailOpsException>(() => DkimKeyMaker.Make("example.com", "s1", DkimKeyType.Ed25519, 256, false, Path.Combine(_folder.FullName, "none", "key.pem"), false));
        Assert.Equal(ErrorCode.FileUnwritable, error.Code);
    }

    [Theory]
    [InlineData("", "s1")]
    [InlineData("com", "s1")]
    [InlineData("exa mple.com", "s1")]
    [InlineData("example.com", "s 1")]
    [InlineData("example.com", ".s1")]
    [InlineData("example.com", "a\"b")]
    [InlineData("example.com\n", "s1")]
    public void What_the_DNS_cannot_have_is_said(string domain, string selector)
    {
        var error = Assert.Throws<MailOpsException>(() => DkimKeyPublication.NameOf(domain, selector));
        Assert.Equal(ErrorCode.InvalidDomain, error.Code);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_name_that_is_too_long_is_said()
    {
        var long63 = new string('a', 63);
        Assert.Contains("253", Assert.Throws<MailOpsException>(() => DkimKeyPublication.NameOf($"{long63}.{long63}.{long63}.example.com", long63)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_those_of_the_DNS() =>
        Assert.Equal(("xn--mnchen-3ya.example", "s1.mta", "s1.mta._domainkey.xn--mnchen-3ya.example"), DkimKeyPublication.NameOf("MÜNCHEN.example.", "S1.mta"));

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private DkimKey Make(DkimKeyType type, int size, bool isTest = false, bool overwrites = false) =>
        DkimKeyMaker.Make("example.com", "s1", type, size, isTest, Path.Combine(_folder.FullName, "key.pem"), overwrites);

    /// <summary>A verifier's view of the DNS.</summary>
    private sealed class Published(DkimKey key) : DkimPublicKeyLocatorBase
    {
        public (string Domain, string Selector) Asked { get; private set; }

        public override AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default)
        {
            Asked = (domain, selector);
            return GetPublicKey(key.Record);
        }

        public override Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) =>
            Task.FromResult(LocatePublicKey(methods, domain, selector, cancellationToken));
    }
}
