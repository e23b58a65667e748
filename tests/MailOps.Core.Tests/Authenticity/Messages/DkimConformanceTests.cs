using System.Text.Json;
using MailOps.Authenticity;
using MailOps.Core.Tests.Dns;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authenticity.Messages;

public sealed class DkimConformanceTests
{
    /// <summary>The key of test._domainkey.example.com in dkimpy's data, which is that of RFC 6376's own example.</summary>
    private const string Football = "football.example.com";

    [Fact]
    public async Task Every_message_of_mail_auth_verifies_and_not_one_after_a_byte_of_its_body_changed()
    {
        var cases = JsonDocument.Parse(await File.ReadAllBytesAsync(Assert.Single(Conformance.Files("dkim", "mail-auth.json")), Ended)).RootElement.GetProperty("cases").EnumerateArray().ToList();
        Assert.Equal(8, cases.Count);
        foreach (var one in cases)
        {
            var zone = new ZoneInspector();
            foreach (var record in one.GetProperty("dns").EnumerateObject()) zone.Add("TXT", record.Name, record.Value.GetString()!);
            var message = one.GetProperty("message_b64").GetBytesFromBase64();
            var name = one.GetProperty("file").GetString();
            // Some of them expire (x=); the rules of the data say that this does not count, hence the time at which they were made.
            var isArc = one.GetProperty("kind").GetString() == "arc";
            var found = await CheckAsync(zone, message, new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
            if (isArc) Assert.Equal((name, ArcResult.Pass, "", true), (name, found.Arc.Result, found.Arc.Result == ArcResult.Pass ? "" : found.Arc.Reason, found.Arc.Instances.Length > 0));
            else Assert.NotEmpty(found.Dkim);
            foreach (var signature in found.Dkim)
            {
                // A mailing list changed the body behind stalw.art's signature, as Google's own results in the message say too (RFC 6376 section 6.1.3); the data asserts of this folder the chain alone.
                if (name == "03-arc/mail-auth/resources/arc/001.txt" && signature.Domain == "stalw.art") Assert.Equal(DkimResult.Fail, signature.Result);
                else Assert.Equal((name, DkimResult.Pass, "The signature verifies."), (name, signature.Result, signature.Reason));
            }

            message[^4] ^= 1;
            var changed = await CheckAsync(zone, message, new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));
            Assert.DoesNotContain(changed.Dkim, signature => signature.Result == DkimResult.Pass && signature.UnsignedBytes == 0);
            if (isArc) Assert.Equal(ArcResult.Fail, changed.Arc.Result);
        }
    }

    [Theory]
    [InlineData("test.txt", DkimResult.Pass, "The signature verifies.")]
    [InlineData("test2.txt", DkimResult.Pass, "The signature verifies.")]   // k= is rsa where it is not said (RFC 6376 section 3.6.1)
    [InlineData("badk.txt", DkimResult.PermError, "kind that nobody knows")]
    [InlineData("badversion.txt", DkimResult.PermError, "does not begin with v=DKIM1")]
    [InlineData("test_bad.txt", DkimResult.PermError, "cannot be read")]
    [InlineData("test_tlsrpt.txt", DkimResult.PermError, "not for e-mail")]   // RFC 6376 section 3.6.1: s=
    public async Task The_message_of_the_RFC_is_judged_by_each_key_record_of_dkimpy(string record, DkimResult expected, string reason)
    {
        var zone = new ZoneInspector();
        zone.Add("TXT", "test._domainkey." + Football, (await ReadAsync(record)).TrimEnd());
        zone.Add("TXT", "brisbane._domainkey." + Football, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");   // RFC 8463 section A.2

        var found = await CheckAsync(zone, await ReadBytesAsync("rfc6376.signed.msg"), Now);

        Assert.Equal([("brisbane", DkimResult.Pass), ("test", expected)], found.Dkim.Select(signature => (signature.Selector!, signature.Result)));
        Assert.Contains(reason, found.Dkim[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exim_s_Ed25519_message_verifies()
    {
        var zone = new ZoneInspector();
        zone.Add("TXT", "sed._domainkey.test.ex", (await ReadAsync("eximtest.dns")).TrimEnd());
        Assert.Equal(DkimResult.Pass, Assert.Single((await CheckAsync(zone, await ReadBytesAsync("ed25519test2.msg"), Now)).Dkim).Result);
    }

    [Theory]
    [InlineData("rfc6376.msg", 0)]
    [InlineData("ed25519test.msg", 0)]
    [InlineData("test.message", 0)]
    [InlineData("test_extra.message", 0)]
    [InlineData("test_nofrom.message", 0)]
    [InlineData("message.mbox", 1)]   // its key is in no file; the field and what it covers are read all the same
    [InlineData("test2.message", 1)]
    public async Task Messages_without_a_key_are_read(string file, int signatures)
    {
        var found = await CheckAsync(new ZoneInspector(), await ReadBytesAsync(file), Now);
        Assert.Equal(signatures, found.Dkim.Length);
        Assert.All(found.Dkim, signature => Assert.Equal((DkimResult.PermError, true), (signature.Result, signature.Reason.StartsWith("There is no key at ", StringComparison.Ordinal))));
        Assert.Equal(file == "test_nofrom.message", found.Verdict == AuthenticityVerdict.Failed && found.Dmarc.Reason == "The message has no From field.");
    }

    [Fact]
    public async Task The_hash_of_the_body_is_the_signer_s_where_the_key_is_gone()
    {
        // With another key in the place of Google's, the reason tells apart what differs: the body is right, so only the key is wrong.
        var zone = new ZoneInspector();
        zone.Add("TXT", "20120113._domainkey.gmail.com", TestSigner.Rsa(size: 2048).Record);
        var found = Assert.Single((await CheckAsync(zone, await ReadBytesAsync("test2.message"), Now)).Dkim);
        Assert.Equal(DkimResult.Fail, found.Result);
        Assert.StartsWith("The body is the one that was signed", found.Reason, StringComparison.Ordinal);
    }

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static string PathOf(string name) => Conformance.Files("dkim/dkimpy", name).Single();

    private static Task<string> ReadAsync(string name) => File.ReadAllTextAsync(PathOf(name), Ended);

    private static Task<byte[]> ReadBytesAsync(string name) => File.ReadAllBytesAsync(PathOf(name), Ended);

    private static async Task<MessageAuthenticity> CheckAsync(ZoneInspector zone, byte[] message, DateTimeOffset at) =>
        Assert.IsType<MessageAuthenticity>(await new MessageAuthenticator(zone, new AuthenticityOptions { At = at }).CheckAsync(message, Ended));
}
