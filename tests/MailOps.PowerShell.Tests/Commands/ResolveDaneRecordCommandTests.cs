using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Resolve-DaneRecord.</summary>
public sealed class ResolveDaneRecordCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Sum = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["good.test MX"] = new Say(new Rr("MX", "mx.good.test", 10), new Rr("MX", "mx2.good.test", 20)) { Secure = true },
            ["mx.good.test A"] = new Say(new Rr("A", "192.0.2.1")) { Secure = true },
            ["mx.good.test AAAA"] = new Say { Secure = true },
            ["_25._tcp.mx.good.test TLSA"] = new Say(new Rr("TLSA", "030101" + Sum), new Rr("TLSA", "000001" + Sum)) { Secure = true, Ttl = 600 },
            ["mx2.good.test A"] = new Say(new Rr("A", "127.0.0.1")),
            ["_2525._tcp.mx.good.test TLSA"] = new Say(new Rr("TLSA", "030101" + Sum)),
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void Each_mail_server_gives_an_object_and_each_domain_its_own_errors()
    {
        var result = Resolve("'good.test', 'absent.test', 'not a domain' | Resolve-DaneRecord -Server $dns -SkipConnection");

        Assert.Equal(
            [$"good.test mx.good.test 10 Warning True True True _25._tcp.mx.good.test 3 1 1 {Sum}|0 0 1 {Sum}", "good.test mx2.good.test 20 Missing True False False _25._tcp.mx2.good.test "],
            result.Output.Select(report => Text(report, "Domain", "NameExchange", "Preference", "Verdict", "IsMxSecure", "IsAddressSecure", "IsSecure", "RecordName", "Records")));
        Assert.Equal(["DnsNoSuchDomain", "InvalidDomain"], result.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(TimeSpan.FromMinutes(10), result.Output[0].Properties["TTL"].Value);
    }

    [Fact]
    public void A_server_and_a_port_are_looked_over_without_a_domain()
    {
        var report = Assert.Single(Resolve("Resolve-DaneRecord mx.good.test -IsServer -Port 2525 -Server $dns -Timeout 2").AssertNoErrors().Output);

        Assert.Equal("mx.good.test 2525 Warning  False _2525._tcp.mx.good.test", Text(report, "NameExchange", "Port", "Verdict", "IsMxSecure", "IsSecure", "RecordName"));
        Assert.DoesNotContain(_dns.Asked, question => question.EndsWith(" MX", StringComparison.Ordinal));
    }

    private EngineResult Resolve(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o, params string[] names) => string.Join(' ', names.Select(name => o.Properties[name].Value is object[] list ? string.Join('|', list) : o.Properties[name].Value));
}
