using System.Net;
using System.Text;
using MailOps.Core.Tests.Dns;
using MailOps.Dns;
using MailOps.Policies;

namespace MailOps.Core.Tests.Policies;

/// <summary>What is said of MTA-STS policies and TLS-RPT records.</summary>
public sealed class PolicySurveyorTests : IDisposable
{
    private const string Good = "version: STSv1\nmode: enforce\nmx: mx.example.test\nmx: *.backup.test\nmax_age: 604800\n";

    private readonly ZoneInspector _zone = new() { Fails = name => name.EndsWith("down.test", StringComparison.Ordinal) };
    private readonly Site _site = new();
    private readonly MtaStsFetcher _fetcher;

    public PolicySurveyorTests()
    {
        _fetcher = new MtaStsFetcher(_site);
        _zone.Add("MX", "example.test", new MxRecord(10, "mx.example.test"));
        _zone.Add("MX", "example.test", new MxRecord(20, "mx.backup.test"));
        _zone.Add("TXT", "_mta-sts.example.test", "v=STSv1; id=1;");
    }

    public void Dispose() => _fetcher.Dispose();

    [Fact]
    public async Task A_good_policy_has_no_findings()
    {
        _site.Text = Good;
        var report = await PolicyAsync();
        Assert.Equal((RecordVerdict.Valid, MtaStsMode.Enforce, "1", 7, 5), (report.Verdict, report.Mode, report.Id, report.MaxAge.Days, report.Policy.Length));
        Assert.Equal(["mx.example.test", "*.backup.test"], report.Mx);
        Assert.Empty(report.Findings);
        Assert.Equal(["https://mta-sts.example.test/.well-known/mta-sts.txt"], _site.Asked);
    }

    [Theory]
    [InlineData("mode: enforce\nmx: mx.example.test", "Error mx.backup.test")]
    [InlineData("mode: testing\nmx: mx.example.test", "Information mode: testing", "Warning mx.backup.test")]
    [InlineData("mode: enforce\nmx: mx.example.test\nmx: mx.backup.test\nmx: old.test", "Information old.test")]
    [InlineData("mode: none", "Warning mode: none")]
    [InlineData("mode: on\nmx: mx.example.test", "Error line 2, character 7")]
    public async Task What_is_wrong_with_a_policy_is_told(string lines, params string[] expected)
    {
        _site.Text = $"version: STSv1\n{lines}\nmax_age: 604800\n";
        var report = await PolicyAsync();
        Assert.Equal(expected.Length, report.Findings.Length);
        Assert.All(report.Findings.Zip(expected), pair => Assert.Contains(pair.Second.Split(' ', 2)[1], $"{pair.First.Severity} {pair.First.Message}", StringComparison.Ordinal));
        Assert.Equal(expected.Select(text => text.Split(' ')[0]), report.Findings.Select(finding => $"{finding.Severity}"));
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Advice!));
    }

    [Fact]
    public async Task A_policy_that_is_not_there_or_kept_for_a_moment_is_told()
    {
        var absent = await PolicyAsync();
        Assert.Equal((RecordVerdict.Invalid, (MtaStsMode?)null), (absent.Verdict, absent.Mode));
        Assert.Contains("404", Assert.Single(absent.Findings).Message, StringComparison.Ordinal);
        _site.Text = Good.Replace("604800", "300", StringComparison.Ordinal);
        var brief = await PolicyAsync();
        Assert.Contains("300 seconds", Assert.Single(brief.Findings).Message, StringComparison.Ordinal);
        Assert.Equal(RecordVerdict.Warning, brief.Verdict);
    }

    [Fact]
    public async Task Without_a_record_nothing_is_fetched_and_a_faulty_one_is_told_at_its_place()
    {
        _zone.Add("A", "other.test", IPAddress.Loopback);
        var missing = await new MtaStsSurveyor(_zone, _fetcher).SurveyAsync("other.test", TestContext.Current.CancellationToken);
        Assert.Equal((RecordVerdict.Missing, 1), (missing.Verdict, missing.Findings.Length));
        Assert.Empty(_site.Asked);
        _site.Text = Good;
        _zone.Add("TXT", "_mta-sts.wrong.test", "v=STSv1; id=a-b");
        _zone.Add("MX", "wrong.test", new MxRecord(10, "mx.example.test"));
        _zone.Add("MX", "wrong.test", new MxRecord(10, "a.backup.test"));
        var wrong = await new MtaStsSurveyor(_zone, _fetcher).SurveyAsync("wrong.test", TestContext.Current.CancellationToken);
        Assert.Equal((RecordVerdict.Invalid, 13), (wrong.Verdict, Assert.Single(wrong.Findings).Column));
    }

    [Theory]
    [InlineData("v=TLSRPTv1; rua=mailto:tls@example.test", RecordVerdict.Valid)]
    [InlineData("v=TLSRPTv1; rua=ftp://example.test/x", RecordVerdict.Warning, 17)]
    [InlineData("v=TLSRPTv1; rua=nobody", RecordVerdict.Invalid, 17)]
    [InlineData("v=TLSRPTv1;", RecordVerdict.Invalid, 0)]
    [InlineData("v=TLSRPTv2; rua=mailto:tls@example.test", RecordVerdict.Missing, 0)]
    public async Task Places_for_reports_are_judged(string text, RecordVerdict verdict, params int[] columns)
    {
        _zone.Add("TXT", "_smtp._tls.example.test", text);
        var report = await new TlsRptSurveyor(_zone).SurveyAsync("example.test", TestContext.Current.CancellationToken);
        Assert.Equal(verdict, report.Verdict);
        Assert.Equal(columns, report.Findings.Select(finding => finding.Column));
        Assert.Equal(verdict == RecordVerdict.Missing ? null : text, report.Record);
    }

    [Theory]
    [InlineData("gone.test", ErrorCode.DnsNoSuchDomain)]
    [InlineData("down.test", ErrorCode.DnsFailed)]
    [InlineData("single", ErrorCode.InvalidDomain)]
    public async Task Where_there_is_nothing_to_look_over_it_is_an_error(string domain, string code)
    {
        Assert.Equal(code, (await Assert.ThrowsAsync<MailOpsException>(() => new TlsRptSurveyor(_zone).SurveyAsync(domain, TestContext.Current.CancellationToken))).Code);
        Assert.Equal(code, (await Assert.ThrowsAsync<MailOpsException>(() => new MtaStsSurveyor(_zone, _fetcher).SurveyAsync(domain, TestContext.Current.CancellationToken))).Code);
    }

    private Task<MtaStsPolicyReport> PolicyAsync() => new MtaStsSurveyor(_zone, _fetcher).SurveyAsync("example.test", TestContext.Current.CancellationToken);

    /// <summary>A web server that has one text, or nothing.</summary>
    private sealed class Site : HttpMessageHandler
    {
        public string? Text { get; set; }

        public List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.AbsoluteUri);
            return Task.FromResult(Text is null ? new HttpResponseMessage(HttpStatusCode.NotFound) : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Text, Encoding.UTF8, "text/plain") });
        }
    }
}
