using System.Text;
using MailOps.Relay.Server.Authentication;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class ScramMechanismTests
{
    private static readonly byte[] Channel = Encoding.ASCII.GetBytes("the hash of a certificate");

    // RFC 5802 section 5 and RFC 7677 section 3, word for word.
    [Theory]
    [InlineData(
        "SCRAM-SHA-1", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92",
        "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData(
        "SCRAM-SHA-256", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "W22ZaJ0SNY7soEsUEjb6gQ==",
        "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public async Task The_examples_of_the_RFCs_go_as_they_stand_there(string mechanism, string nonce, string salt, string first, string challenge, string final, string signature)
    {
        var hash = ScramHash.All.Single(h => h.Mechanism == mechanism);
        var users = new OneUser("user", ScramKeys.Derive(hash, "pencil"u8, Convert.FromBase64String(salt), 4096));
        var exchange = new ScriptExchange(first, final, "");
        var outcome = await new ScramMechanism(hash, plus: false, users, () => nonce).RunAsync(exchange, TestContext.Current.CancellationToken);
        Assert.Equal(SaslOutcome.Proven("user"), outcome);
        Assert.Equal(["", challenge, signature], exchange.Challenges);
    }

    [Theory]
    [InlineData(false, "n,,", false, SaslResult.Proven)]
    [InlineData(false, "y,,", false, SaslResult.Proven)]                            // no binding was offered, and the client says it saw none
    [InlineData(false, "n,,", true, SaslResult.Proven)]                             // the client cannot bind
    [InlineData(false, "y,,", true, SaslResult.Failed)]                             // it can, and was shown no -PLUS: somebody took it away
    [InlineData(true, "p=tls-server-end-point,,", true, SaslResult.Proven)]
    [InlineData(true, "p=tls-server-end-point,,", false, SaslResult.Failed)]
    [InlineData(true, "p=tls-unique,,", true, SaslResult.Failed)]
    [InlineData(true, "n,,", true, SaslResult.Failed)]
    [InlineData(true, "y,,", true, SaslResult.Failed)]
    [InlineData(false, "p=tls-server-end-point,,", true, SaslResult.Failed)]
    [InlineData(false, "n,a=user,", true, SaslResult.Proven)]
    [InlineData(false, "n,a=other,", true, SaslResult.Failed)]
    [InlineData(false, "x,,", true, SaslResult.Malformed)]
    [InlineData(false, "n,user,", true, SaslResult.Malformed)]
    public async Task Channel_binding_cannot_be_talked_away(bool plus, string header, bool hasChannel, object expected)
    {
        var client = new ScramClient(ScramHash.Sha256, "user", "pencil") { Header = header, Binding = plus ? Channel : [] };
        var outcome = await RunAsync(client, plus, hasChannel ? Channel : null);
        Assert.Equal((SaslResult)expected, outcome.Result);
    }

    [Fact]
    public async Task Another_channel_than_ours_is_somebody_in_the_middle()
    {
        var client = new ScramClient(ScramHash.Sha256, "user", "pencil") { Header = "p=tls-server-end-point,,", Binding = [.. Channel.Select(b => (byte)(b ^ 1))] };
        Assert.Equal(SaslResult.Failed, (await RunAsync(client, plus: true, Channel)).Result);
    }

    [Theory]
    [InlineData("wrong", false)]
    [InlineData("pencil", true)]
    public async Task The_password_decides(string password, bool right) =>
        Assert.Equal(right ? SaslResult.Proven : SaslResult.Failed, (await RunAsync(new ScramClient(ScramHash.Sha1, "user", password), plus: false, null)).Result);

    [Theory]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=,r=abcdefghij")]
    [InlineData("n,,r=abcdefghij,n=user")]
    [InlineData("n,,m=ext,n=user,r=abcdefghij")]      // an extension that must be known
    [InlineData("n,,n=us=er,r=abcdefghij")]
    [InlineData("n,,n=user,r=short")]
    [InlineData("n,,n=user,r=with a space")]
    [InlineData("")]
    public async Task A_first_message_that_is_none_is_refused(string first) =>
        Assert.Equal(SaslResult.Malformed, (await Mechanism(ScramHash.Sha256, false).RunAsync(new ScriptExchange(first), TestContext.Current.CancellationToken)).Result);

    [Theory]
    [InlineData("")]
    [InlineData("c=biws,r=NONCE")]
    [InlineData("c=biws,p=AAAA")]
    [InlineData("r=NONCE,c=biws,p=AAAA")]
    [InlineData("c=!,r=NONCE,p=AAAA")]
    [InlineData("c=biws,r=NONCE,p=!")]
    public async Task A_final_message_that_is_none_is_refused(string final)
    {
        var exchange = new ScriptExchange(_ => "n,,n=user,r=fyko+d2lbb", challenge => final.Replace("NONCE", challenge.Split(',')[0][2..], StringComparison.Ordinal));
        Assert.Equal(SaslResult.Malformed, (await Mechanism(ScramHash.Sha256, false).RunAsync(exchange, TestContext.Current.CancellationToken)).Result);
    }

    [Fact]
    public async Task The_nonce_of_another_exchange_proves_nothing()
    {
        var client = new ScramClient(ScramHash.Sha256, "user", "pencil") { FinalNonce = "fyko+d2lbbFgONRv9qkxdawLreplayed" };
        Assert.Equal(SaslResult.Failed, (await RunAsync(client, plus: false, null)).Result);
    }

    [Fact]
    public async Task Commas_and_equals_signs_in_a_name_are_written_as_the_RFC_says()
    {
        var users = new OneUser("a,b=c", ScramKeys.Derive(ScramHash.Sha256, "pencil"u8, new byte[16], 4096));
        var client = new ScramClient(ScramHash.Sha256, "a=2Cb=3Dc", "pencil");
        var outcome = await new ScramMechanism(ScramHash.Sha256, false, users).RunAsync(new ScriptExchange(_ => client.First, client.Final, _ => ""), TestContext.Current.CancellationToken);
        Assert.Equal(SaslOutcome.Proven("a,b=c"), outcome);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_asked_for_its_password_like_any_other_and_always_with_the_same_salt()
    {
        using var directory = new UserDirectory([("known", "pencil"u8.ToArray(), [])], null, new RecordingTrace());
        var known = await ChallengeAsync("known");
        var (first, second, other) = (await ChallengeAsync("unknown"), await ChallengeAsync("unknown"), await ChallengeAsync("other"));
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
        Assert.Equal(known.Split(",i=")[1], first.Split(",i=")[1]);
        Assert.Equal(known.Length, first.Length);

        async Task<string> ChallengeAsync(string name)
        {
            var client = new ScramClient(ScramHash.Sha256, name, "wrong");
            var outcome = await new ScramMechanism(ScramHash.Sha256, false, directory).RunAsync(new ScriptExchange(_ => client.First, client.Final), TestContext.Current.CancellationToken);
            Assert.Equal(SaslResult.Failed, outcome.Result);
            return client.Challenge[client.Challenge.IndexOf(",s=", StringComparison.Ordinal)..];
        }
    }

    private static async Task<SaslOutcome> RunAsync(ScramClient client, bool plus, byte[]? channel)
    {
        var exchange = new ScriptExchange(_ => client.First, client.Final, signature => signature == client.Signature ? "" : "a wrong signature") { EndPointBinding = channel };
        return await new ScramMechanism(client.Hash, plus, new OneUser("user", ScramKeys.Derive(client.Hash, "pencil"u8, new byte[16], 4096))).RunAsync(exchange, TestContext.Current.CancellationToken);
    }

    private static ScramMechanism Mechanism(ScramHash hash, bool plus) => new(hash, plus, new OneUser("user", ScramKeys.Derive(hash, "pencil"u8, new byte[16], 4096)));
}
