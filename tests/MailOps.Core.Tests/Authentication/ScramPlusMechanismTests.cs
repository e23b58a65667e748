using System.Security.Cryptography;
using System.Text;
using MailOps.Authentication;

namespace MailOps.Core.Tests.Authentication;

/// <summary>SCRAM with channel binding towards servers that do not keep to it; with a real one it is tested against the relay and by TLS.</summary>
public sealed class ScramPlusMechanismTests
{
    private const string Nonce = "fyko+d2lbbFgONRv9qkxdawL", Salt = "QSXCR+Q6sek8bf92";

    [Theory]
    [InlineData("SCRAM-SHA-1-PLUS")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-512-PLUS")]
    public void Both_sides_prove_that_they_know_the_password(string name)
    {
        var mechanism = Mechanism(name);
        Assert.Equal($"p=tls-server-end-point,,n=us=3Der=2C,r={Nonce}", Say(mechanism, null));
        var challenge = $"r={Nonce}server,s={Salt},i=4096";

        var final = Say(mechanism, challenge);

        var (proof, signature) = Right(name, challenge);
        Assert.Equal($"c={Convert.ToBase64String("p=tls-server-end-point,,binding"u8)},r={Nonce}server,p={proof}", final);
        Assert.False(mechanism.IsAuthenticated);
        Assert.Equal("", Say(mechanism, "v=" + signature));
        Assert.True(mechanism.IsAuthenticated);
    }

    [Theory]
    [InlineData("r=other,s=QSXCR+Q6sek8bf92,i=4096", "for another exchange")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096", "for another exchange")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=0", "has no sense")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=1000001", "has no sense")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92", "has no i")]
    [InlineData("m=x,r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4096", "an extension")]
    [InlineData("r=fyko+d2lbbFgONRv9qkxdawLx,s=!,i=4096", "")]
    public void What_is_no_challenge_is_not_answered(string challenge, string says)
    {
        var mechanism = Mechanism("SCRAM-SHA-256-PLUS");
        Say(mechanism, null);

        Assert.Contains(says, Assert.ThrowsAny<FormatException>(() => Say(mechanism, challenge)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v=AAAA", "did not prove")]
    [InlineData("e=channel-bindings-dont-match", "the server says 'channel-bindings-dont-match'")]
    [InlineData("", "has no v")]
    public void A_server_that_does_not_prove_itself_is_not_believed(string last, string says)
    {
        var mechanism = Mechanism("SCRAM-SHA-256-PLUS");
        Say(mechanism, null);
        Say(mechanism, $"r={Nonce}server,s={Salt},i=4096");

        Assert.Contains(says, Assert.ThrowsAny<FormatException>(() => Say(mechanism, last)).Message, StringComparison.Ordinal);
        Assert.False(mechanism.IsAuthenticated);
    }

    private static ScramPlusMechanism Mechanism(string name) => new(name, "us=er,", "pencil", "binding"u8.ToArray(), () => Nonce);

    // RFC 5802 section 3, by the functions of the platform.
    private static (string Proof, string Signature) Right(string name, string challenge)
    {
        var hash = name switch { "SCRAM-SHA-1-PLUS" => HashAlgorithmName.SHA1, "SCRAM-SHA-256-PLUS" => HashAlgorithmName.SHA256, _ => HashAlgorithmName.SHA512 };
        var length = CryptographicOperations.HashData(hash, []).Length;
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil", Convert.FromBase64String(Salt), 4096, hash, length);
        var message = Encoding.UTF8.GetBytes($"n=us=3Der=2C,r={Nonce},{challenge},c={Convert.ToBase64String("p=tls-server-end-point,,binding"u8)},r={Nonce}server");
        var key = CryptographicOperations.HmacData(hash, salted, "Client Key"u8);
        var signed = CryptographicOperations.HmacData(hash, CryptographicOperations.HashData(hash, key), message);
        return (Convert.ToBase64String([.. key.Zip(signed, (a, b) => (byte)(a ^ b))]), Convert.ToBase64String(CryptographicOperations.HmacData(hash, CryptographicOperations.HmacData(hash, salted, "Server Key"u8), message)));
    }

    private static string Say(ScramPlusMechanism mechanism, string? challenge) => Encoding.UTF8.GetString(Convert.FromBase64String(
        mechanism.Challenge(challenge is null ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes(challenge)), TestContext.Current.CancellationToken)));
}
