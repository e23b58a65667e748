using System.Net;
using System.Text;
using MailOps.Relay.Server.Authentication.Tokens;

namespace MailOps.Relay.Tests.Server.Authentication;

public sealed class KeySourceTests
{
    [Fact]
    public async Task A_file_is_read_and_one_that_is_not_there_is_a_fault_of_reading()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "{}", TestContext.Current.CancellationToken);
        using (var source = KeySources.For(Issuer(path))) Assert.Equal("{}", Encoding.UTF8.GetString(await source.FetchAsync(TestContext.Current.CancellationToken)));
        File.Delete(path);
        using (var source = KeySources.For(Issuer(path))) await Assert.ThrowsAnyAsync<IOException>(() => source.FetchAsync(TestContext.Current.CancellationToken));
        Assert.IsType<HttpsKeySource>(KeySources.For(Issuer("https://login.example.test/keys"))).Dispose();
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, 100, true)]
    [InlineData(HttpStatusCode.OK, 2_000_000, false)]
    [InlineData(HttpStatusCode.NotFound, 100, false)]
    [InlineData(HttpStatusCode.Found, 100, false)]
    public async Task An_answer_that_is_none_is_a_fault_of_reading(HttpStatusCode status, int length, bool good)
    {
        using var source = new HttpsKeySource(new Uri("https://login.example.test/keys"), new Answering(status, new string('x', length)));
        if (good) Assert.Equal(length, (await source.FetchAsync(TestContext.Current.CancellationToken)).Length);
        else await Assert.ThrowsAsync<IOException>(() => source.FetchAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"keys":[{"kty":"oct","k":"AAAA","kid":"a"}]}""", 0)]                                       // a shared secret is no key here
    [InlineData("""{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}""", 0)]                                      // far too short
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}""", 0)]                         // not on the curve
    [InlineData("""{"keys":[{"kty":"RSA","n":"","e":""},{"kty":"EC","crv":"P-256","x":"","y":""}]}""", 0)]     // nothing at all
    [InlineData("""{"keys":[7,null,{},{"kty":"RSA"},{"kty":"EC","crv":"P-521"}]}""", 0)]
    public void Keys_that_verify_nothing_are_passed_over(string set, int expected) => Assert.Equal(expected, JsonWebKey.ReadSet(Encoding.UTF8.GetBytes(set)).Count);

    [Fact]
    public void A_key_for_encryption_is_passed_over()
    {
        using var maker = new TokenMaker();
        var set = maker.KeySet();
        Assert.Equal(3, JsonWebKey.ReadSet(Encoding.UTF8.GetBytes(set.ToJsonString())).Count);
        set["keys"]![0]!["use"] = "enc";
        Assert.Equal(2, JsonWebKey.ReadSet(Encoding.UTF8.GetBytes(set.ToJsonString())).Count);
    }

    [Fact]
    public void A_curve_belongs_to_one_algorithm()
    {
        using var maker = new TokenMaker();
        var key = JsonWebKey.ReadSet(Encoding.UTF8.GetBytes(maker.KeySet().ToJsonString())).Single(k => k.Id == "p384");
        Assert.True(key.Verifies("ES384", [1], maker.P384.SignData([1], System.Security.Cryptography.HashAlgorithmName.SHA384)));
        Assert.False(key.Verifies("ES256", [1], maker.P384.SignData([1], System.Security.Cryptography.HashAlgorithmName.SHA256)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    public void What_is_no_key_set_is_told(string text) => Assert.Throws<FormatException>(() => JsonWebKey.ReadSet(Encoding.UTF8.GetBytes(text)));

    private static TokenIssuerOptions Issuer(string keys) => new() { Issuer = "i", Audiences = ["a"], Keys = keys };

    private sealed class Answering(HttpStatusCode status, string text) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(text) });
    }
}
