using System.Net;
using MailOps.Core.Tests.Dns;
using MailOps.Dns;
using MailOps.Domains;
using MailOps.Policies;
using static MailOps.MailDomainVerdict;

namespace MailOps.Core.Tests.Domains;

/// <summary>What looking a domain over comes to.</summary>
public sealed class MailDomainTesterTests : IDisposable
{
    private const string Domain = "example.test", Mx = "mx.example.test", Mx2 = "mx2.example.test", List = "bl.example.org";
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1"), Address2 = IPAddress.Parse("2001:db8::2");

    private readonly ZoneInspector _zone = new();
    private readonly Site _site = new();
    private readonly MtaStsFetcher _fetcher;
    private MailDomainTestOptions _options = new() { Dnsbls = [List] };

    public MailDomainTesterTests()
    {
        _fetcher = new MtaStsFetcher(_site);
        _zone.Add("MX", Domain, new MxRecord(10, Mx));
        _zone.Add("MX", Domain, new MxRecord(20, Mx2));
        _zone.Add("A", Mx, Address);
        _zone.Add("AAAA", Mx2, Address2);
        _zone.Add("PTR", $"{Address}", Mx);
        _zone.Add("PTR", $"{Address2}", Mx2);
        _zone.Add("TXT", Domain, "v=spf1 mx -all");
        _zone.Add("TXT", "selector1._domainkey." + Domain, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        _zone.Add("TXT", "_dmarc." + Domain, "v=DMARC1; p=reject; rua=mailto:dmarc@example.test");
        _zone.Add("TXT", "_mta-sts." + Domain, "v=STSv1; id=1;");
        _zone.Add("TXT", "_smtp._tls." + Domain, "v=TLSRPTv1; rua=mailto:tls@example.test");
    }

    public void Dispose() => _fetcher.Dispose();

    [Fact]
    public async Task A_good_domain_passes_and_every_check_is_told_by_itself()
    {
        var test = await TestAsync();
        Assert.Equal("Pass: Pass Pass Pass Pass Pass Pass None Pass Pass", Text(test));
        Assert.Equal("", test.Details);
        Assert.All(test.Findings, finding => Assert.Equal(FindingSeverity.Information, finding.Severity));
        Assert.Equal([Mx, Mx2], test.MailExchangers.Select(mx => mx.NameExchange));
        Assert.Equal([$"{Mx} [192.0.2.1] True", $"{Mx2} [2001:db8::2] True"], test.Addresses.Select(address => $"{address} {address.IsForwardConfirmed}"));
        Assert.Equal(("v=spf1 mx -all", "selector1", DmarcPolicy.Reject, MtaStsMode.Enforce), (test.SpfRecord!.Record, Assert.Single(test.DkimRecords).Selector, test.DmarcRecord!.Policy, test.MtaStsPolicy!.Mode));
        Assert.Equal([RecordVerdict.Missing, RecordVerdict.Missing], test.DaneRecords.Select(record => record.Verdict));
        Assert.Equal("mailto:tls@example.test", Assert.Single(test.TlsRptRecord!.ReportUri));
    }

    [Fact]
    public async Task Where_no_DNS_server_answers_nothing_is_said_of_the_domain()
    {
        _zone.IsSilent = true;
        var test = await TestAsync();
        Assert.Equal((Unknown, Unknown, Unknown), (test.Mx, test.Spf, test.Dmarc));
        Assert.DoesNotContain(test.Findings, finding => finding.Severity == FindingSeverity.Error);
        Assert.Contains(test.Findings, finding => finding.Check == MailDomainCheck.Mx && finding.Advice!.Contains("-Server", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("MX example.test mx.example.test,MX example.test ", "Fail", "Error A null MX stands beside", "Information There is only one")]
    [InlineData("MX example.test ", "Pass", "Information The domain says that it takes no mail")]
    [InlineData("A example.test 192.0.2.9", "Warning", "Warning The domain has no MX record", "Information There is only one")]
    [InlineData("", "Fail", "Error The domain takes no mail")]
    [InlineData("MX example.test mx.example.test", "Pass", "Information There is only one mail exchanger, mx.example.test")]
    [InlineData("MX example.test alias.example.test,CNAME alias.example.test mx.example.test", "Warning", "Warning The mail exchanger alias.example.test is an alias (CNAME) of mx.example.test", "Information There is only one")]
    [InlineData("MX example.test loop.example.test,CNAME loop.example.test loop.example.test", "Warning", "Warning The DNS gave no answer for the addresses of loop.example.test", "Information There is only one")]
    [InlineData("MX example.test gone.example.test,MX example.test mx.example.test", "Fail", "Error The mail exchanger gone.example.test has no address")]
    [InlineData("MX example.test mx2.example.test,MX example.test mx2.example.test", "Warning", "Information There is only one", "Warning No mail exchanger has an IPv4 address")]
    [InlineData("MX example.test 192.0.2.1", "Fail", "Error The mail exchanger 192.0.2.1 is no host name", "Information There is only one")]
    [InlineData("MX example.test in.example.test,A in.example.test 10.1.2.3,MX example.test mx.example.test", "Fail", "Error The address 10.1.2.3 of in.example.test is private")]
    [InlineData("MX example.test in.example.test,A in.example.test 127.0.0.1,MX example.test mx.example.test", "Fail", "Error The address 127.0.0.1 of in.example.test is loopback")]
    [InlineData("MX example.test in.example.test,AAAA in.example.test fd00::1,MX example.test mx.example.test", "Fail", "Error The address fd00::1 of in.example.test is private")]
    public async Task What_is_wrong_with_mail_exchangers_is_told(string records, string verdict, params string[] expected)
    {
        _zone.Remove("MX", Domain);
        foreach (var record in records.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = record.Split(' ');
            _zone.Add(fields[0], fields[1], fields[0] switch { "MX" => new MxRecord(10, fields[2]), "CNAME" => fields[2], _ => IPAddress.Parse(fields[2]) });
        }
        var test = await TestAsync();
        Assert.Equal(verdict, $"{test.Mx}");
        var findings = test.Findings.Where(finding => finding.Check == MailDomainCheck.Mx).Select(finding => $"{finding.Severity} {finding.Message}").ToArray();
        Assert.Equal(expected.Length, findings.Length);
        Assert.All(expected, text => Assert.Contains(findings, finding => finding.StartsWith(text, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("10.0.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.128.0.1", true)]
    [InlineData("127.9.9.9", false)]
    [InlineData("169.254.1.1", false)]
    [InlineData("172.15.0.1", true)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("192.169.1.1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("223.255.255.255", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fdff::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("2001:db8::1", true)]
    public void Addresses_that_nobody_outside_reaches(string address, bool isPublic) => Assert.Equal(isPublic, AddressRange.NameOf(IPAddress.Parse(address)) is null);

    [Fact]
    public async Task A_domain_that_takes_no_mail_is_asked_for_nothing_that_protects_it()
    {
        _zone.Remove("MX", Domain);
        _zone.Add("MX", Domain, new MxRecord(0, ""));
        _zone.Remove("TXT", "_mta-sts." + Domain);
        _zone.Remove("TXT", "_smtp._tls." + Domain);
        var test = await TestAsync();
        Assert.Equal("Pass: Pass Pass Pass Pass None None None None None", Text(test));
        Assert.True(Assert.Single(test.MailExchangers).IsNullMx);
    }

    [Fact]
    public async Task Keys_that_are_named_must_be_there_and_those_that_are_common_need_not()
    {
        _options = _options with { DkimSelectors = ["selector1", "gone"] };
        var named = await TestAsync();
        Assert.Equal(Fail, named.Dkim);
        Assert.Equal(["selector1", "gone"], named.DkimRecords.Select(key => key.Selector));
        Assert.Equal($"gone._domainkey.{Domain}", named.Findings.First(finding => finding.Check == MailDomainCheck.Dkim).Domain);

        _options = _options with { DkimSelectors = [] };
        _zone.Remove("TXT", "selector1._domainkey." + Domain);
        _zone.Add("TXT", "google._domainkey." + Domain, "v=DKIM1; p=");            // withdrawn, and nobody has asked for it
        _zone.Add("TXT", "default._domainkey." + Domain, "v=spf1 -all");           // what a wildcard says
        var unseen = await TestAsync();
        Assert.Equal((None, Pass), (unseen.Dkim, unseen.Verdict));
        Assert.Contains("need not mean that there is none", Assert.Single(unseen.Findings, finding => finding.Check == MailDomainCheck.Dkim).Message, StringComparison.Ordinal);
        _zone.Add("TXT", "k1._domainkey." + Domain, "v=DKIM1; p=AAAA");
        Assert.Equal(Fail, (await TestAsync()).Dkim);
    }

    [Fact]
    public async Task Names_of_addresses_must_lead_back()
    {
        _zone.Remove("PTR", $"{Address}");
        var nameless = await TestAsync();
        Assert.Equal((Warning, Warning, false), (nameless.ReverseDns, nameless.Verdict, nameless.Addresses[0].IsForwardConfirmed));
        Assert.Contains("The address 192.0.2.1 of mx.example.test has no name (PTR)", nameless.Details, StringComparison.Ordinal);

        _zone.Add("PTR", $"{Address}", "other\u001b.test");
        _zone.Add("PTR", $"{Address}", "elsewhere.test");
        _zone.Add("A", "elsewhere.test", IPAddress.Parse("192.0.2.77"));
        var other = await TestAsync();
        Assert.Equal(Warning, other.ReverseDns);
        Assert.Contains("is other\\u001B.test, elsewhere.test, which does not lead back", other.Details, StringComparison.Ordinal);
        Assert.Equal(["other\\u001B.test", "elsewhere.test"], other.Addresses[0].ReverseName);

        _zone.Add("A", "elsewhere.test", Address);
        Assert.Equal(Pass, (await TestAsync()).ReverseDns);
        _zone.Fails = name => name == $"PTR {Address}";
        var unknown = await TestAsync();
        Assert.Equal((Unknown, (bool?)null), (unknown.ReverseDns, unknown.Addresses[0].IsForwardConfirmed));
    }

    [Theory]
    [InlineData("127.0.0.2", Fail, "192.0.2.1 of mx.example.test is on the block list bl.example.org (127.0.0.2): see \\u001B[2J")]
    [InlineData("127.0.0.2,127.0.0.9", Fail, "bl.example.org (127.0.0.2, 127.0.0.9)")]
    [InlineData("127.255.255.254", Unknown, "does not answer the DNS server that was asked (127.255.255.254)")]
    [InlineData("127.255.255.252,127.0.0.2", Unknown, "does not answer the DNS server that was asked")]
    [InlineData("127.0.0.1", Unknown, "is no code of a block list")]
    [InlineData("203.0.113.7", Unknown, "is no code of a block list")]
    public async Task What_block_lists_answer_is_told_apart(string codes, MailDomainVerdict verdict, string expected)
    {
        _zone.Remove("MX", Domain);
        _zone.Add("MX", Domain, new MxRecord(10, Mx));
        foreach (var code in codes.Split(',')) _zone.Add("A", $"1.2.0.192.{List}", IPAddress.Parse(code));
        _zone.Add("TXT", $"1.2.0.192.{List}", "see \u001b[2J" + new string('x', 100_000));
        var test = await TestAsync();
        Assert.Equal((verdict, verdict == Fail ? 1 : 0), (test.Dnsbl, test.Addresses[0].ListedBy.Length));
        var finding = Assert.Single(test.Findings, finding => finding.Check == MailDomainCheck.Dnsbl);
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
        Assert.InRange(finding.Message.Length, 1, 500);
        Assert.Equal(verdict == Fail ? FindingSeverity.Error : FindingSeverity.Information, finding.Severity);
    }

    [Fact]
    public async Task A_list_that_lists_everything_lists_nobody_and_is_asked_about_that_once()
    {
        _zone.Add("A", $"1.2.0.192.{List}", IPAddress.Parse("127.0.0.2"));
        _zone.Add("A", $"1.0.0.127.{List}", IPAddress.Parse("127.0.0.2"));
        var tester = new MailDomainTester(_zone, _fetcher, _options);
        foreach (var _ in new int[2])
        {
            var test = await tester.TestAsync(Domain, TestContext.Current.CancellationToken);
            Assert.Empty(test.Addresses[0].ListedBy);
            Assert.Contains(test.Findings, finding => finding.Message.Contains("lists everything", StringComparison.Ordinal));
        }
        Assert.Single(_zone.Asked, asked => asked == $"A 1.0.0.127.{List}");
    }

    [Fact]
    public async Task The_usual_lists_are_asked_unless_there_are_others_or_none()
    {
        const string v6 = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2";
        _options = _options with { Dnsbls = [] };
        _zone.Add("A", $"1.2.0.192.zen.spamhaus.org", IPAddress.Parse("127.0.0.10"));
        _zone.Add("A", $"{v6}.zen.spamhaus.org", IPAddress.Parse("127.0.0.4"));
        var test = await TestAsync();
        Assert.Equal(Fail, test.Dnsbl);
        Assert.Equal(["zen.spamhaus.org (127.0.0.10, PBL: by its owner's rules no mail comes from it directly)"], test.Addresses[0].ListedBy);
        Assert.Equal(["zen.spamhaus.org (127.0.0.4, XBL: a machine that others have taken over)"], test.Addresses[1].ListedBy);
        Assert.Equal([FindingSeverity.Error, FindingSeverity.Warning], test.Findings.Where(finding => finding.Check == MailDomainCheck.Dnsbl).Select(finding => finding.Severity));
        Assert.All(["bl.spamcop.net", "psbl.surriel.com"], zone => Assert.Contains($"A 1.2.0.192.{zone}", _zone.Asked));

        _options = _options with { SkipDnsbl = true };
        _zone.Asked.Clear();
        Assert.Equal(None, (await TestAsync()).Dnsbl);
        Assert.DoesNotContain(_zone.Asked, asked => asked.EndsWith(".zen.spamhaus.org", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_missing_counts_as_the_records_are_worth()
    {
        _zone.Remove("TXT", Domain);
        _zone.Add("TXT", Domain, "v=spf1 +all");
        _zone.Remove("TXT", "_dmarc." + Domain);
        _zone.Remove("TXT", "_mta-sts." + Domain);
        _zone.Remove("TXT", "_smtp._tls." + Domain);
        var test = await TestAsync();
        Assert.Equal("Fail: Pass Fail Pass None None None None Pass Pass", Text(test));
        var place = test.Findings.First(finding => finding.Check == MailDomainCheck.Spf);
        Assert.Equal((FindingSeverity.Error, Domain, 8), (place.Severity, place.Domain, place.Column));
        Assert.Contains(test.Findings, finding => finding is { Check: MailDomainCheck.Dmarc, Severity: FindingSeverity.Error });
        Assert.Contains(test.Findings, finding => finding is { Check: MailDomainCheck.MtaSts, Severity: FindingSeverity.Warning });
        Assert.Equal(test.Findings.OrderByDescending(finding => finding.Severity), test.Findings);
        Assert.All(test.Findings.Where(finding => finding.Severity != FindingSeverity.Information), finding => Assert.NotEmpty(finding.Advice!));
    }

    [Fact]
    public async Task DANE_of_all_makes_up_for_a_missing_policy_and_of_some_is_a_warning()
    {
        _options = _options with { SkipConnection = true };
        _zone.IsSecure = _ => true;
        _zone.Remove("TXT", "_mta-sts." + Domain);
        foreach (var key in new byte[2]) _zone.Add("TLSA", "_25._tcp." + Mx, new TlsaRecord(3, 1, 1, [.. Enumerable.Repeat(key, 32)]));
        var some = await TestAsync();
        Assert.Equal(Warning, some.Dane);
        Assert.Contains(some.Findings, finding => finding.Message.Contains("some have no TLSA records (mx2.example.test)", StringComparison.Ordinal));

        _zone.Add("TLSA", "_25._tcp." + Mx2, new TlsaRecord(3, 1, 1, [.. Enumerable.Repeat((byte)1, 32)]));
        var all = await TestAsync();
        Assert.Equal((Pass, None, Pass), (all.Dane, all.MtaSts, all.Verdict));
        Assert.All(all.Findings, finding => Assert.Equal(FindingSeverity.Information, finding.Severity));
    }

    [Fact]
    public async Task Without_connections_the_record_of_a_policy_alone_is_looked_at()
    {
        _options = _options with { SkipConnection = true };
        var test = await TestAsync();
        Assert.Equal((Pass, (MtaStsMode?)null), (test.MtaSts, test.MtaStsPolicy!.Mode));
        Assert.Contains("was not fetched", Assert.Single(test.MtaStsPolicy.Findings).Message, StringComparison.Ordinal);
        Assert.Empty(_site.Asked);
    }

    [Fact]
    public async Task A_check_that_gets_no_answer_is_unknown_and_the_others_go_on()
    {
        _zone.Fails = name => name == "TXT _dmarc." + Domain || name == "MX " + Domain;
        var test = await TestAsync();
        Assert.Equal((Fail, Unknown, Pass, None), (test.Mx, test.Dmarc, test.TlsRpt, test.Dane));
        Assert.Contains(test.Findings, finding => finding is { Check: MailDomainCheck.Dmarc, Severity: FindingSeverity.Warning } && finding.Message.Contains("SERVFAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_check_takes_longer_than_its_time()
    {
        _options = _options with { Timeout = TimeSpan.FromMilliseconds(300) };
        _zone.Delay = Timeout.InfiniteTimeSpan;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var test = await TestAsync();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal("Warning: Unknown Unknown Unknown Unknown Unknown Unknown None None None", Text(test));
        Assert.Contains("not over within 0.3 seconds", test.Details, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        _options = _options with { Timeout = TimeSpan.FromMinutes(5) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new MailDomainTester(_zone, _fetcher, _options).TestAsync(Domain, stop.Token));
    }

    [Fact]
    public async Task Thousands_of_records_and_names_with_control_characters_do_no_harm()
    {
        _zone.Remove("MX", Domain);
        for (var i = 0; i < 3000; i++) _zone.Add("MX", Domain, new MxRecord(i, i == 0 ? "\u001b[2J.test" : FormattableString.Invariant($"mx{i}.example.test")));
        for (var i = 0; i < 500; i++)
        {
            _zone.Add("A", "mx1.example.test", IPAddress.Parse(FormattableString.Invariant($"198.51.100.{i % 250 + 1}")));
            _zone.Add("PTR", "198.51.100.1", FormattableString.Invariant($"host{i}.example.test"));
        }
        _zone.Remove("TXT", Domain);
        _zone.Add("TXT", Domain, "v=spf1 " + string.Concat(Enumerable.Repeat("ip4:192.0.2.1 ", 200_000)) + "\u001b[2J -all");
        var test = await TestAsync();
        Assert.Equal((16, 8 + 1), (test.MailExchangers.Length, test.Addresses.Length));
        Assert.InRange(_zone.Asked.Count, 1, 400);
        Assert.All(test.Findings, finding => Assert.DoesNotContain(finding.Message + finding.Domain + finding.Advice, char.IsControl));
        Assert.DoesNotContain('\u001b', test.MailExchangers[0].NameExchange);
    }

    [Theory]
    [InlineData("gone.test", ErrorCode.DnsNoSuchDomain)]
    [InlineData("single", ErrorCode.InvalidDomain)]
    public async Task Where_there_is_nothing_to_look_over_is_an_error(string domain, string code) => Assert.Equal(code, (await Assert.ThrowsAsync<MailOpsException>(() => TestAsync(domain))).Code);

    [Fact]
    public async Task A_domain_is_named_as_it_was_given()
    {
        _zone.Add("MX", "xn--bcher-kva.test", new MxRecord(0, ""));
        _zone.Add("TXT", "xn--bcher-kva.test", "v=spf1 -all");
        _zone.Add("TXT", "s1._domainkey.xn--bcher-kva.test", "v=DKIM1; p=AAAA");
        var test = await TestAsync("bücher.test");
        Assert.Equal(("bücher.test", "bücher.test", "bücher.test", Pass), (test.Domain, test.SpfRecord!.Domain, Assert.Single(test.DkimRecords).Domain, test.Spf));
    }

    [Fact]
    public void Lists_and_selectors_that_are_none_are_told_at_once()
    {
        Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => new MailDomainTester(_zone, _fetcher, new MailDomainTestOptions { Dnsbls = ["a list"] })).Code);
        Assert.Equal(ErrorCode.InvalidDomain, Assert.Throws<MailOpsException>(() => new MailDomainTester(_zone, _fetcher, new MailDomainTestOptions { DkimSelectors = ["a b"] })).Code);
    }

    [Fact]
    public async Task Questions_wait_for_their_turn()
    {
        _zone.Delay = TimeSpan.FromMilliseconds(10);
        using var gate = new GatedInspector(_zone, atOnce: 3);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => gate.ResolveTxtAsync(FormattableString.Invariant($"n{i}.test"), TestContext.Current.CancellationToken).AsTask()));
        Assert.Equal((40, 3), (_zone.Asked.Count, _zone.MostAtOnce));
    }

    private static string Text(MailDomainTest test) =>
        $"{test.Verdict}: {test.Mx} {test.Spf} {test.Dkim} {test.Dmarc} {test.MtaSts} {test.TlsRpt} {test.Dane} {test.ReverseDns} {test.Dnsbl}";

    private Task<MailDomainTest> TestAsync(string domain = Domain) => new MailDomainTester(_zone, _fetcher, _options).TestAsync(domain, TestContext.Current.CancellationToken);

    /// <summary>A web site with the policy, which counts.</summary>
    private sealed class Site : HttpMessageHandler
    {
        public List<Uri?> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($"version: STSv1\nmode: enforce\nmx: *.{Domain}\nmax_age: 604800\n", null, "text/plain") });
        }
    }
}
