using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Resolve-DkimRecord, Resolve-MtaStsPolicy and Resolve-TlsRptRecord.</summary>
public sealed class ResolvePolicyRecordCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["s1._domainkey.good.test TXT"] = new Say(new Rr("TXT", "v=DKIM1; k=ed25519; |p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")) { Ttl = 600 },
            ["old._domainkey.good.test TXT"] = new Say(new Rr("TXT", "v=DKIM1; p=")),
            ["good.test A"] = new Say(new Rr("A", "192.0.2.1")),
            ["_smtp._tls.good.test TXT"] = new Say(new Rr("TXT", "v=TLSRPTv1; rua=mailto:tls@good.test")),
            ["_smtp._tls.wrong.test TXT"] = new Say(new Rr("TXT", "v=TLSRPTv1; rua=nobody")),
            ["_mta-sts.wrong.test TXT"] = new Say(new Rr("TXT", "v=STSv1; id=a-b")),
            ["wrong.test MX"] = new Say(new Rr("MX", "mx.wrong.test", 10)),
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void Each_selector_gives_a_key()
    {
        var keys = Resolve("Resolve-DkimRecord good.test -Selector s1, old, gone -Server $dns").AssertNoErrors().Output;

        Assert.Equal(
            ["good.test s1 Valid Ed25519 256 False v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "good.test old Invalid Rsa 0 True v=DKIM1; p=", "good.test gone Missing  0 False "],
            keys.Select(key => Text(key, "Domain", "Selector", "Verdict", "KeyType", "KeySize", "IsRevoked", "Record")));
    }

    [Fact]
    public void Places_for_reports_on_TLS_are_told()
    {
        var result = Resolve("'good.test', 'wrong.test', 'absent.test', 'single' | Resolve-TlsRptRecord -Server $dns");

        Assert.Equal(["good.test Valid mailto:tls@good.test", "wrong.test Invalid "], result.Output.Select(report => Text(report, "Domain", "Verdict", "ReportUri")));
        Assert.Equal(["DnsNoSuchDomain", "InvalidDomain"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
    }

    [Fact]
    public void Policies_are_told_though_the_web_server_is_not_there()
    {
        var result = Resolve("'good.test', 'wrong.test', 'absent.test' | Resolve-MtaStsPolicy -Server $dns -Timeout 5");

        Assert.Equal(["good.test Missing ", "wrong.test Invalid https://mta-sts.wrong.test/.well-known/mta-sts.txt"], result.Output.Select(report => Text(report, "Domain", "Verdict", "PolicyUri")));
        Assert.Equal("DnsNoSuchDomain", Assert.Single(result.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["Error 13", "Error 0"], Resolve("(Resolve-MtaStsPolicy wrong.test -Server $dns -Timeout 5).Findings | ForEach-Object { \"$($_.Severity) $($_.Column)\" }").Output.Select(o => o.ToString()));
    }

    private EngineResult Resolve(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o, params string[] names) => string.Join(' ', names.Select(name => o.Properties[name].Value is string[] list ? string.Join(',', list) : o.Properties[name].Value));
}
