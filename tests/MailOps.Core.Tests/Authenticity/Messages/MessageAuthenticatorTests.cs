using System.Net;
using System.Text;
using MailOps.Authenticity;
using MailOps.Core.Tests.Dns;

namespace MailOps.Core.Tests.Authenticity.Messages;

public sealed class MessageAuthenticatorTests
{
    private static readonly TestSigner Key = TestSigner.Rsa();
    private static readonly TestSigner Small = TestSigner.Rsa(selector: "small", size: 768);
    private static readonly TestSigner Curve = TestSigner.Ed25519();
    private static readonly TestSigner Other = TestSigner.Rsa("other.test", "o");
    private static readonly TestSigner Sub = TestSigner.Rsa("mail.example.test", "sub");
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ZoneInspector _zone = new();

    public MessageAuthenticatorTests()
    {
        foreach (var key in new[] { Key, Small, Curve, Other, Sub }) key.Publish(_zone.Add);
        _zone.Add("TXT", "_dmarc.example.test", "v=DMARC1; p=reject");
        _zone.Add("TXT", "example.test", "v=spf1 ip4:192.0.2.0/24 -all");
        _zone.Add("TXT", "other.test", "v=spf1 ip4:192.0.2.0/24 -all");
    }

    private const string Plain = "From: A <a@example.test>\r\nTo: b@there.test\r\nSubject:  One   two \r\nDate: Sun, 1 Mar 2026 10:00:00 +0000\r\n\r\nHello,  world \r\n\r\nBye\r\n\r\n\r\n";

    [Theory]
    [InlineData("simple/simple")]
    [InlineData("simple/relaxed")]
    [InlineData("relaxed/simple")]
    [InlineData("relaxed/relaxed")]
    public async Task A_signature_verifies_by_either_algorithm(string canonicalization)
    {
        var found = await CheckAsync(Curve.Sign(Key.Sign(Plain, canonicalization), canonicalization));

        Assert.Equal([("ed25519-sha256", DkimResult.Pass, 256), ("rsa-sha256", DkimResult.Pass, 1024)], found.Dkim.Select(one => (one.Algorithm!, one.Result, one.KeySize)));
        Assert.All(found.Dkim, one => Assert.Equal((canonicalization, true, "example.test"), (one.Canonicalization, one.IsAligned, one.Domain)));
        Assert.Equal((AuthenticityVerdict.Authentic, DmarcResult.Pass, DmarcPolicy.Reject), (found.Verdict, found.Dmarc.Result, found.Dmarc.Policy));
        Assert.Equal(["dkim=example.test"], found.Dmarc.AlignedBy);
    }

    // What may happen to a message on its way, and what each canonicalization stands (RFC 6376 section 3.4).
    [Theory]
    [InlineData("nothing", "PPPP")]
    [InlineData("a field on top", "PPPP")]
    [InlineData("a space more in the subject", "FFPP")]
    [InlineData("the subject folded", "FFPP")]
    [InlineData("names in capitals", "FFPP")]
    [InlineData("another subject", "FFFF")]
    [InlineData("a second subject", "FFFF")]
    [InlineData("spaces at the end of lines", "FPFP")]
    [InlineData("tabs for spaces", "FPFP")]
    [InlineData("an empty line more at the end", "PPPP")]
    [InlineData("no empty lines at the end", "PPPP")]
    [InlineData("a space line at the end", "FPFP")]
    [InlineData("text behind the end", "FFFF")]
    [InlineData("a line less", "FFFF")]
    [InlineData("an empty line between", "FFFF")]
    [InlineData("another word", "FFFF")]
    public async Task A_change_breaks_the_signatures_that_it_should(string change, string expected)
    {
        // Of simple/simple, simple/relaxed, relaxed/simple, relaxed/relaxed: the body decides in the second half, the header in the first.
        var results = new StringBuilder();
        foreach (var canonicalization in new[] { "simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed" })
        {
            var found = await CheckAsync(Change(Key.Sign(Plain, canonicalization), change));
            results.Append(Assert.Single(found.Dkim).Result.ToString()[0]);
            if (found.Dkim[0].Result == DkimResult.Fail) Assert.Equal(AuthenticityVerdict.Unknown, found.Verdict);
        }
        Assert.Equal(expected, results.ToString());
    }

    [Theory]
    [InlineData("another word", "The body is not the one that was signed: its hash differs.")]
    [InlineData("another subject", "The body is the one that was signed, but a signed field is not, or the signature is by another key than the one published.")]
    [InlineData("another word,another subject", "Neither the body nor the signed fields are those that were signed.")]
    public async Task The_reason_tells_what_differs(string changes, string reason)
    {
        var found = await CheckAsync(changes.Split(',').Aggregate(Key.Sign(Plain), Change));
        Assert.Equal(reason, found.Dkim[0].Reason);
        Assert.NotNull(found.Dkim[0].Advice);
        Assert.Contains(found.Findings, finding => finding.Area == "DKIM" && finding.Severity == FindingSeverity.Error && finding.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("v=1;", "v=2;", DkimResult.Neutral, "no version of DKIM")]
    [InlineData("v=1; ", "", DkimResult.Neutral, "has no v=")]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", DkimResult.PermError, "SHA-1")]
    [InlineData("a=rsa-sha256", "a=rsa-md5", DkimResult.Neutral, "no algorithm that is known")]
    [InlineData("a=rsa-sha256", "a=ed25519-sha256", DkimResult.PermError, "of another kind")]
    [InlineData("c=relaxed/relaxed", "c=nowsp", DkimResult.Neutral, "no canonicalization that is known")]
    [InlineData("c=relaxed/relaxed", "c=relaxed/relaxed/simple", DkimResult.Neutral, "no canonicalization that is known")]
    [InlineData("d=example.test", "d=", DkimResult.Neutral, "has no d=")]
    [InlineData("d=example.test", "d=test", DkimResult.Neutral, "is no domain")]
    [InlineData("d=example.test", "d=ex ample.test", DkimResult.Neutral, "is no domain")]
    [InlineData("s=s1", "s=gone", DkimResult.PermError, "There is no key at gone._domainkey.example.test")]
    [InlineData("s=s1", "s=a..b", DkimResult.Neutral, "is no selector")]
    [InlineData("s=s1;", "s=s1; x=12a;", DkimResult.Neutral, "(x=) is no number")]
    [InlineData("s=s1;", "s=s1; t=20; x=10;", DkimResult.PermError, "expires (x=) before it was made")]
    [InlineData("s=s1;", "s=s1; i=joe@other.test;", DkimResult.PermError, "not within the domain that signs")]
    [InlineData("s=s1;", "s=s1; i=joe@badexample.test;", DkimResult.PermError, "not within the domain that signs")]
    [InlineData("s=s1;", "s=s1; i=joe;", DkimResult.Neutral, "is no identity")]
    [InlineData("s=s1;", "s=s1; q=http/get;", DkimResult.Neutral, "no way to fetch a key")]
    [InlineData("s=s1;", "s=s1; s=s1;", DkimResult.Neutral, "a second time")]
    [InlineData("s=s1;", "s=s1; nonsense;", DkimResult.Neutral, "has no equals sign")]
    [InlineData("h=from:", "h=", DkimResult.PermError, "author (From) is not among the signed fields")]
    [InlineData("h=from:", "h=from::", DkimResult.Neutral, "empty name")]
    [InlineData("bh=", "bh=!", DkimResult.Neutral, "bh= is not base64")]
    public async Task What_is_wrong_with_a_signature_is_told(string from, string to, DkimResult expected, string reason)
    {
        var found = await CheckAsync(Key.Sign(Plain, edit: field => Once(field, from, to)));
        var signature = Assert.Single(found.Dkim);
        Assert.Equal(expected, signature.Result);
        Assert.Contains(reason, signature.Reason, StringComparison.Ordinal);
        Assert.NotNull(signature.Advice);
    }

    [Theory]
    [InlineData("s=s1;", "s=s1; i=joe@news.example.test;")]
    [InlineData("s=s1;", "s=s1; i=@example.test; q=dns/txt;; unknown=1;")]
    [InlineData("s=s1;", "s=s1; t=1772000000; x=1800000000;")]
    [InlineData("d=example.test", "d=EXAMPLE.Test")]
    [InlineData("c=relaxed/relaxed", "c=relaxed/relaxed; z=From:a=40example.test")]
    public async Task What_is_good_about_a_signature_is_not_told_to_be_wrong(string from, string to) =>
        Assert.Equal("The signature verifies.", Assert.Single((await CheckAsync(Key.Sign(Plain, edit: field => Once(field, from, to)))).Dkim).Reason);

    [Theory]
    [InlineData("v=DKIM1; p=", DkimResult.PermError, "revoked")]
    [InlineData("v=DKIM1; k=rsa", DkimResult.PermError, "is no key")]
    [InlineData("v=DKIM2; {p}", DkimResult.PermError, "does not begin with v=DKIM1")]
    [InlineData("k=rsa; v=DKIM1; {p}", DkimResult.PermError, "does not begin with v=DKIM1")]
    [InlineData("v=DKIM1; h=sha1; {p}", DkimResult.PermError, "not for SHA-256")]
    [InlineData("v=DKIM1; s=tlsrpt; {p}", DkimResult.PermError, "not for e-mail")]
    [InlineData("v=DKIM1; k=ed25519; {p}", DkimResult.PermError, "cannot be read")]
    [InlineData("v=DKIM1; k=dsa; {p}", DkimResult.PermError, "kind that nobody knows")]
    [InlineData("v=DKIM1; {p}; p=again", DkimResult.PermError, "malformed")]
    [InlineData("v=DKIM1; p=AAAA", DkimResult.PermError, "cannot be read")]
    [InlineData("v=DKIM1; h=sha1:sha256; s=email:x; t=s; n=note; {p}", DkimResult.Pass, "verifies")]
    [InlineData("{p}", DkimResult.Pass, "verifies")]
    public async Task What_is_wrong_with_a_key_is_told(string record, DkimResult expected, string reason)
    {
        _zone.Add("TXT", "k._domainkey.example.test", record.Replace("{p}", Key.Record[(Key.Record.IndexOf("p=", StringComparison.Ordinal))..], StringComparison.Ordinal));
        var signature = Assert.Single((await CheckAsync(Key.Sign(Plain, edit: field => Once(field, "s=s1", "s=k")))).Dkim);
        Assert.Equal(expected, signature.Result);
        Assert.Contains(reason, signature.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_key_an_expired_signature_and_a_DNS_that_fails_have_results_of_their_own()
    {
        Assert.Equal((DkimResult.Policy, 768), Only(await CheckAsync(Small.Sign(Plain)), one => (one.Result, one.KeySize)));
        Assert.Equal((DkimResult.Policy, "The signature verifies, but has expired at 2026-02-25 06:13 UTC (x=)."), Only(await CheckAsync(Key.Sign(Plain, extra: "t=1771000000; x=1772000000; ")), one => (one.Result, one.Reason)));
        // What is broken is broken, expired or not.
        Assert.Equal(DkimResult.Fail, Only(await CheckAsync(Change(Key.Sign(Plain, extra: "x=1772000000; "), "another word")), one => one.Result));
        _zone.Fails = name => name.StartsWith("s1.", StringComparison.Ordinal);
        var later = await CheckAsync(Key.Sign(Plain));
        Assert.Equal((DkimResult.TempError, AuthenticityVerdict.Unknown), (later.Dkim[0].Result, later.Verdict));
    }

    [Fact]
    public async Task A_key_in_test_mode_is_told_and_what_does_not_verify_by_it_counts_as_unsigned()
    {
        _zone.Add("TXT", "k._domainkey.example.test", Key.Record.Replace("v=DKIM1;", "v=DKIM1; t=y:s;", StringComparison.Ordinal));
        var message = Key.Sign(Plain, edit: field => Once(field, "s=s1", "s=k"));
        var found = await CheckAsync(message);
        Assert.Equal((DkimResult.Pass, true), Only(found, one => (one.Result, one.IsTesting)));
        Assert.Contains(found.Findings, finding => finding.Severity == FindingSeverity.Warning && finding.Message.Contains("test mode", StringComparison.Ordinal));
        Assert.Equal(DkimResult.Neutral, Only(await CheckAsync(Change(message, "another word")), one => one.Result));
        // t=s: not for names below.
        Assert.Equal(DkimResult.PermError, Only(await CheckAsync(Key.Sign(Plain, extra: "i=a@news.example.test; ", edit: field => Once(field, "s=s1", "s=k"))), one => one.Result));
    }

    [Fact]
    public async Task What_a_length_leaves_unsigned_is_told()
    {
        var message = Key.Sign(Plain, length: 21);
        var whole = await CheckAsync(message);
        Assert.Equal((DkimResult.Pass, 0L), Only(whole, one => (one.Result, one.UnsignedBytes)));
        Assert.Contains(whole.Findings, finding => finding.Severity == FindingSeverity.Warning && finding.Message.EndsWith("has l=, so that anyone can append to the message.", StringComparison.Ordinal));

        var longer = await CheckAsync(message.TrimEnd() + "\r\nBuy!\r\n");
        Assert.Equal((DkimResult.Pass, 6L), Only(longer, one => (one.Result, one.UnsignedBytes)));
        Assert.Contains(longer.Findings, finding => finding.Severity == FindingSeverity.Warning && finding.Message.Contains("the last 6 bytes of the body unsigned", StringComparison.Ordinal));

        var shorter = await CheckAsync(Key.Sign(Plain, length: 4000));
        Assert.Equal(DkimResult.Fail, shorter.Dkim[0].Result);
        Assert.Contains("The body has 21 bytes and the signature is of 4000", shorter.Dkim[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_fields_of_a_name_the_last_ones_are_signed_and_a_name_too_many_keeps_others_out()
    {
        var twice = "Received: one\r\nReceived: two\r\n" + Plain;
        Assert.Equal(DkimResult.Pass, Only(await CheckAsync("Received: three\r\n" + Key.Sign(twice, headers: "from:received:received")), one => one.Result));
        Assert.Equal(DkimResult.Fail, Only(await CheckAsync("Received: three\r\n" + Key.Sign(twice, headers: "from:received:received:received")), one => one.Result));
        Assert.Equal(DkimResult.Fail, Only(await CheckAsync(Key.Sign(twice, headers: "from:received").Replace("Received: two\r\n", "", StringComparison.Ordinal)), one => one.Result));
        // The field of another signature can be signed; its own is not taken twice.
        Assert.All((await CheckAsync(Curve.Sign(Key.Sign(Plain), headers: "from:dkim-signature"))).Dkim, one => Assert.Equal(DkimResult.Pass, one.Result));
    }

    [Fact]
    public async Task Line_feeds_alone_are_read_as_they_were_on_the_way_and_mixed_ones_as_they_are()
    {
        var message = Key.Sign(Plain);
        var bare = await CheckAsync(message.Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.Equal(DkimResult.Pass, bare.Dkim[0].Result);
        Assert.Contains(bare.Findings, finding => finding.Severity == FindingSeverity.Information && finding.Message.StartsWith("All lines end with LF alone", StringComparison.Ordinal));

        var mixed = await CheckAsync(message.Replace("world \r\n", "world \n", StringComparison.Ordinal));
        Assert.Equal(DkimResult.Fail, mixed.Dkim[0].Result);
        Assert.Contains(mixed.Findings, finding => finding.Severity == FindingSeverity.Warning && finding.Message.StartsWith("1 lines end with LF and ", StringComparison.Ordinal));
        Assert.DoesNotContain((await CheckAsync(message)).Findings, finding => finding.Area == "Message");
    }

    [Theory]
    [InlineData("", "relaxed/relaxed")]
    [InlineData("", "simple/simple")]
    [InlineData("\r\n\r\n", "relaxed/relaxed")]
    [InlineData("\r\n\r\n", "simple/simple")]
    [InlineData(" \t", "relaxed/relaxed")]
    [InlineData("no end", "relaxed/relaxed")]
    [InlineData("no end", "simple/simple")]
    [InlineData("a\rb\r\r\n\rc\r", "simple/simple")]
    [InlineData("a\rb\r\r\n\rc\r", "relaxed/relaxed")]
    [InlineData(" a \r\n \t \r\n\r\n b", "relaxed/relaxed")]
    public async Task Bodies_at_the_edge_verify(string body, string canonicalization) =>
        Assert.Equal("The signature verifies.", Only(await CheckAsync(Key.Sign(Plain[..(Plain.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)] + body, canonicalization)), one => one.Reason));

    // Domain of the signature, adkim, result.
    [Theory]
    [InlineData("example.test", "", DmarcResult.Pass)]
    [InlineData("mail.example.test", "", DmarcResult.Pass)]
    [InlineData("mail.example.test", "; adkim=s", DmarcResult.Fail)]
    [InlineData("other.test", "", DmarcResult.Fail)]
    public async Task DMARC_wants_a_domain_that_stands_for_the_author(string signer, string tags, DmarcResult expected)
    {
        var zone = new ZoneInspector();
        foreach (var key in new[] { Key, Sub, Other }) key.Publish(zone.Add);
        zone.Add("TXT", "_dmarc.example.test", "v=DMARC1; p=quarantine" + tags);
        var key1 = new[] { Key, Sub, Other }.First(key => key.Domain == signer);
        var found = await CheckAsync(zone, key1.Sign(Plain), Handed("192.0.2.1", "a@gone.test"));

        Assert.Equal((expected, DkimResult.Pass), (found.Dmarc.Result, found.DkimResult));
        Assert.Equal(expected == DmarcResult.Pass ? (AuthenticityVerdict.Authentic, (DmarcPolicy?)null) : (AuthenticityVerdict.Failed, DmarcPolicy.Quarantine), (found.Verdict, found.Dmarc.RequestedAction));
        Assert.Equal(expected == DmarcResult.Pass, found.Dkim[0].IsAligned);
    }

    [Fact]
    public async Task The_record_above_counts_and_a_name_below_that_is_its_own_suffix_does_not_stand_for_others()
    {
        _zone.Add("TXT", "_dmarc.mail.example.test", "v=DMARC1; p=none; psd=n");   // an organization of its own (RFC 9989 section 4.10.2)
        var found = await CheckAsync(_zone, Sub.Sign(Plain), Handed("192.0.2.1", "a@gone.test"));
        Assert.Equal((DmarcResult.Fail, DmarcPolicy.Reject), (found.Dmarc.Result, found.Dmarc.Policy));

        var below = await CheckAsync(_zone, Key.Sign(Plain.Replace("a@example.test", "a@news.example.test", StringComparison.Ordinal)), Handed("192.0.2.1", "a@gone.test"));
        Assert.Equal((DmarcResult.Pass, "example.test", "example.test"), (below.Dmarc.Result, below.Dmarc.RecordDomain, below.Dmarc.OrganizationalDomain));
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject; t=y", DmarcResult.Fail, DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=none", DmarcResult.Fail, DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=reject", DmarcResult.Fail, DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; p=nonsense", DmarcResult.PermError, null)]
    [InlineData("v=spf1", DmarcResult.None, null)]
    public async Task What_the_domain_asks_for_is_told(string record, DmarcResult expected, DmarcPolicy? asks)
    {
        var zone = new ZoneInspector();
        zone.Add("TXT", "_dmarc.example.test", record);
        var found = await CheckAsync(zone, Plain, Handed("192.0.2.1", "a@gone.test"));
        Assert.Equal((expected, asks), (found.Dmarc.Result, found.Dmarc.RequestedAction));
        Assert.Equal(expected == DmarcResult.Fail ? AuthenticityVerdict.Failed : AuthenticityVerdict.Unproven, found.Verdict);
    }

    [Theory]
    [InlineData("192.0.2.1", "a@example.test", SpfResult.Pass, true, AuthenticityVerdict.Authentic)]
    [InlineData("192.0.2.1", "a@other.test", SpfResult.Pass, false, AuthenticityVerdict.Failed)]
    [InlineData("198.51.100.1", "a@example.test", SpfResult.Fail, true, AuthenticityVerdict.Failed)]
    public async Task SPF_is_asked_about_the_client_that_is_given(string client, string sender, SpfResult expected, bool isAligned, AuthenticityVerdict verdict)
    {
        var found = await CheckAsync(_zone, Plain, Handed(client, sender));
        Assert.Equal((expected, isAligned, verdict, true, "-IPAddress"), (found.Spf.Result, found.Spf.IsAligned, found.Verdict, found.Spf.IsEvaluated, found.Spf.Source));
    }

    [Fact]
    public async Task A_HELO_name_that_fails_does_not_speak_for_the_sender()
    {
        _zone.Add("TXT", "helo.test", "v=spf1 -all");
        var found = await CheckAsync(_zone, Plain, Handed("192.0.2.1", "a@example.test") with { Helo = "helo.test" });
        Assert.Equal((SpfResult.Fail, DmarcResult.Pass), (found.Spf.Result, found.Dmarc.Result));
    }

    [Fact]
    public async Task Without_an_answer_nothing_is_said_to_have_failed()
    {
        _zone.Fails = name => name.StartsWith("_dmarc", StringComparison.Ordinal);
        var found = await CheckAsync(Key.Sign(Plain));
        Assert.Equal((DmarcResult.TempError, AuthenticityVerdict.Unknown), (found.Dmarc.Result, found.Verdict));

        _zone.Fails = name => name == "example.test";
        var spf = await CheckAsync(_zone, Plain, Handed("192.0.2.1", "a@example.test"));
        Assert.Equal((SpfResult.TempError, DmarcResult.TempError, AuthenticityVerdict.Unknown), (spf.Spf.Result, spf.Dmarc.Result, spf.Verdict));

        _zone.Fails = _ => false;
        _zone.Delay = Timeout.InfiniteTimeSpan;
        var silent = await CheckAsync(_zone, Key.Sign(Plain), Handed("192.0.2.1", "a@example.test") with { Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal((SpfResult.TempError, DkimResult.TempError, DmarcResult.TempError, AuthenticityVerdict.Unknown), (silent.Spf.Result, silent.DkimResult, silent.Dmarc.Result, silent.Verdict));
    }

    [Fact]
    public async Task SPF_has_what_the_signatures_have_left_of_the_time()
    {
        _zone.Delay = Timeout.InfiniteTimeSpan;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var found = await CheckAsync(_zone, Key.Sign(Plain), Handed("192.0.2.1", "a@example.test") with { Helo = "helo.test", Timeout = TimeSpan.FromSeconds(3) });
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(15));   // SPF's own would be 20 seconds
        Assert.Equal(SpfResult.TempError, found.Spf.Result);
    }

    [Theory]
    [InlineData("From: a@example.test\r\nFrom: b@other.test\r\n", AuthenticityVerdict.Failed, DmarcResult.PermError, "2 From fields")]
    [InlineData("", AuthenticityVerdict.Failed, DmarcResult.PermError, "no From field")]
    [InlineData("From: nobody\r\n", AuthenticityVerdict.Failed, DmarcResult.PermError, "no address with a domain")]
    [InlineData("From: a@example.test, b@example.test\r\n", AuthenticityVerdict.Authentic, DmarcResult.Pass, "stands for example.test")]
    [InlineData("From: a@example.test, b@strict.test\r\n", AuthenticityVerdict.Failed, DmarcResult.Fail, "stands for strict.test")]
    [InlineData("From: a@example.test, b@open.test\r\n", AuthenticityVerdict.Unproven, DmarcResult.None, "stands for open.test")]
    [InlineData("From: Friends: a@example.test, b@strict.test;\r\n", AuthenticityVerdict.Failed, DmarcResult.Fail, "stands for strict.test")]
    public async Task Several_authors_are_all_asked_about_and_the_worst_counts(string from, AuthenticityVerdict verdict, DmarcResult expected, string reason)
    {
        _zone.Add("TXT", "_dmarc.strict.test", "v=DMARC1; p=reject");
        var found = await CheckAsync(_zone, from + "Subject: x\r\n\r\nHello\r\n", Handed("192.0.2.1", "a@example.test"));
        Assert.Equal((verdict, expected), (found.Verdict, found.Dmarc.Result));
        Assert.Contains(reason, found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_looks_like_another_address_is_told() =>
        Assert.Contains((await CheckAsync(Plain.Replace("From: A <", "From: \"boss@bank.test\" <", StringComparison.Ordinal))).Findings, finding => finding.Message.Contains("'boss@bank.test'", StringComparison.Ordinal));

    [Fact]
    public async Task Results_in_the_header_are_claims()
    {
        var found = await CheckAsync("Authentication-Results: mx.example.test; dmarc=pass header.from=example.test\r\n" + Plain);
        Assert.Equal(("dmarc", "pass", "mx.example.test"), (Assert.Single(found.Claims).Method, found.Claims[0].Result, found.Claims[0].Server));
        Assert.NotEqual(AuthenticityVerdict.Authentic, found.Verdict);
    }

    [Fact]
    public async Task What_has_no_header_is_nothing()
    {
        var authenticator = new MessageAuthenticator(_zone, new AuthenticityOptions { At = Now });
        Assert.Null(await authenticator.CheckAsync("Hello, this is no message.\r\n"u8.ToArray(), Ended));
        Assert.Null(await authenticator.CheckAsync([], Ended));
    }

    private static AuthenticityOptions Handed(string client, string sender) => new() { At = Now, Client = IPAddress.Parse(client), EnvelopeFrom = sender };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static string Once(string text, string from, string to)
    {
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{from} is not in {text}");
        return text[..at] + to + text[(at + from.Length)..];
    }

    private static T Only<T>(MessageAuthenticity found, Func<DkimCheck, T> read) => read(Assert.Single(found.Dkim));

    private static string Change(string message, string change) => change switch
    {
        "nothing" => message,
        "a field on top" => "X-Scanned: yes\r\n" + message,
        "a space more in the subject" => Once(message, "One   two", "One    two"),
        "the subject folded" => Once(message, "One   two", "One\r\n two"),
        "names in capitals" => Once(message, "Subject:", "SUBJECT :"),
        "another subject" => Once(message, "One   two", "One three"),
        "a second subject" => Once(message, "Date: Sun", "Subject: x\r\nDate: Sun"),
        "spaces at the end of lines" => Once(message, "Bye\r\n", "Bye  \r\n"),
        "tabs for spaces" => Once(message, "Hello,  world", "Hello,\tworld"),
        "an empty line more at the end" => message + "\r\n",
        "no empty lines at the end" => message.TrimEnd() + "\r\n",
        "a space line at the end" => message + " \r\n",
        "text behind the end" => message + "Buy!\r\n",
        "a line less" => Once(message, "Bye\r\n", ""),
        "an empty line between" => Once(message, "Bye\r\n", "\r\nBye\r\n"),
        "another word" => Once(message, "world", "World"),
        _ => throw new ArgumentException(change),
    };

    private Task<MessageAuthenticity> CheckAsync(string message) => CheckAsync(_zone, message, new AuthenticityOptions { At = Now });

    private static async Task<MessageAuthenticity> CheckAsync(ZoneInspector zone, string message, AuthenticityOptions options) =>
        Assert.IsType<MessageAuthenticity>(await new MessageAuthenticator(zone, options).CheckAsync(Encoding.Latin1.GetBytes(message), Ended));
}
