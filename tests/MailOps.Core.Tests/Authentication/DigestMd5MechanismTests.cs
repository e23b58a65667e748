using System.Text;
using MailOps.Authentication;

namespace MailOps.Core.Tests.Authentication;

/// <summary>DIGEST-MD5 against the example of RFC 2831 section 4.</summary>
public sealed class DigestMd5MechanismTests
{
    private const string Challenge = "realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess,charset=utf-8";
    private const string Proof = "rspauth=ea40f60335c427b5527b84dbabcdfffd";

    [Fact]
    public void The_example_of_the_RFC()
    {
        var mechanism = Mechanism();

        Assert.Equal(
            "charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\",digest-uri=\"imap/elwood.innosoft.com\","
            + "response=d388dad90d4bbd760a152321f2143af7,qop=auth",
            Say(mechanism, Challenge));
        Assert.False(mechanism.IsAuthenticated);
        Assert.Equal("", Say(mechanism, Proof));
        Assert.True(mechanism.IsAuthenticated);
    }

    [Theory]
    [InlineData("rspauth=ea40f60335c427b5527b84dbabcdfff0")]
    [InlineData("")]
    public void A_server_that_does_not_prove_itself_is_not_believed(string proof)
    {
        var mechanism = Mechanism();
        Say(mechanism, Challenge);

        Assert.ThrowsAny<FormatException>(() => Say(mechanism, proof));
        Assert.False(mechanism.IsAuthenticated);
    }

    [Theory]
    [InlineData("realm=\"x\"")]
    [InlineData("nonce=\"x\",qop=\"auth-conf\"")]
    [InlineData("nonsense")]
    public void What_is_no_challenge_is_not_answered(string challenge) => Assert.ThrowsAny<FormatException>(() => Say(Mechanism(), challenge));

    [Fact]
    public void Quotes_in_what_is_sent_are_escaped()
    {
        var mechanism = new DigestMd5Mechanism("o\"hara\\", "secret", "x.test");

        Assert.Contains(@"username=""o\""hara\\"",", Say(mechanism, Challenge), StringComparison.Ordinal);
    }

#pragma warning disable CA5351 // MD5 is what the mechanism is made of
    // RFC 2831 section 2.1.2.1: what ISO 8859-1 can say is hashed in it, though the challenge allows UTF-8.
    [Theory]
    [InlineData("pässword", true, true)]
    [InlineData("pässword", false, true)]
    [InlineData("pa\u0142a", true, false)]
    public void A_password_beyond_ASCII_is_hashed_as_the_RFC_says(string password, bool isUtf8, bool isLatin)
    {
        var challenge = isUtf8 ? Challenge : Challenge.Replace(",charset=utf-8", "", StringComparison.Ordinal);
        var answer = Say(new DigestMd5Mechanism("chris", password, "elwood.innosoft.com", () => "OA6MHXh6VqTrRk", "imap"), challenge);

        static string Hex(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes));
        var secret = System.Security.Cryptography.MD5.HashData((isLatin ? Encoding.Latin1 : Encoding.UTF8).GetBytes($"chris:elwood.innosoft.com:{password}"));
        var first = Hex([.. secret, .. Encoding.ASCII.GetBytes(":OA6MG9tEQGm2hh:OA6MHXh6VqTrRk")]);
        Assert.Contains($"response={Hex(Encoding.ASCII.GetBytes($"{first}:OA6MG9tEQGm2hh:00000001:OA6MHXh6VqTrRk:auth:{Hex("AUTHENTICATE:imap/elwood.innosoft.com"u8.ToArray())}"))},", answer, StringComparison.Ordinal);
    }
#pragma warning restore CA5351

    [Fact]
    public void A_password_that_the_server_cannot_take_is_not_cut_to_question_marks() => Assert.Contains(
        "ISO 8859-1",
        Assert.ThrowsAny<FormatException>(() => Say(new DigestMd5Mechanism("chris", "pa\u0142a", "x.test"), Challenge.Replace(",charset=utf-8", "", StringComparison.Ordinal))).Message, StringComparison.Ordinal);

    private static DigestMd5Mechanism Mechanism() => new("chris", "secret", "elwood.innosoft.com", () => "OA6MHXh6VqTrRk", "imap");

    private static string Say(DigestMd5Mechanism mechanism, string challenge) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(mechanism.Challenge(Convert.ToBase64String(Encoding.UTF8.GetBytes(challenge)), TestContext.Current.CancellationToken)));
}
