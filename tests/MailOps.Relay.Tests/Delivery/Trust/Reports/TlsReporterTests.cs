using System.Globalization;
using MailOps.Relay.Delivery.Trust.Reports;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;

namespace MailOps.Relay.Tests.Delivery.Trust.Reports;

/// <summary>When reports are sent, how often they are tried, and what a restart keeps.</summary>
public sealed class TlsReporterTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_day_is_reported_once_in_the_hours_after_it_and_the_next_day_again()
    {
        await using var scene = new TlsReportScene();
        scene.Count();
        await scene.UntilAsync(Midnight - TimeSpan.FromMinutes(1));
        Assert.Empty(scene.Queue.Mail);

        await scene.UntilAsync(() => scene.Queue.Mail.Count == 1);
        Assert.InRange(scene.Clock.GetUtcNow(), Midnight, Midnight + TlsReporter.Spread + TimeSpan.FromMinutes(30));
        scene.Count();
        scene.Count();
        await scene.UntilAsync(Midnight + TimeSpan.FromHours(30));

        Assert.Equal(2, scene.Queue.Mail.Count);
        var reports = scene.Queue.Mail.Select(mail => TlsReportScene.ReportIn(mail.Content)).ToList();
        Assert.Equal(["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"], reports.Select(report => (string?)report["date-range"]!["start-datetime"]));
        Assert.Equal([1, 2], reports.Select(report => (int)report["policies"]![0]!["summary"]!["total-successful-session-count"]!));
        Assert.Equal(["mailto:tls@example.test"], scene.Trace.Of("TLSREPORT").First().Recipients);
        Assert.Empty(scene.Trace.Faults);
    }

    [Fact]
    public async Task Domains_are_spread_over_the_hours()
    {
        await using var scene = new TlsReportScene();
        for (var i = 0; i < 8; i++)
        {
            var domain = string.Create(CultureInfo.InvariantCulture, $"d{i}.test");
            scene.Dns.Txt["_smtp._tls." + domain] = ["v=TLSRPTv1; rua=mailto:tls@" + domain];
            scene.Count(domain: domain);
        }
        await scene.UntilAsync(() => scene.Queue.Mail.Count == 8);
        Assert.True(scene.Trace.Of("TLSREPORT").Select(step => step.Timestamp.Ticks / TimeSpan.TicksPerHour).Distinct().Count() > 1);
    }

    [Fact]
    public async Task A_domain_that_does_not_ask_gets_nothing()
    {
        await using var scene = new TlsReportScene();
        scene.Dns.Txt["_smtp._tls.broken.test"] = ["v=TLSRPTv1; rua="];
        scene.Dns.Txt["_smtp._tls.elsewhere.test"] = ["v=TLSRPTv1; rua=ftp://elsewhere.test/x, https://elsewhere.test:8443/, https://user@elsewhere.test/, https://127.0.0.1/"];
        foreach (var domain in (string[])["silent.test", "broken.test", "elsewhere.test", "example.test"]) scene.Count(domain: domain);
        await scene.UntilAsync(Midnight + TlsReporter.Spread + TimeSpan.FromMinutes(30));
        Assert.Equal("tls@example.test", Assert.Single(scene.Queue.Mail).Recipients.Single().ForwardPath.ToString());
        await scene.RestartAsync();
        Assert.DoesNotContain(".test", await File.ReadAllTextAsync(scene.File, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(scene.Trace.Faults);
    }

    [Fact]
    public async Task A_DNS_that_does_not_answer_is_asked_again_for_a_day_and_then_it_is_told()
    {
        await using var scene = new TlsReportScene();
        scene.Dns.Fail.Add("TXT _smtp._tls.example.test");
        scene.Dns.Txt["_smtp._tls.late.test"] = ["v=TLSRPTv1; rua=mailto:tls@late.test"];
        scene.Dns.Fail.Add("TXT _smtp._tls.late.test");
        scene.Count();
        scene.Count(domain: "late.test");
        await scene.UntilAsync(Midnight + TimeSpan.FromHours(12));
        Assert.Empty(scene.Trace.Faults);
        scene.Dns.Fail.Remove("TXT _smtp._tls.late.test");
        await scene.UntilAsync(() => scene.Queue.Mail.Count == 1);
        await scene.UntilAsync(Midnight + TimeSpan.FromHours(30));
        Assert.Contains("The TLS report to example.test on 2026-03-01 could not be sent for a day", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        Assert.Equal("tls@late.test", Assert.Single(scene.Queue.Mail).Recipients.Single().ForwardPath.ToString());
    }

    [Fact]
    public async Task A_report_is_posted_and_only_where_it_was_refused_tried_again()
    {
        await using var server = new HttpsServer(TrustedCertificate.ForPolicies);
        await using var scene = new TlsReportScene(server: server);
        scene.Dns.Txt["_smtp._tls.example.test"] = ["v=TLSRPTv1; rua=https://mta-sts.example.test/v1/tls?a=b,mailto:tls@example.test"];
        server.On = _ => new HttpsResponse(server.Requests.Count < 2 ? 503 : 201, null, []);
        scene.Count();
        scene.Count(TlsResultType.CertificateExpired);
        await scene.UntilAsync(() => scene.Trace.Of("TLSREPORT").Count() == 2);

        Assert.Equal(["mailto:tls@example.test", "https://mta-sts.example.test/v1/tls?a=b"], scene.Trace.Of("TLSREPORT").Select(step => step.Recipients.Single()));
        Assert.Single(scene.Queue.Mail);
        Assert.Equal(3, server.Requests.Count);
        Assert.All(server.Requests, request => Assert.Equal(("POST /v1/tls?a=b HTTP/1.1", "application/tlsrpt+gzip"), (request.Line, request.Header["Content-Type"])));
        var posted = TlsReportScene.Unzip(server.Requests[2].Body);
        Assert.Equal(TlsReportScene.ReportIn(scene.Queue.Mail[0].Content).ToJsonString(), posted.ToJsonString());
        Assert.Empty(scene.Trace.Faults);
    }

    [Fact]
    public async Task A_queue_that_takes_nothing_now_gets_the_report_later()
    {
        await using var scene = new TlsReportScene();
        scene.Queue.RefuseSender = _ => scene.Queue.Begun < 3 ? new SmtpReply(452, "4.3.1", "Full") : null;
        scene.Count();
        await scene.UntilAsync(() => scene.Queue.Mail.Count == 1);
        Assert.Equal(3, scene.Queue.Begun);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(5, 0)]
    public async Task What_was_missed_is_made_up_for_three_days_back(int daysOff, int reports)
    {
        await using var scene = new TlsReportScene();
        scene.Count();
        await scene.RestartAsync(() => scene.Clock.SetUtcNow(scene.Clock.GetUtcNow().AddDays(daysOff)));
        await scene.UntilAsync(scene.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.Equal(reports, scene.Queue.Mail.Count);
        if (reports > 0) Assert.Equal("2026-03-01T23:59:59Z", (string?)TlsReportScene.ReportIn(scene.Queue.Mail[0].Content)["date-range"]!["end-datetime"]);
    }

    [Fact]
    public async Task A_restart_goes_on_counting_where_it_was()
    {
        await using var scene = new TlsReportScene();
        scene.Count();
        scene.Count(TlsResultType.CertificateExpired, reason: "too old");
        await scene.RestartAsync();
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scene.File));
        scene.Count();
        scene.Count(TlsResultType.CertificateExpired);
        await scene.UntilAsync(() => scene.Queue.Mail.Count == 1);
        var policy = Assert.Single(TlsReportScene.ReportIn(scene.Queue.Mail[0].Content)["policies"]!.AsArray())!;
        Assert.Equal((2, 2), ((int)policy["summary"]!["total-successful-session-count"]!, (int)policy["summary"]!["total-failure-session-count"]!));
        Assert.Equal("too old", (string?)Assert.Single(policy["failure-details"]!.AsArray())!["failure-reason-code"]);
    }

    [Fact]
    public async Task A_report_that_waits_for_its_next_attempt_survives_a_restart()
    {
        await using var scene = new TlsReportScene();
        scene.Dns.Fail.Add("TXT _smtp._tls.example.test");
        scene.Count();
        await scene.UntilAsync(Midnight + TimeSpan.FromHours(6));
        await scene.RestartAsync(scene.Dns.Fail.Clear);
        await scene.UntilAsync(() => scene.Queue.Mail.Count == 1);
        Assert.Equal("2026-03-01T00:00:00Z", (string?)TlsReportScene.ReportIn(scene.Queue.Mail[0].Content)["date-range"]!["start-datetime"]);
    }

    [Fact]
    public async Task A_crash_loses_no_more_than_some_minutes()
    {
        await using var scene = new TlsReportScene();
        scene.Count();
        scene.Clock.Advance(TimeSpan.FromMinutes(5));
        await Poll.UntilAsync(() => File.Exists(scene.File));
    }

    [Fact]
    public async Task A_damaged_file_is_told_and_set_aside()
    {
        await using var scene = new TlsReportScene();
        scene.Count();
        await scene.RestartAsync(() => File.WriteAllText(scene.File, File.ReadAllText(scene.File)[..^5]));
        Assert.Contains("' is damaged: ", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
        Assert.True(File.Exists(scene.File + ".damaged"));
        scene.Count();
        await scene.UntilAsync(() => scene.Queue.Mail.Count == 1);
    }

    [Fact]
    public async Task More_domains_than_are_counted_are_told_once_a_day()
    {
        await using var scene = new TlsReportScene(maxDomains: 3);
        for (var i = 0; i < 10; i++) scene.Count(domain: string.Create(CultureInfo.InvariantCulture, $"d{i}.test"));
        Assert.Contains("more domains", Assert.Single(scene.Trace.Faults), StringComparison.Ordinal);
    }
}
