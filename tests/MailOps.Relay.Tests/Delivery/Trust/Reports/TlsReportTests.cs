using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using MailOps.Relay.Delivery.Trust.Reports;
using MailOps.Relay.Tests.Fakes;
using MailOps.Tests.Shared;
using MimeKit;

namespace MailOps.Relay.Tests.Delivery.Trust.Reports;

/// <summary>What a report says, and how it looks as a message.</summary>
public sealed class TlsReportTests
{
    [Fact]
    public async Task A_report_goes_through_the_queue_to_a_server_which_reads_it_back()
    {
        await using var server = new FakeMailServer();
        await using var delivery = await new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("example.test", server)] } }.StartAsync();
        await using var scene = new TlsReportScene(delivery.Queue, delivery.Clock);
        scene.Count();
        scene.Count();
        scene.Count(TlsResultType.CertificateNotTrusted, reason: "its issuer is not trusted");
        scene.Count(policy: AppliedPolicy.None);
        await scene.UntilAsync(() => server.Mail.Count == 1);
        await delivery.UntilEmptyAsync();

        var mail = server.Mail.Single();
        Assert.StartsWith("<>", mail.From, StringComparison.Ordinal);
        Assert.StartsWith("<tls@example.test>", Assert.Single(mail.To), StringComparison.Ordinal);
        Assert.EndsWith("NOTIFY=NEVER", Assert.Single(mail.To), StringComparison.Ordinal);

        var message = await MimeMessage.LoadAsync(new MemoryStream(mail.Content), DeliveryScene.Ended);
        var id = "2026-03-01.example.test." + message.MessageId!.Split('.')[3];
        Assert.Equal($"Report Domain: example.test Submitter: origin.test Report-ID: <{id.Split('@')[0]}@origin.test>", message.Subject);
        Assert.Equal("tls@origin.test", message.From.Mailboxes.Single().Address);
        Assert.Equal(("example.test", "origin.test", "No"), (message.Headers["TLS-Report-Domain"], message.Headers["TLS-Report-Submitter"], message.Headers["TLS-Required"]));
        var report = Assert.IsType<MultipartReport>(message.Body);
        Assert.Equal("tlsrpt", report.ReportType);
        Assert.Equal(["text/plain", "application/tlsrpt+gzip"], report.Select(part => part.ContentType.MimeType));
        Assert.Matches("^origin.test!example.test!1772323200!1772409599![0-9a-f]{8}[.]json[.]gz$", ((MimePart)report[1]).FileName);

        var json = TlsReportScene.ReportIn(mail.Content);
        Assert.Equal(("Origin & Söhne", "tls@origin.test", message.MessageId), ((string?)json["organization-name"], (string?)json["contact-info"], (string?)json["report-id"]));
        Assert.Equal(
            """
            [{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing","mx: *.example.test","max_age: 86400"],"policy-domain":"example.test","mx-host":["*.example.test"]},"summary":{"total-successful-session-count":2,"total-failure-session-count":1},"failure-details":[{"result-type":"certificate-not-trusted","sending-mta-ip":"192.0.2.1","receiving-mx-hostname":"mx1.example.test","receiving-ip":"2001:db8::25","failed-session-count":1,"failure-reason-code":"its issuer is not trusted"}]},{"policy":{"policy-type":"no-policy-found","policy-domain":"example.test"},"summary":{"total-successful-session-count":1,"total-failure-session-count":0}}]
            """, json["policies"]!.ToJsonString());
    }

    [Fact]
    public async Task A_report_that_cannot_be_delivered_brings_no_other()
    {
        await using var server = new FakeMailServer { On = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 Unknown" : null };
        await using var delivery = await new DeliveryScene { Options = new SmtpRelayOptions { QueuePath = "", Routes = [DeliveryScene.Route("example.test", server)] } }.StartAsync();
        await using var scene = new TlsReportScene(delivery.Queue, delivery.Clock);
        scene.Count();
        await scene.UntilAsync(() => delivery.Agent.Failed == 1 || delivery.Queue.Count == 1);
        await MailOps.Tests.Shared.Poll.UntilAsync(() =>
        {
            // A turn of the clock may have been too much for a connection that was being made: it goes on only for who waits for it.
            if (delivery.Queue.Snapshot().Any(message => !message.Claimed && message.Recipients[0].NextAttempt > delivery.Clock.GetUtcNow())) delivery.Clock.Advance(TimeSpan.FromHours(1));
            return delivery.Agent.Failed == 1;
        });
        await delivery.UntilEmptyAsync();
        Assert.Empty(delivery.Trace.Of("DSN"));
        Assert.Empty(server.Mail);
    }

    [Fact]
    public void Its_members_are_those_of_the_reports_that_others_have_received()
    {
        var received = Conformance.Files("reports/tlsrpt", "*.json").Select(file => JsonNode.Parse(File.ReadAllText(file))!)
            .Concat(Conformance.Files("reports/tlsrpt", "mox-*.eml").Select(file => TlsReportScene.ReportIn(File.ReadAllBytes(file)))).Select(Members).ToList();
        Assert.True(received.Count >= 5);
        var policies = (PolicyResults[])[
            new(TlsReportScene.Sts, 1, [new(new(TlsResultType.StartTlsNotSupported, "mx1.example.test", "192.0.2.1", "192.0.2.2"), "no", 1)]),
            new(AppliedPolicy.None, 1, [])];
        var own = Members(JsonNode.Parse(new TlsReport(new DomainResults(new DateOnly(2026, 3, 1), "example.test", policies), new TlsReportOrigin("relay.test", "Origin", "tls@origin.test")).ToJson())!);
        Assert.Empty(own.Except(received.SelectMany(members => members)));
        Assert.Empty(received.Aggregate(received[0], (common, members) => [.. common.Intersect(members)]).Except(own));
    }

    [Theory]
    [InlineData("mailto:tls@example.test", "tls@example.test")]
    [InlineData("MAILTO:a%2Bb@example.test?subject=x", "a+b@example.test")]
    [InlineData("mailto:tls@example.test,b@example.test", null)]
    [InlineData("mailto:tls@example.test%0D%0ABcc:x@y.test", null)]
    [InlineData("https://example.test/tls@example.test", null)]
    [InlineData("mailto:", null)]
    public void An_address_is_read_from_its_URI(string uri, string? address) => Assert.Equal(address, TlsReportMail.AddressOf(uri)?.ToString());

    [Theory]
    [InlineData("https://example.test/v1", true)]
    [InlineData("https://example.test:443/v1", true)]
    [InlineData("https://example.test:8443/v1", false)]
    [InlineData("http://example.test/v1", false)]
    [InlineData("https://192.0.2.1/v1", false)]
    [InlineData("https://[2001:db8::1]/v1", false)]
    [InlineData("https://u:p@example.test/v1", false)]
    [InlineData("file:///etc/passwd", false)]
    public void A_web_server_is_one_by_name_on_the_usual_port(string uri, bool isTarget) => Assert.Equal(isTarget, TlsReportPost.TargetOf(uri) is not null);

    [Fact]
    public void Failures_beyond_the_limit_keep_their_type_and_number()
    {
        var counts = new TlsResultCounts();
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(counts.Add(new DateOnly(2026, 3, 1), new TlsResult("example.test", AppliedPolicy.None, string.Create(CultureInfo.InvariantCulture, $"mx{i}.example.test"), TlsResultType.CertificateExpired)
            {
                ReceivingAddress = IPAddress.Loopback,
            }));
        }
        var failures = Assert.Single(Assert.Single(counts.All()).Policies).Failures;
        Assert.Equal(101, failures.Count);
        Assert.Equal(1000, failures.Sum(failure => failure.Count));
        Assert.Equal(900, failures.Single(failure => failure.Kind == new FailureKind(TlsResultType.CertificateExpired)).Count);
    }

    // The paths of all members, without the places in arrays.
    private static HashSet<string> Members(JsonNode node) => [.. Paths(node, "")];

    private static IEnumerable<string> Paths(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.SelectMany(member => Paths(member.Value, path + "/" + member.Key).Prepend(path + "/" + member.Key)),
        JsonArray items => items.SelectMany(item => Paths(item, path)),
        _ => [],
    };
}
