using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Test-MailDomain.</summary>
public sealed class TestMailDomainCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["good.test MX"] = new Say(new Rr("MX", "mx.good.test", 10)) { Secure = true },
            ["mx.good.test A"] = new Say(new Rr("A", "192.0.2.1")) { Secure = true },
            ["mx.good.test AAAA"] = new Say { Secure = true },
            ["1.2.0.192.in-addr.arpa PTR"] = new Say(new Rr("PTR", "mx.good.test")),
            ["good.test TXT"] = new Say(new Rr("TXT", "v=spf1 mx -all")),
            ["s1._domainkey.good.test TXT"] = new Say(new Rr("TXT", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")),
            ["_dmarc.good.test TXT"] = new Say(new Rr("TXT", "v=DMARC1; p=reject; rua=mailto:d@good.test")),
            ["_mta-sts.good.test TXT"] = new Say(new Rr("TXT", "v=STSv1; id=1")),
            ["_smtp._tls.good.test TXT"] = new Say(new Rr("TXT", "v=TLSRPTv1; rua=mailto:tls@good.test")),
            ["_25._tcp.mx.good.test TLSA"] = new Say(new Rr("TLSA", "030101" + new string('0', 64)), new Rr("TLSA", "030101" + new string('1', 64))) { Secure = true },
            ["1.2.0.192.bl.test A"] = new Say(new Rr("A", "127.0.0.2")),
            ["1.2.0.192.bl.test TXT"] = new Say(new Rr("TXT", "a reason")),
            ["1.2.0.192.shy.test A"] = new Say(new Rr("A", "127.255.255.254")),
            ["bad.test MX"] = new Say(new Rr("MX", "in.bad.test", 10)),
            ["in.bad.test A"] = new Say(new Rr("A", "10.0.0.1")),
            ["bad.test TXT"] = new Say(new Rr("TXT", "v=spf1 +all")),
            ["slow.test MX"] = new Say(new Rr("MX", "mx.slow.test", 10)),
            ["mx.slow.test A"] = new Say(new Rr("A", "192.0.2.2")),
            ["slow.test TXT"] = new Say { Silent = true },
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void Many_domains_come_in_the_order_they_went_in_each_with_its_own_trouble()
    {
        var result = Run("'slow.test', 'good.test', 'absent.test', 'bad.test', 'not a domain' | Test-MailDomain -Server $dns -SkipDnsbl -SkipConnection -Timeout 3");

        Assert.Equal(["slow.test Unknown", "good.test Pass", "bad.test Fail"], result.Output.Select(test => Text(test, "Domain", "Spf")));
        Assert.Equal("good.test Pass Pass Pass Pass Pass Pass Pass Pass Pass None", Text(result.Output[1], "Domain", "Verdict", "Mx", "Spf", "Dkim", "Dmarc", "MtaSts", "TlsRpt", "Dane", "ReverseDns", "Dnsbl"));
        Assert.Equal("Fail Fail None None None None", Text(result.Output[2], "Verdict", "Mx", "Dmarc", "MtaSts", "ReverseDns", "Dnsbl"));
        Assert.Equal(["DnsNoSuchDomain", "InvalidDomain"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public void Block_lists_and_selectors_are_those_that_were_named()
    {
        var test = Run("Test-MailDomain good.test -Server $dns -Dnsbl bl.test, shy.test -DkimSelector s1, s9 -SkipConnection").AssertNoErrors().Output[0];

        Assert.Equal("Fail Fail Fail", Text(test, "Verdict", "Dkim", "Dnsbl"));
        Assert.Equal(
            ["Error 192.0.2.1 The address 192.0.2.1 of mx.good.test is on the block list bl.test (127.0.0.2): a reason", "Information shy.test shy.test does not answer the DNS server"],
            Findings(test, "Dnsbl").Select(text => text.Split(" that was asked")[0]));
        Assert.Equal("Error s9._domainkey.good.test There is no key at s9._domainkey.good.test", Findings(test, "Dkim").First().Split(':')[0]);
        Assert.DoesNotContain(_dns.Asked, question => question.Contains("spamhaus", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("InvalidDomain", Run("Test-MailDomain good.test -Server $dns -Dnsbl 'no list'").Errors[0].FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void Servers_that_do_not_answer_are_told_within_the_time()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var test = Run("Test-MailDomain good.test -Server $dns -SkipDnsbl -Timeout 4").AssertNoErrors().Output[0];

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal("Warning Fail", Text(test, "Dane", "MtaSts"));
        Assert.Contains(Findings(test, "Dane"), text => text.Contains("could not be compared with the server's certificate", StringComparison.Ordinal));
        Assert.Contains(Findings(test, "MtaSts"), text => text.Contains("There is no policy at https://mta-sts.good.test/", StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_is_shown()
    {
        engine.Host.Clear();
        using var shell = engine.Shell("param($dns) 'good.test', 'slow.test' | Test-MailDomain -Server $dns -SkipDnsbl -SkipConnection -Timeout 2", _dns.Address);

        shell.Invoke();

        var shown = shell.Streams.Progress.Where(record => record.Activity == "Looking domains over").ToArray();
        Assert.Matches(@"^2 domains, [\d.,]+ a second$", shown[0].StatusDescription);
        Assert.Equal(ProgressRecordType.Completed, shown[^1].RecordType);
    }

    private EngineResult Run(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o, params string[] names) => string.Join(' ', names.Select(name => o.Properties[name].Value));

    private static IEnumerable<string> Findings(PSObject test, string check) =>
        ((object[])test.Properties["Findings"].Value).Select(finding => new PSObject(finding)).Where(finding => $"{finding.Properties["Check"].Value}" == check).Select(finding => Text(finding, "Severity", "Domain", "Message"));
}
