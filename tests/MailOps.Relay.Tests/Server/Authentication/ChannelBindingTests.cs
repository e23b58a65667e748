using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailOps.Authentication;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Tests.Server.Handshake;

namespace MailOps.Relay.Tests.Server.Authentication;

/// <summary>SCRAM-…-PLUS over real TLS with certificates of all kinds of signature: tls-server-end-point takes the hash of the signature (RFC 5929 section 4.1).</summary>
public sealed class ChannelBindingTests
{
    private const string Sha1 = "1.3.14.3.2.26", Sha256 = "2.16.840.1.101.3.4.2.1", Sha384 = "2.16.840.1.101.3.4.2.2", Sha3 = "2.16.840.1.101.3.4.2.8";

    // The hash is what a client computes for itself from the certificate that it was shown.
    [Theory]
    [InlineData("RSA", "SHA256", "SHA256")]
    [InlineData("RSA", "SHA512", "SHA512")]
    [InlineData("PSS", "SHA256", "SHA256")]
    [InlineData("PSS", "SHA384", "SHA384")]
    [InlineData("PSS", "SHA512", "SHA512")]
    [InlineData("P-384", "SHA384", "SHA384")]
    [InlineData("P-521", "SHA512", "SHA512")]
    public async Task SCRAM_is_bound_by_the_hash_of_the_signature(string key, string signedWith, string hash)
    {
        using var certificate = SelfSigned(key, new HashAlgorithmName(signedWith));
        await using var server = Start(certificate);
        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await using var client = await SecureAsync(server, certificate, version);
            Assert.EndsWith("250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN LOGIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
            var binding = CryptographicOperations.HashData(new HashAlgorithmName(hash), certificate.RawData);
            Assert.Equal("235 2.7.0 Authentication successful", await LogInAsync(client, "-PLUS", "p=tls-server-end-point,,", binding));
        }
    }

    // Ed25519 has no hash outside its signature, so that there is nothing to bind by: nothing is offered, and a client that would have bound is not taken for one that was lied to.
    [Fact]
    public async Task Where_the_signature_has_no_hash_no_binding_is_offered()
    {
        using var certificate = Signed(Algorithm("1.3.101.112"));
        await using var server = Start(certificate);
        await using var client = await SecureAsync(server, certificate, SslProtocols.Tls13);
        Assert.EndsWith("250 AUTH SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN", await client.AskAsync("EHLO x"), StringComparison.Ordinal);
        Assert.Equal("504 5.5.4 Authentication mechanism not supported", await client.AskAsync("AUTH SCRAM-SHA-256-PLUS"));
        Assert.Equal("235 2.7.0 Authentication successful", await LogInAsync(client, "", "y,,", []));
    }

    // RSASSA-PSS names its hash in parameters, SHA-1 where they do not; with a second one for its mask the binding is not defined.
    [Theory]
    [InlineData(Sha384, Sha384, 48)]
    [InlineData(null, null, 32)]
    [InlineData(Sha1, Sha1, 32)]
    [InlineData(Sha256, Sha1, null)]
    [InlineData(Sha256, null, null)]
    [InlineData(null, Sha256, null)]
    [InlineData(Sha3, Sha3, null)]
    public void RSASSA_PSS_binds_by_its_parameters(string? hash, string? mask, int? length)
    {
        using var certificate = Signed(Pss(hash, mask));
        Assert.Equal(length, EndPointBinding.Of(certificate)?.Length);
    }

    [Fact]
    public void Parameters_that_cannot_be_read_bind_nothing()
    {
        using var none = Signed(Algorithm("1.2.840.113549.1.1.10"));
        using var other = Signed(Algorithm("1.2.840.113549.1.1.10", writer => writer.WriteInteger(5)));
        Assert.Null(EndPointBinding.Of(none));
        Assert.Null(EndPointBinding.Of(other));
    }

    private static TestServer Start(X509Certificate2 certificate) => TestServer.Start(
        users: new UserDirectory([("ada", "pencil"u8.ToArray(), [])], null, new RecordingTrace()),
        with: TestServer.Listener(l => l with { Certificate = new CertificateOptions { Value = certificate } }));

    private static Task<TestClient> SecureAsync(TestServer server, X509Certificate2 certificate, SslProtocols version) =>
        TlsClient.StartTlsAsync(server, new SslClientAuthenticationOptions
        {
            TargetHost = "mx.example.test",
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData),
        });

    private static async Task<string> LogInAsync(TestClient client, string plus, string header, byte[] binding)
    {
        var scram = new ScramClient(ScramHash.Sha256, "ada", "pencil") { Header = header, Binding = binding };
        var challenge = await client.AskAsync($"AUTH SCRAM-SHA-256{plus} {Convert.ToBase64String(Encoding.ASCII.GetBytes(scram.First))}");
        Assert.StartsWith("334 ", challenge, StringComparison.Ordinal);
        var last = await client.AskAsync(Convert.ToBase64String(Encoding.ASCII.GetBytes(scram.Final(Encoding.ASCII.GetString(Convert.FromBase64String(challenge[4..]))))));
        Assert.StartsWith("334 ", last, StringComparison.Ordinal);
        return await client.AskAsync("");
    }

    private static X509Certificate2 SelfSigned(string key, HashAlgorithmName hash)
    {
        using AsymmetricAlgorithm pair = key switch
        {
            "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            "P-521" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
            _ => RSA.Create(2048),
        };
        var request = pair is ECDsa curve
            ? new CertificateRequest("CN=mx.example.test", curve, hash)
            : new CertificateRequest("CN=mx.example.test", (RSA)pair, hash, key == "PSS" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    // A certificate with a usable key, and with the name of an algorithm that .NET does not sign with: nobody here checks the signature.
    private static X509Certificate2 Signed(byte[] algorithm)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mx.example.test", key, HashAlgorithmName.SHA256);
        using var signed = request.Create(new X500DistinguishedName("CN=Authority"), new Signature(algorithm), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1]);
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    private static byte[] Algorithm(string oid, Action<AsnWriter>? parameters = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            parameters?.Invoke(writer);
        }
        return writer.Encode();
    }

    private static byte[] Pss(string? hash, string? mask) => Algorithm("1.2.840.113549.1.1.10", writer =>
    {
        using (writer.PushSequence())
        {
            if (hash is not null)
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteEncodedValue(Algorithm(hash));
            if (mask is not null)
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1))) writer.WriteEncodedValue(Algorithm("1.2.840.113549.1.1.8", mgf => mgf.WriteEncodedValue(Algorithm(mask, h => h.WriteNull()))));
        }
    });

    private sealed class Signature(byte[] algorithm) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => algorithm;

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => RandomNumberGenerator.GetBytes(64);

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException();
    }
}
