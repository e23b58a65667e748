using System.Net;
using MailOps.Authenticity.Spf;
using MailOps.Core.Tests.Dns;
using MailOps.Dns;

namespace MailOps.Core.Tests.Authenticity.Spf;

/// <summary>What RFC 7208 says of a check, section by section.</summary>
public sealed class SpfCheckerTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private readonly ZoneInspector _zone = new();

    [Theory]
    [InlineData("%{s}", "strong-bad@email.example.com")]
    [InlineData("%{o}", "email.example.com")]
    [InlineData("%{d}", "email.example.com")]
    [InlineData("%{d4}", "email.example.com")]
    [InlineData("%{d3}", "email.example.com")]
    [InlineData("%{d2}", "example.com")]
    [InlineData("%{d1}", "com")]
    [InlineData("%{dr}", "com.example.email")]
    [InlineData("%{d2r}", "example.email")]
    [InlineData("%{l}", "strong-bad")]
    [InlineData("%{l-}", "strong.bad")]
    [InlineData("%{lr}", "strong-bad")]
    [InlineData("%{lr-}", "bad.strong")]
    [InlineData("%{l1r-}", "strong")]
    [InlineData("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com")]
    [InlineData("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com")]
    [InlineData("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com")]
    [InlineData("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net")]
    [InlineData("%{S} %{h} %{H}", "strong-bad%40email.example.com mail_out.example.com mail_out.example.com")]
    [InlineData("%{c} %{r} %{t} %%%_%-", "192.0.2.3 mx.receiver.test 1800000000 % %20")]
    [InlineData("%{p}", "unknown")]
    public async Task Macros_are_those_of_section_7(string text, string expected)
    {
        _zone.Add("TXT", "email.example.com", "v=spf1 -all exp=exp.example.net");
        _zone.Add("TXT", "exp.example.net", text);
        Assert.Equal(expected, (await CheckAsync("192.0.2.3", "strong-bad@email.example.com", "mail_out.example.com")).Explanation);
    }

    [Fact]
    public async Task An_IPv6_address_is_asked_for_digit_by_digit()
    {
        _zone.Add("TXT", "email.example.com", "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all exp=exp.example.net");
        _zone.Add("TXT", "exp.example.net", "%{c} %{i}");
        var check = await CheckAsync("2001:db8::cb01", "strong-bad@email.example.com");
        Assert.Contains("A 1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com", _zone.Asked);
        Assert.Equal("2001:db8::cb01 2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1", check.Explanation);
    }

    [Theory]
    [InlineData("other.test, mail.example.test, example.test", "example.test")]
    [InlineData("other.test, mail.example.test", "mail.example.test")]
    [InlineData("other.test", "other.test")]
    [InlineData("liar.test", "unknown")]
    public async Task The_macro_p_is_a_confirmed_name_the_domains_own_first(string names, string expected)
    {
        foreach (var name in names.Split(", ")) _zone.Add("PTR", "192.0.2.3", name);
        foreach (var name in new[] { "other.test", "mail.example.test", "example.test" }) _zone.Add("A", name, IPAddress.Parse("192.0.2.3"));
        _zone.Add("TXT", "example.test", "v=spf1 -all exp=exp.example.test");
        _zone.Add("TXT", "exp.example.test", "%{p}");
        Assert.Equal(expected, (await CheckAsync("192.0.2.3", "a@example.test")).Explanation);
    }

    [Fact]
    public async Task A_name_that_macros_make_too_long_loses_labels_on_its_left()
    {
        var sender = string.Join('.', Enumerable.Repeat(new string('a', 60), 3)) + "@" + new string('b', 60) + ".example.test";
        _zone.Add("TXT", new string('b', 60) + ".example.test", "v=spf1 exists:%{l}.%{d} -all");
        await CheckAsync("192.0.2.3", sender);
        var asked = Assert.Single(_zone.Asked, each => each.StartsWith("A ", StringComparison.Ordinal))[2..];
        Assert.Equal($"{new string('a', 60)}.{new string('a', 60)}.{new string('b', 60)}.example.test", asked);
    }

    [Fact]
    public async Task A_local_part_with_other_letters_is_in_no_name()
    {
        _zone.Add("TXT", "example.test", "v=spf1 exists:%{l}._spf.%{d} ~all");
        _zone.Fails = name => name.EndsWith("_spf.example.test", StringComparison.Ordinal);
        Assert.Equal(SpfResult.SoftFail, (await CheckAsync("192.0.2.3", "jürgen@example.test")).Result);
        Assert.Equal(SpfResult.TempError, (await CheckAsync("192.0.2.3", "juergen@example.test")).Result);
    }

    [Theory]
    [InlineData("a@no-dot", SpfResult.None)]
    [InlineData("a@example..test", SpfResult.None)]
    [InlineData("a@[192.0.2.1]", SpfResult.None)]
    [InlineData("a@example.test.", SpfResult.Pass)]
    [InlineData("@example.test", SpfResult.Pass)]
    [InlineData("<a@b@example.test>", SpfResult.Pass)]
    [InlineData("a@EXAMPLE.test", SpfResult.Pass)]
    [InlineData("a@bücher.test", SpfResult.Fail)]
    public async Task The_domain_is_behind_the_last_at_sign_and_must_be_one(string sender, SpfResult expected)
    {
        _zone.Add("TXT", "example.test", "v=spf1 +all");
        _zone.Add("TXT", "xn--bcher-kva.test", "v=spf1 -all");
        Assert.Equal(expected, (await CheckAsync("192.0.2.3", sender)).Result);
    }

    [Theory]
    [InlineData("v=spf1 a:example.net -all", SpfResult.TempError)]   // section 5: no answer ends the check
    [InlineData("v=spf1 mx:down.test -all", SpfResult.TempError)]
    [InlineData("v=spf1 mx:mx.test -all", SpfResult.TempError)]
    [InlineData("v=spf1 exists:down.test -all", SpfResult.TempError)]
    [InlineData("v=spf1 include:down.test -all", SpfResult.TempError)]
    [InlineData("v=spf1 redirect=down.test", SpfResult.TempError)]
    [InlineData("v=spf1 ip4:192.0.2.3 a:example.net -all", SpfResult.Pass)]
    [InlineData("v=spf1 ptr:example.net -all", SpfResult.Fail)]   // section 5.5: but not that of ptr
    [InlineData("v=spf1 -all exp=down.test", SpfResult.Fail)]
    public async Task The_DNS_without_an_answer_is_a_temporary_error(string record, SpfResult expected)
    {
        _zone.Fails = name => name is "down.test" or "example.net" or "192.0.2.3" or "host.mx.test";
        _zone.Add("MX", "mx.test", new MxRecord(0, "host.mx.test"));
        _zone.Add("TXT", "example.test", record);
        Assert.Equal(expected, (await CheckAsync("192.0.2.3", "a@example.test")).Result);
    }

    [Theory]
    [InlineData("v=spf1 a:one.test a:two.test -all", SpfResult.Fail, 2)]
    [InlineData("v=spf1 a:one.test exists:two.test mx:three.test -all", SpfResult.PermError, 3)]
    [InlineData("v=spf1 a:one.test ptr include:inner.test -all", SpfResult.PermError, 3)]
    [InlineData("v=spf1 a:one.test a:two.test a:%{l}..test -all", SpfResult.Fail, 2)]   // no question can be asked
    public async Task Two_look_ups_may_find_nothing(string record, SpfResult expected, int voids)
    {
        _zone.Add("TXT", "example.test", record);
        _zone.Add("TXT", "inner.test", "v=spf1 a:three.test -all");
        var check = await CheckAsync("192.0.2.3", "a@example.test");
        Assert.Equal((expected, voids), (check.Result, check.VoidLookupCount));
    }

    [Fact]
    public async Task Two_records_are_a_permanent_error_and_a_record_of_another_kind_is_none()
    {
        _zone.Add("TXT", "two.test", "v=spf1 +all");
        _zone.Add("TXT", "two.test", "V=spf1");
        _zone.Add("TXT", "none.test", "v=spf10 +all");
        Assert.Equal(SpfResult.PermError, (await CheckAsync("192.0.2.3", "a@two.test")).Result);
        Assert.Equal(SpfResult.None, (await CheckAsync("192.0.2.3", "a@none.test")).Result);
    }

    [Fact]
    public async Task The_explanation_is_that_of_the_record_that_decides()
    {
        _zone.Add("TXT", "included.test", "v=spf1 -all exp=exp.included.test");
        _zone.Add("TXT", "exp.included.test", "of the include");
        _zone.Add("TXT", "one.test", "v=spf1 include:included.test -all exp=exp.one.test");
        _zone.Add("TXT", "exp.one.test", "of %{d} for %{o}");
        _zone.Add("TXT", "two.test", "v=spf1 exp=exp.included.test redirect=one.test");
        _zone.Add("TXT", "three.test", "v=spf1 include:included.test -all");
        _zone.Add("TXT", "four.test", "v=spf1 -all exp=twice.test");
        _zone.Add("TXT", "twice.test", "a");
        _zone.Add("TXT", "twice.test", "b");
        var said = new List<string?>();
        foreach (var domain in new[] { "one.test", "two.test", "three.test", "four.test" }) said.Add((await CheckAsync("192.0.2.3", "a@" + domain)).Explanation);
        Assert.Equal(["of one.test for one.test", "of one.test for two.test", null, null], said);
    }

    [Theory]
    [InlineData("-all", "+all", SpfResult.Fail, SpfIdentity.Helo)]
    [InlineData("~all", "+all", SpfResult.Pass, SpfIdentity.MailFrom)]
    [InlineData("+all", "-all", SpfResult.Fail, SpfIdentity.MailFrom)]
    [InlineData("moo", "?all", SpfResult.Neutral, SpfIdentity.MailFrom)]
    public async Task The_HELO_name_decides_where_it_fails(string helo, string sender, SpfResult result, SpfIdentity identity)
    {
        _zone.Add("TXT", "helo.test", "v=spf1 " + helo);
        _zone.Add("TXT", "example.test", "v=spf1 " + sender);
        var check = await CheckAsync("192.0.2.3", "a@example.test", "helo.test");
        Assert.Equal((result, identity), (check.Result, check.Identity));
        Assert.NotNull(check.HeloResult);
    }

    [Fact]
    public async Task Without_a_sender_the_HELO_name_is_asked_and_without_both_nothing_can_be()
    {
        _zone.Add("TXT", "helo.test", "v=spf1 ip4:192.0.2.3 -all");
        var check = await CheckAsync("192.0.2.3", "<>", "helo.test");
        Assert.Equal((SpfResult.Pass, SpfIdentity.Helo, "postmaster@helo.test"), (check.Result, check.Identity, check.Sender));
        Assert.Equal(SpfResult.None, (await CheckAsync("192.0.2.3", "", "localhost")).Result);
        var error = await Assert.ThrowsAsync<MailOpsException>(() => CheckAsync("192.0.2.3", "<>"));
        Assert.Equal(ErrorCode.InvalidAddress, error.Code);
    }

    [Fact]
    public async Task Terms_that_were_gone_through_are_told()
    {
        _zone.Add("TXT", "example.test", "v=spf1 include:inner.test ~all");
        _zone.Add("TXT", "inner.test", "v=spf1 a mx:gone.test -all");
        _zone.Add("A", "inner.test", IPAddress.Parse("192.0.2.9"));
        var check = await CheckAsync("192.0.2.3", "a@example.test");
        Assert.Equal(["include:inner.test 3 False", "  a 1 False", "  mx:gone.test 1 True", "  -all 0 False", "~all 0 False"],
            check.Tree.Select(entry => $"{new string(' ', 2 * entry.Depth)}{entry.Term} {entry.LookupCount} {entry.IsVoid}"));
        Assert.Equal(("~all", "example.test", 3, 1), (check.Mechanism, check.RecordDomain, check.LookupCount, check.VoidLookupCount));
        Assert.NotNull(check.Advice);
    }

    [Fact]
    public async Task Received_SPF_is_well_formed_whatever_the_sender_is()
    {
        _zone.Add("TXT", "example.test", "v=spf1 ip6:2001:db8::/32 -all");
        var check = await CheckAsync("2001:db8::1", "\"a(b\"\r\n@example.test", "he\"lo");
        Assert.Equal(
            "pass (mx.receiver.test: domain of \"a\\(b\"??@example.test designates 2001:db8::1 as permitted sender) receiver=mx.receiver.test; client-ip=\"2001:db8::1\"; " +
            "envelope-from=\"\\\"a(b\\\"??@example.test\"; helo=\"he\\\"lo\"; identity=mailfrom; mechanism=\"ip6:2001:db8::/32\"", check.ReceivedSpf);
        Assert.DoesNotContain('\n', check.Sender);
    }

    [Fact]
    public async Task What_takes_too_long_is_a_temporary_error_and_a_stop_is_a_stop()
    {
        _zone.Delay = Timeout.InfiniteTimeSpan;
        var check = await new SpfChecker(_zone, new SpfLimits { Timeout = TimeSpan.FromMilliseconds(50) }).CheckAsync(Query("192.0.2.3", "a@example.test", null), TestContext.Current.CancellationToken);
        Assert.Equal(SpfResult.TempError, check.Result);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new SpfChecker(_zone).CheckAsync(Query("192.0.2.3", "a@example.test", null), new CancellationToken(canceled: true)));
    }

    private Task<SpfCheck> CheckAsync(string ip, string sender, string? helo = null) => new SpfChecker(_zone).CheckAsync(Query(ip, sender, helo), TestContext.Current.CancellationToken);

    private static SpfQuery Query(string ip, string sender, string? helo) => new(IPAddress.Parse(ip), sender, helo, Now) { Receiver = "mx.receiver.test" };
}
