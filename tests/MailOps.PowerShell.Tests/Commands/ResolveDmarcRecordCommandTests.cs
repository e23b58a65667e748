using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class ResolveDmarcRecordCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["_dmarc.good.test TXT"] = new Say(new Rr("TXT", "v=DMARC1; p=reject; |rua=mailto:d@good.test")) { Ttl = 600 },
            ["_dmarc.wrong.test TXT"] = new Say(new Rr("TXT", "v=DMARC1; p=none; adkim=x; rua=mailto:d@other.test")),
            ["sub.good.test A"] = new Say(new Rr("A", "192.0.2.1")),
            ["other.test A"] = new Say(new Rr("A", "192.0.2.1")),
            ["_dmarc.slow.test *"] = new Say { Silent = true },
            ["_dmarc.broken.test *"] = new Say { Code = 2 },
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void The_record_that_counts_comes_with_what_it_means()
    {
        var reports = Resolve("Resolve-DmarcRecord good.test, sub.good.test -Server $dns").AssertNoErrors().Output;

        Assert.Equal(
            ["good.test Valid Reject good.test good.test v=DMARC1; p=reject; rua=mailto:d@good.test 00:10:00", "sub.good.test Valid Reject good.test good.test v=DMARC1; p=reject; rua=mailto:d@good.test 00:10:00"],
            reports.Select(report => Text(report, "Domain", "Verdict", "Policy", "RecordDomain", "OrganizationalDomain", "Record", "TTL")));
        Assert.Equal("mailto:d@good.test sub.good.test,good.test,test", Resolve("$r = Resolve-DmarcRecord sub.good.test -Server $dns; \"$($r.AggregateReportUri) $($r.Walk -join ',')\"").Only.ToString());
    }

    [Fact]
    public void Findings_come_with_place_and_advice()
    {
        var lines = Resolve("$r = Resolve-DmarcRecord wrong.test -Server $dns; \"$($r.Verdict)\"; $r.Findings | ForEach-Object { \"$($_.Severity) $($_.Column) $([bool] $_.Advice)\" }").AssertNoErrors().Output;

        Assert.Equal(["Invalid", "Information 11 True", "Error 25 True", "Warning 32 True"], lines.Select(o => o.ToString()));
    }

    [Fact]
    public void Each_failure_is_an_error_of_its_own_and_the_output_keeps_the_order()
    {
        var result = Resolve(
            "'slow.test', 'absent.test', 'good.test', 'not a domain', '', 'broken.test', 'other.test' | ForEach-Object { [pscustomobject]@{ Domain = $_ } } | Resolve-DmarcRecord -Server $dns -Timeout 2");

        Assert.Equal(["DnsFailed slow.test", "DnsNoSuchDomain absent.test", "InvalidDomain not a domain", "InvalidDomain ", "DnsFailed broken.test"],
            result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Equal(["good.test Valid", "other.test Missing"], result.Output.Select(o => Text(o, "Domain", "Verdict")));
    }

    private EngineResult Resolve(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o, params string[] names) => string.Join(' ', names.Select(name => o.Properties[name].Value));
}
