using System.Net;
using MailOps.Authenticity.Spf;
using MailOps.Core.Tests.Dns;
using MailOps.Dns;

namespace MailOps.Core.Tests.Authenticity.Spf;

/// <summary>What is said of records, and of which place in them.</summary>
public sealed class SpfSurveyorTests
{
    private readonly ZoneInspector _zone = new();

    public SpfSurveyorTests()
    {
        _zone.Add("A", "host.test", IPAddress.Parse("192.0.2.1"));
        _zone.Add("AAAA", "six.test", IPAddress.Parse("2001:db8::1"));
        _zone.Add("MX", "host.test", new MxRecord(0, "host.test"));
        _zone.Add("TXT", "good.test", "v=spf1 a:host.test a:six.test mx:host.test ?all");
        _zone.Add("TXT", "text.test", "Why %{i} may not send");
        _zone.Add("TXT", "bad-text.test", "%{z}");
        _zone.Add("TXT", "faulty.test", "v=spf1 ip:192.0.2.1 -all");
        _zone.Add("TXT", "open.test", "v=spf1 +all");
        _zone.Add("TXT", "loop.test", "v=spf1 include:loop.test -all");
        _zone.Add("TXT", "two.test", "v=spf1 -all");
        _zone.Add("TXT", "two.test", "v=spf1 ~all");
        for (var i = 0; i < 11; i++) _zone.Add("MX", "many.test", new MxRecord(i, $"mx{i}.test"));
        _zone.Fails = name => name == "down.test";
    }

    [Theory]
    [InlineData("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:host.test -all")]
    [InlineData("v=spf1 exists:%{i}._spf.%{d} -all exp=text.test")]
    [InlineData("v=spf1 -ip4:0.0.0.0/0 -all")]
    [InlineData("v=spf1 include:good.test -all")]   // what an include says of the rest means nothing
    public async Task A_good_record_has_no_findings(string text)
    {
        var report = await SurveyAsync(text);
        Assert.Equal((RecordVerdict.Valid, text), (report.Verdict, report.Record));
        Assert.Empty(report.Findings);
    }

    [Theory]
    [InlineData("v=spf1 ip:192.0.2.1 mx/33 -all", "Error 8", "Error 24")]
    [InlineData("v=spf1 +all", "Error 8")]
    [InlineData("v=spf1 all", "Error 8")]
    [InlineData("v=spf1 ?all", "Warning 8")]
    [InlineData("v=spf1 a:host.test", "Warning 18")]
    [InlineData("v=spf1 -all a:host.test redirect=good.test", "Warning 13", "Warning 25")]
    [InlineData("v=spf1 -all ip:192.0.2.1", "Warning 13")]
    [InlineData("v=spf1 ptr -all", "Warning 8")]
    [InlineData("v=spf1 exists:%{p}.test -all", "Warning 8")]
    [InlineData("v=spf1 a:host.test A:host.test -all", "Warning 20")]
    [InlineData("v=spf1 ip4:0.0.0.0/0 -all", "Error 8")]
    [InlineData("v=spf1 ip4:10.0.0.0/8 ip6:::/0 -all", "Warning 8", "Error 23")]
    [InlineData("v=spf1 a:host.test v=spf1 mx:host.test -all", "Warning 20")]
    [InlineData("v=spf1 include=good.test -all", "Warning 8")]
    [InlineData("v=spf1 moo=x -all", "Information 8")]
    [InlineData("v=spf1 a:gone.test mx:six.test -all", "Warning 8", "Warning 20")]
    [InlineData("v=spf1 a:g1.test a:g2.test exists:g3.test a:g4.test -all", "Warning 8", "Warning 18", "Warning 28", "Warning 43", "Error 28")]
    [InlineData("v=spf1 mx:many.test -all", "Error 8")]
    [InlineData("v=spf1 a:down.test include:down.test -all", "Warning 8", "Warning 20")]
    [InlineData("v=spf1 include:gone.test -all", "Error 8")]
    [InlineData("v=spf1 include:two.test -all", "Error 8")]
    [InlineData("v=spf1 include:loop.test -all", "Error 8 loop.test")]
    [InlineData("v=spf1 include:example.test -all", "Error 8")]
    [InlineData("v=spf1 include:faulty.test -all", "Error 8 faulty.test")]
    [InlineData("v=spf1 include:open.test -all", "Error 8 open.test")]
    [InlineData("v=spf1 redirect=gone.test", "Error 8")]
    [InlineData("v=spf1 -all exp=gone.test", "Warning 13")]
    [InlineData("v=spf1 -all exp=bad-text.test", "Warning 13")]
    [InlineData("v=spf1 redirect=good.test", "Warning 44 good.test")]
    public async Task What_is_wrong_is_told_at_its_place(string text, params string[] expected)
    {
        var report = await SurveyAsync(text);
        var found = report.Findings.Select(finding => $"{finding.Severity} {finding.Column}{(finding.Domain == "example.test" ? "" : " " + finding.Domain)}").ToArray();
        Assert.Equal(Where(expected), Where(found));
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Advice!));
        var worst = report.Findings.Max(finding => finding.Severity);
        Assert.Equal(worst == FindingSeverity.Error ? RecordVerdict.Invalid : worst == FindingSeverity.Warning ? RecordVerdict.Warning : RecordVerdict.Valid, report.Verdict);

        static string[] Where(string[] findings) => [.. findings.Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Look_ups_are_counted_over_all_records_and_the_eleventh_is_told()
    {
        _zone.Add("TXT", "inner.test", "v=spf1 a:host.test mx:host.test a:six.test exists:%{i}.test -all");
        var report = await SurveyAsync("v=spf1 include:inner.test include:good.test a:host.test mx:host.test a:six.test redirect=good.test");
        Assert.Equal((16, 0, RecordVerdict.Invalid), (report.LookupCount, report.VoidLookupCount, report.Verdict));
        Assert.Equal(["include:inner.test 5", "  a:host.test 1", "  mx:host.test 1", "  a:six.test 1", "  exists:%{i}.test 1", "  -all 0", "include:good.test 4"],
            report.Tree.Take(7).Select(entry => $"{new string(' ', 2 * entry.Depth)}{entry.Term} {entry.LookupCount}"));
        var over = Assert.Single(report.Findings, finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal(("example.test", 57), (over.Domain, over.Column));
        Assert.Contains("16 in all", over.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_lead_on_and_on_come_to_an_end()
    {
        for (var i = 0; i < 30; i++) _zone.Add("TXT", $"d{i}.test", "v=spf1 " + string.Concat(Enumerable.Range(i + 1, 8).Select(next => $"include:d{next}.test ")) + "-all");
        var report = await SurveyAsync("v=spf1 include:d0.test " + string.Concat(Enumerable.Repeat("ip4:192.0.2.1 ", 5000)) + "-all");
        Assert.Equal(RecordVerdict.Invalid, report.Verdict);
        Assert.InRange(_zone.Asked.Count, 11, 100);
        Assert.InRange(report.Tree.Length, 11, 1100);
        Assert.InRange(report.Findings.Length, 1, 1100);
    }

    [Fact]
    public async Task A_domain_without_a_record_or_with_several_is_told_as_that()
    {
        _zone.Add("TXT", "near.test", "v=spf2.0/pra -all");
        var missing = await new SpfSurveyor(_zone).SurveyAsync("near.test", TestContext.Current.CancellationToken);
        Assert.Equal((RecordVerdict.Missing, (string?)null), (missing.Verdict, missing.Record));
        Assert.Contains("v=spf2.0/pra", Assert.Single(missing.Findings).Message, StringComparison.Ordinal);
        var two = await new SpfSurveyor(_zone).SurveyAsync("two.test", TestContext.Current.CancellationToken);
        Assert.Equal((RecordVerdict.Invalid, 3), (two.Verdict, two.Findings.Length));
    }

    [Fact]
    public async Task A_long_record_and_one_with_control_characters_are_told()
    {
        var text = $"v=spf1 {string.Concat(Enumerable.Range(0, 40).Select(i => $"ip4:192.0.2.{i} "))}-all";
        var finding = Assert.Single((await SurveyAsync(text)).Findings);
        Assert.Equal((0, FindingSeverity.Warning), (finding.Column, finding.Severity));
        _zone.Add("TXT", "odd.test", "v=spf1 a:\e[31m.test -all");
        var odd = await new SpfSurveyor(_zone).SurveyAsync("odd.test", TestContext.Current.CancellationToken);
        Assert.Equal("v=spf1 a:\\u001B[31m.test -all", odd.Record);
        Assert.Equal(10, odd.Findings[0].Column);
    }

    [Theory]
    [InlineData("gone.test", ErrorCode.DnsNoSuchDomain)]
    [InlineData("down.test", ErrorCode.DnsFailed)]
    [InlineData("not a domain", ErrorCode.InvalidDomain)]
    [InlineData("single", ErrorCode.InvalidDomain)]
    [InlineData("", ErrorCode.InvalidDomain)]
    public async Task Where_there_is_nothing_to_look_over_it_is_an_error(string domain, string code)
    {
        var error = await Assert.ThrowsAsync<MailOpsException>(() => new SpfSurveyor(_zone).SurveyAsync(domain, TestContext.Current.CancellationToken));
        Assert.Equal(code, error.Code);
    }

    private Task<SpfRecordReport> SurveyAsync(string text)
    {
        _zone.Add("TXT", "example.test", text);
        return new SpfSurveyor(_zone).SurveyAsync("example.test", TestContext.Current.CancellationToken);
    }
}
