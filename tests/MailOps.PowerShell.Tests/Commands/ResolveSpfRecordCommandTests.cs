using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class ResolveSpfRecordCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["good.test TXT"] = new Say(new Rr("TXT", "v=spf1 include:inner.test| -all")) { Ttl = 600 },
            ["inner.test TXT"] = new Say(new Rr("TXT", "v=spf1 mx ip4:192.0.2.0/24 ~all")),
            ["inner.test MX"] = new Say(new Rr("MX", "mx.inner.test", 10)),
            ["wrong.test TXT"] = new Say(new Rr("TXT", "v=spf1 ip:192.0.2.1 include:gone.test +all")),
            ["other.test TXT"] = new Say(new Rr("TXT", "hello")),
            ["xn--bcher-kva.test TXT"] = new Say(new Rr("TXT", "v=spf1 ~all ptr")),
            ["broken.test *"] = new Say { Code = 2 },
            ["slow.test *"] = new Say { Silent = true },
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void A_record_comes_with_its_terms_and_what_they_lead_to()
    {
        var report = Resolve("Resolve-SpfRecord good.test -Server $dns").AssertNoErrors().Only;

        Assert.Equal("good.test Valid v=spf1 include:inner.test -all 2 0 00:10:00", Text(report, "Domain", "Verdict", "Record", "LookupCount", "VoidLookupCount", "TTL"));
        var lines = Resolve("$r = Resolve-SpfRecord good.test -Server $dns; $r.Terms | ForEach-Object { \"$($_.Column) $($_.Term) $($_.Result) $($_.IsLookup)\" }; $r.Tree | ForEach-Object { \"$_\" }").AssertNoErrors().Output;
        Assert.Equal(
            ["8 include:inner.test Pass True", "27 -all Fail False", "include:inner.test: the record of inner.test", "  mx: 1 mail exchanger", "  ip4:192.0.2.0/24: pass", "  ~all: softfail", "-all: fail"],
            lines.Select(o => o.ToString()));
    }

    [Fact]
    public void Findings_come_with_place_and_advice()
    {
        var lines = Resolve("$r = Resolve-SpfRecord wrong.test -Server $dns; \"$($r.Verdict)\"; $r.Findings | ForEach-Object { \"$($_.Severity) $($_.Column) $([bool] $_.Advice)\" }").AssertNoErrors().Output;

        Assert.Equal(["Invalid", "Error 8 True", "Error 39 True", "Error 21 True"], lines.Select(o => o.ToString()));
    }

    [Fact]
    public void Each_failure_is_an_error_of_its_own_and_the_output_keeps_the_order()
    {
        var result = Resolve(
            "'slow.test', 'absent.test', 'good.test', 'not a domain', '', 'broken.test', 'other.test', 'bücher.test' | ForEach-Object { [pscustomobject]@{ Domain = $_ } } | Resolve-SpfRecord -Server $dns -Timeout 2");

        Assert.Equal(["DnsFailed slow.test", "DnsNoSuchDomain absent.test", "InvalidDomain not a domain", "InvalidDomain ", "DnsFailed broken.test"],
            result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Equal(["good.test Valid", "other.test Missing", "bücher.test Warning"], result.Output.Select(o => Text(o, "Domain", "Verdict")));
    }

    [Fact]
    public void Many_domains_are_looked_over_side_by_side()
    {
        // Two seconds for each silent domain, one after the other, would be a minute.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var result = Resolve("1..32 | ForEach-Object { 'slow.test' } | Resolve-SpfRecord -Server $dns -Timeout 2");

        Assert.Equal(32, result.Errors.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(40), $"{clock.Elapsed}");
    }

    private EngineResult Resolve(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o, params string[] names) => string.Join(' ', names.Select(name => o.Properties[name].Value));
}
