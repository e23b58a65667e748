using System.Net;
using System.Text.Json;
using MailOps.Authenticity.Dmarc;
using MailOps.Core.Tests.Dns;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authenticity.Dmarc;

/// <summary>Which record counts for a domain, and what is said of it.</summary>
public sealed class DmarcSurveyorTests
{
    private readonly ZoneInspector _zone = new() { Fails = name => name.EndsWith("down.test", StringComparison.Ordinal) };

    public DmarcSurveyorTests()
    {
        foreach (var name in new[] { "example.test", "sub.example.test", "a.mail.example.test", "lone.test" }) _zone.Add("A", name, IPAddress.Loopback);
        _zone.Add("TXT", "example.test._report._dmarc.friend.test", "v=DMARC1;");
    }

    [Fact]
    public async Task Each_case_of_others_is_read_or_refused_as_it_says()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Conformance.Files("policy", "dmarc-parse-mox.json").Single()));
        var cases = document.RootElement.GetProperty("cases").EnumerateArray().ToList();
        Assert.Equal(41, cases.Count);
        var wrong = new List<string>();
        foreach (var each in cases)
        {
            var zone = new ZoneInspector();
            zone.Add("A", "example.test", IPAddress.Loopback);
            var text = each.GetProperty("input").GetString()!;
            zone.Add("TXT", "_dmarc.example.test", text);
            var report = await new DmarcSurveyor(zone).SurveyAsync("example.test", TestContext.Current.CancellationToken);
            var isTaken = report.Verdict is RecordVerdict.Valid or RecordVerdict.Warning;
            if (isTaken != each.GetProperty("valid").GetBoolean()) wrong.Add($"{text}: {report.Verdict} {string.Join(" ", report.Findings.Select(finding => finding.ToString()))}");
        }
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject; rua=mailto:dmarc@example.test")]
    [InlineData("v=DMARC1; p=quarantine; np=reject; adkim=s; aspf=r; fo=1:d:s; rua=mailto:d@example.test,mailto:x@friend.test; ruf=mailto:d@sub.example.test;")]
    [InlineData("V = DMARC1 ;P= Reject; RUA = mailto:a%21b@example.test?subject=x")]
    public async Task A_good_record_has_no_findings(string text)
    {
        var report = await SurveyAsync(text);
        Assert.Equal((RecordVerdict.Valid, text), (report.Verdict, report.Record));
        Assert.Empty(report.Findings);
    }

    [Theory]
    [InlineData("v=DMARC1; p=none; rua=mailto:d@example.test", "Information 11")]
    [InlineData("v=DMARC1; p=none", "Warning 11")]
    [InlineData("v=DMARC1; p=reject", "Information 18")]
    [InlineData("v=DMARC1; rua=mailto:d@example.test", "Warning 35")]
    [InlineData("v=DMARC1; adkim=s", "Error 17")]
    [InlineData("v=DMARC1; p=regect", "Error 13")]
    [InlineData("v=DMARC1; p=regect; rua=mailto:d@example.test", "Warning 13")]
    [InlineData("v=DMARC1; p=reject; sp=none; rua=mailto:d@example.test", "Warning 21")]
    [InlineData("v=DMARC1; p=reject; np = bad; rua=mailto:d@example.test", "Warning 26")]
    [InlineData("v=DMARC1; rua=mailto:d@example.test; p=reject", "Error 38")]
    [InlineData("v=DMARC1; p=reject; p=none; rua=mailto:d@example.test", "Error 21")]
    [InlineData("v=DMARC1; p=reject;; rua=mailto:d@example.test", "Error 20")]
    [InlineData("v=DMARC1; p=reject; rua; rua=mailto:d@example.test", "Error 21")]
    [InlineData("v=DMARC1; p=reject; adkim=x; aspf=; t=maybe; psd=1; fo=0:2; rua=mailto:d@example.test; ruf=mailto:d@example.test",
        "Error 27", "Error 35", "Error 39", "Error 50", "Error 56")]
    [InlineData("v=DMARC1; p=reject; rua=d@example.test,mailto:nobody,mailto:d@example.test!10m", "Error 25", "Error 40", "Information 54")]
    [InlineData("v=DMARC1; p=reject; rua=https://example.test/dmarc", "Warning 25")]
    [InlineData("v=DMARC1; p=reject; rua=mailto:d@example.test,mailto:x@stranger.test", "Warning 47")]
    [InlineData("v=DMARC1; p=reject; rua=mailto:x@down.test", "Warning 25")]
    [InlineData("v=DMARC1; p=reject; pct=25; ri=3600; rf=afrf; foo=1; fo=1; t=y; psd=y; rua=mailto:d@example.test",
        "Warning 21", "Information 29", "Information 38", "Information 47", "Information 54", "Information 60", "Information 65")]
    [InlineData("v=DMARC1; p=reject; pct=100; rua=mailto:d@example.test", "Information 21")]
    public async Task What_is_wrong_is_told_at_its_place(string text, params string[] expected)
    {
        var report = await SurveyAsync(text);
        Assert.Equal(expected, report.Findings.Select(finding => $"{finding.Severity} {finding.Column}"));
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Advice!));
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject; sp=quarantine; np=none", "Reject Quarantine None")]
    [InlineData("v=DMARC1; p=quarantine; sp=reject", "Quarantine Reject Reject")]
    [InlineData("v=DMARC1; p=reject", "Reject Reject Reject")]
    [InlineData("v=DMARC1; p=bad; rua=mailto:d@example.test", "None None None")]
    [InlineData("v=DMARC1; p=reject; sp=bad; rua=mailto:d@example.test", "None None None")]
    [InlineData("v=DMARC1; rua=mailto:d@example.test", "None None None")]
    [InlineData("v=DMARC1; p=bad", "  ")]
    public async Task Policies_are_those_that_receivers_apply(string text, string policies)
    {
        var report = await SurveyAsync(text);
        Assert.Equal(policies, $"{report.Policy} {report.SubdomainPolicy} {report.NonexistentPolicy}");
    }

    [Fact]
    public async Task The_walk_goes_up_to_the_top_in_eight_questions()
    {
        _zone.Add("TXT", "_dmarc.example.test", "v=DMARC1; p=reject; sp=quarantine; np=none; rua=mailto:d@example.test");
        _zone.Add("A", "a.b.c.d.e.f.g.h.i.j.mail.example.test", IPAddress.Loopback);
        var report = await SurveyOf("a.b.c.d.e.f.g.h.i.j.mail.example.test");
        Assert.Equal(
            ["a.b.c.d.e.f.g.h.i.j.mail.example.test", "g.h.i.j.mail.example.test", "h.i.j.mail.example.test", "i.j.mail.example.test", "j.mail.example.test", "mail.example.test", "example.test", "test"],
            report.Walk);
        Assert.Equal(("example.test", "example.test", DmarcPolicy.Quarantine), (report.RecordDomain, report.OrganizationalDomain, report.Policy));
        Assert.Equal(["example.test", "test"], (await SurveyOf("example.test")).Walk);
    }

    [Theory]
    [InlineData("sub.example.test", "sub.example.test", "Quarantine")]       // its own record
    [InlineData("a.mail.example.test", "example.test", "Reject")]           // it exists: sp
    [InlineData("gone.example.test", "example.test", "None")]               // it does not: np
    [InlineData("mail.example.test", "example.test", "None")]               // nothing but names below it: for DMARC that is none
    public async Task Without_a_record_of_its_own_that_of_the_organization_counts(string domain, string recordDomain, string policy)
    {
        _zone.Add("TXT", "_dmarc.example.test", "v=DMARC1; p=quarantine; sp=reject; np=none; rua=mailto:d@example.test");
        _zone.Add("TXT", "_dmarc.sub.example.test", "v=DMARC1; p=quarantine; rua=mailto:d@example.test");
        var report = await SurveyOf(domain);
        Assert.Equal((recordDomain, "example.test", policy), (report.RecordDomain, report.OrganizationalDomain, report.Policy.ToString()));
        Assert.Equal(recordDomain != domain, report.Findings.Any(finding => finding is { Severity: FindingSeverity.Information, Column: 0 }));
    }

    [Fact]
    public async Task Public_suffixes_end_the_walk()
    {
        _zone.Add("TXT", "_dmarc.test", "v=DMARC1; p=reject; sp=quarantine; psd=y; rua=mailto:d@nic.test");
        var below = await SurveyOf("a.mail.example.test");
        Assert.Equal(("test", "example.test", DmarcPolicy.Quarantine), (below.RecordDomain, below.OrganizationalDomain, below.Policy));
        _zone.Add("TXT", "_dmarc.mail.example.test", "v=DMARC1; p=reject; psd=n; rua=mailto:d@example.test");
        var own = await SurveyOf("a.mail.example.test");
        Assert.Equal(("mail.example.test", "mail.example.test"), (own.RecordDomain, own.OrganizationalDomain));
        Assert.Equal(["a.mail.example.test", "mail.example.test"], own.Walk);
    }

    [Fact]
    public async Task No_record_and_several_and_near_ones_are_told_as_that()
    {
        var missing = await SurveyOf("lone.test");
        Assert.Equal((RecordVerdict.Missing, (string?)null, (DmarcPolicy?)null), (missing.Verdict, missing.Record, missing.Policy));
        _zone.Add("TXT", "_dmarc.lone.test", "v=DMARC1; p=none");
        _zone.Add("TXT", "_dmarc.lone.test", "v=DMARC1; p=reject");
        var two = await SurveyOf("lone.test");
        Assert.Equal((RecordVerdict.Invalid, (string?)null, 4), (two.Verdict, two.Record, two.Findings.Length));
        _zone.Add("TXT", "_dmarc.example.test", "v=dmarc1; p=reject\e[31m");
        var near = await SurveyOf("example.test");
        Assert.Equal(RecordVerdict.Invalid, near.Verdict);
        Assert.Contains("v=dmarc1; p=reject\\u001B[31m", near.Findings[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gone.test", ErrorCode.DnsNoSuchDomain)]
    [InlineData("down.test", ErrorCode.DnsFailed)]
    [InlineData("not a domain", ErrorCode.InvalidDomain)]
    [InlineData("single", ErrorCode.InvalidDomain)]
    [InlineData("", ErrorCode.InvalidDomain)]
    public async Task Where_there_is_nothing_to_look_over_it_is_an_error(string domain, string code)
    {
        var error = await Assert.ThrowsAsync<MailOpsException>(() => SurveyOf(domain));
        Assert.Equal(code, error.Code);
    }

    [Fact]
    public async Task A_record_with_very_many_addresses_makes_no_more_than_ten_questions()
    {
        await SurveyAsync("v=DMARC1; p=reject; rua=" + string.Join(",", Enumerable.Range(0, 500).Select(i => $"mailto:d@h{i}.stranger.test")));
        Assert.Equal(10, _zone.Asked.Count(question => question.Contains("_report._dmarc", StringComparison.Ordinal)));
    }

    private Task<DmarcRecordReport> SurveyAsync(string text)
    {
        _zone.Add("TXT", "_dmarc.example.test", text);
        return SurveyOf("example.test");
    }

    private Task<DmarcRecordReport> SurveyOf(string domain) => new DmarcSurveyor(_zone).SurveyAsync(domain, TestContext.Current.CancellationToken);
}
