using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using MailOps.Relay.Server.Authentication;
using MailOps.Relay.Server.Authentication.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class TokenValidatorTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly TokenMaker _issuer = new();
    private readonly TokenValidator _validator;

    public TokenValidatorTests() => _validator = new TokenValidator([TokenMaker.Options], _ => _issuer, _clock);

    public void Dispose() => _validator.Dispose();

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    public async Task A_good_token_names_its_user(string algorithm)
    {
        Assert.Equal(TokenVerdict.Good("mila@example.test"), await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), algorithm)));
        Assert.Equal("a signature that no key of the issuer has made", (await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), algorithm)[..^8] + "AAAAAAAA")).Reason);
    }

    // Each row spoils one thing of a token that is good otherwise.
    [Theory]
    [InlineData("iss=\"https://evil.example.test/\"", "an issuer that is not configured")]
    [InlineData("iss=\"https://login.example.test\"", "an issuer that is not configured")]      // without its slash
    [InlineData("iss=null", "an issuer that is not configured")]
    [InlineData("-iss", "an issuer that is not configured")]
    [InlineData("aud=\"another\"", "an audience that is not ours")]
    [InlineData("aud=[]", "an audience that is not ours")]
    [InlineData("aud=[1, null]", "an audience that is not ours")]
    [InlineData("aud={}", "an audience that is not ours")]
    [InlineData("-aud", "an audience that is not ours")]
    [InlineData("exp=1772366339", "expired")]                                                   // 61 s ago
    [InlineData("exp=\"1772370000\"", "no time at which it expires")]
    [InlineData("exp=1e300", "no time at which it expires")]
    [InlineData("exp=-1", "no time at which it expires")]
    [InlineData("-exp", "no time at which it expires")]
    [InlineData("nbf=1772366461", "not yet valid")]                                             // in 61 s
    [InlineData("nbf=\"soon\"", "not yet valid")]
    [InlineData("-email", "no claim 'email' that names a user")]
    [InlineData("email=\"\"", "no claim 'email' that names a user")]
    [InlineData("email=7", "no claim 'email' that names a user")]
    [InlineData("email=\"a\\u0007\"", "no claim 'email' that names a user")]
    [InlineData("email_verified=false", "an e-mail address that is not verified")]
    [InlineData("email_verified=\"false\"", "an e-mail address that is not verified")]
    public async Task A_token_with_one_thing_wrong_is_refused(string change, string reason)
    {
        var claims = Changed(change);
        Assert.Equal(reason, (await ValidateAsync(_issuer.Sign(claims))).Reason);
    }

    [Theory]
    [InlineData("exp=1772366341")]                    // 59 s ago, within what clocks may differ
    [InlineData("nbf=1772366459")]                    // in 59 s
    [InlineData("-nbf")]
    [InlineData("exp=1772367000.5")]
    [InlineData("aud=[\"another\", \"second\"]")]
    [InlineData("email_verified=true")]
    [InlineData("email_verified=\"true\"")]
    [InlineData("jti=\"whatever else\"")]
    public async Task What_is_not_wrong_is_taken(string change) => Assert.Null((await ValidateAsync(_issuer.Sign(Changed(change)))).Reason);

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("ES512")]
    [InlineData("RS1")]
    [InlineData("rs256")]
    [InlineData("")]
    public async Task Algorithms_that_prove_nothing_are_refused(string algorithm) =>
        Assert.Equal("an algorithm that is not believed", (await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), algorithm.Length < 2 ? "none" : algorithm, "rsa", h => h["alg"] = algorithm))).Reason);

    [Theory]
    [InlineData("RS256", "ES256", "p256")]            // a key of another kind than the algorithm
    [InlineData("ES256", "ES384", "p384")]
    [InlineData("RS256", "PS256", "rsa")]
    [InlineData("RS256", "RS512", "rsa")]
    public async Task A_signature_counts_for_its_own_algorithm_and_key_only(string signedWith, string said, string id) =>
        Assert.Equal("a signature that no key of the issuer has made", (await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), signedWith, id, h => h["alg"] = said))).Reason);

    [Fact]
    public async Task The_header_may_hold_nothing_critical_that_is_not_known() =>
        Assert.Equal("an extension that is critical and not known", (await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), header: h => h["crit"] = new JsonArray("b64")))).Reason);

    [Fact]
    public async Task Keys_in_the_token_itself_are_not_asked()
    {
        using var stranger = new TokenMaker();
        var forged = stranger.Sign(TokenMaker.Claims(Now), header: h =>
        {
            h["jwk"] = stranger.KeySet()["keys"]![0]!.DeepClone();
            h["jku"] = "https://evil.example.test/keys";
        });
        Assert.Equal("a signature that no key of the issuer has made", (await ValidateAsync(forged)).Reason);
    }

    [Fact]
    public async Task Without_a_key_id_every_key_is_tried() =>
        Assert.Null((await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), "ES384", header: h => h.Remove("kid")))).Reason);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("a.b.c.d.e")]                          // encrypted
    [InlineData("!.!.!")]
    [InlineData("W10.W10.AAAA")]                       // [] for both
    [InlineData("eyJhbGciOiJSUzI1NiIsImFsZyI6Im5vbmUifQ.e30.AAAA")]   // alg twice
    public async Task What_is_no_token_is_refused(string text) => Assert.Equal("not a JSON Web Token", (await ValidateAsync(text)).Reason);

    [Theory]
    [InlineData("{\"alg\":\"\\ud800\"}", "{}")]
    [InlineData("{\"alg\":\"RS256\",\"kid\":\"\\udc00\"}", "{}")]
    [InlineData("{\"\\ud800\":1}", "{}")]
    [InlineData("{\"alg\":\"RS256\"}", "{\"iss\":\"\\ud800\"}")]
    [InlineData("{\"alg\":\"RS256\"}", "{\"deep\":[{\"\\ud800\":1}]}")]
    [InlineData("{\"alg\":\"\u00ff\"}", "{}")]   // one byte in Latin-1, and no UTF-8
    public async Task A_token_with_text_that_is_none_is_no_token(string header, string claims) =>
        Assert.Equal("not a JSON Web Token", (await ValidateAsync($"{Base64Url.EncodeToString(Encoding.Latin1.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.Latin1.GetBytes(claims))}.AAAA")).Reason);

    [Fact]
    public async Task A_key_that_is_new_is_fetched_but_strangers_cannot_make_it_fetch_for_ever()
    {
        Assert.Null((await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now)))).Reason);
        Assert.Equal(1, _issuer.Fetches);
        _issuer.Published.Add("rsa-new");
        for (var i = 0; i < 20; i++) Assert.NotNull((await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), id: $"unknown {i}"))).Reason);
        Assert.Equal(1, _issuer.Fetches);               // the last fetch is no 30 seconds old
        _clock.Advance(KeyCache.Pause);
        Assert.Null((await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), id: "rsa-new"))).Reason);
        Assert.Equal(2, _issuer.Fetches);
        for (var i = 0; i < 20; i++) await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now), id: "rsa-new"));
        Assert.Equal(2, _issuer.Fetches);
    }

    [Fact]
    public async Task A_key_that_was_withdrawn_is_good_for_an_hour_at_most()
    {
        var claims = TokenMaker.Claims(Now);
        claims["exp"] = Now.AddDays(1).ToUnixTimeSeconds();
        var token = _issuer.Sign(claims);
        Assert.Null((await ValidateAsync(token)).Reason);
        _issuer.Published.Remove("rsa");
        _clock.Advance(KeyCache.MaxAge);
        Assert.Null((await ValidateAsync(token)).Reason);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await ValidateAsync(token)).Reason);
    }

    [Fact]
    public async Task An_issuer_that_is_down_is_a_temporary_failure_until_its_keys_were_seen_once()
    {
        _issuer.IsDown = true;
        await Assert.ThrowsAsync<AuthenticationUnavailableException>(() => ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now))).AsTask());
        await Assert.ThrowsAsync<AuthenticationUnavailableException>(() => ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now))).AsTask());
        Assert.Equal(1, _issuer.Fetches);
        _issuer.IsDown = false;
        _clock.Advance(KeyCache.Pause);
        Assert.Null((await ValidateAsync(_issuer.Sign(TokenMaker.Claims(Now)))).Reason);
        _issuer.IsDown = true;
        _clock.Advance(KeyCache.MaxAge + TimeSpan.FromMinutes(1));
        var claims = TokenMaker.Claims(_clock.GetUtcNow());
        Assert.Null((await ValidateAsync(_issuer.Sign(claims))).Reason);
    }

    private ValueTask<TokenVerdict> ValidateAsync(string token) => _validator.ValidateAsync(token, TestContext.Current.CancellationToken);

    private static JsonObject Changed(string change)
    {
        var claims = TokenMaker.Claims(Now);
        if (change[0] == '-') claims.Remove(change[1..]);
        else claims[change.Split('=', 2)[0]] = JsonNode.Parse(change.Split('=', 2)[1]);
        return claims;
    }
}
