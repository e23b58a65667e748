using System.Management.Automation;
using System.Net;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class ResolveMailExchangerCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["example.test MX"] = new Say(new("MX", "b.test", 20), new("MX", "a.test", 10)) { Ttl = 600 },
            ["a.test A"] = new Say(new Rr("A", "192.0.2.1")),
            ["a.test AAAA"] = new Say(new Rr("AAAA", "2001:db8::1")),
            ["b.test A"] = new Say(new Rr("A", "192.0.2.2")),
            ["host.test A"] = new Say(new Rr("A", "192.0.2.3")),
            ["nomail.test MX"] = new Say(new Rr("MX", ".")),
            ["unusable.test MX"] = new Say(new Rr("MX", "gone.test", 5)),
            ["broken.test *"] = new Say { Code = 2 },
            ["slow.test *"] = new Say { Silent = true },
            ["xn--bcher-kva.test MX"] = new Say(new Rr("MX", "a.test", 10)),
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void Exchangers_come_in_order_with_addresses()
    {
        var output = Resolve("Resolve-MailExchanger example.test -Server $dns").AssertNoErrors().Output;

        Assert.Equal(["example.test 10 a.test 2001:db8::1,192.0.2.1 00:10:00 False False", "example.test 20 b.test 192.0.2.2 00:10:00 False False"], output.Select(Text));
    }

    [Fact]
    public void A_domain_without_mx_and_one_that_takes_no_mail_are_objects()
    {
        var output = Resolve("'host.test', 'nomail.test', '[192.0.2.9]' | Resolve-MailExchanger -Server $dns").AssertNoErrors().Output;

        Assert.Equal(["host.test 0 host.test 192.0.2.3 00:05:00 True False", "nomail.test 0   00:05:00 False True"], output.Take(2).Select(Text));
        Assert.Equal("[192.0.2.9]", output[2].Properties["NameExchange"].Value);
    }

    [Fact]
    public void Each_failure_is_an_error_of_its_own_and_the_output_keeps_the_order()
    {
        var result = Resolve(
            "'absent.test', 'example.test', 'unusable.test', 'broken.test', 'not a domain', '', 'bücher.test' | ForEach-Object { [pscustomobject]@{ Domain = $_ } } | Resolve-MailExchanger -Server $dns");

        Assert.Equal(
            ["DnsNoSuchDomain absent.test", "DnsNoMailExchanger unusable.test", "DnsFailed broken.test", "InvalidDomain not a domain", "InvalidDomain "],
            result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Equal(["example.test", "example.test", "unusable.test", "bücher.test"], result.Output.Select(o => o.Properties["Domain"].Value));
    }

    [Fact]
    public void Without_addresses_there_is_one_question_a_domain()
    {
        var output = Resolve("Resolve-MailExchanger example.test -Server $dns -NoAddress").AssertNoErrors().Output;

        Assert.Equal(["example.test 10 a.test  00:10:00 False False", "example.test 20 b.test  00:10:00 False False"], output.Select(Text));
        Assert.Equal(["udp example.test MX"], _dns.Asked);
    }

    [Fact]
    public void Many_domains_are_asked_for_side_by_side()
    {
        // Two seconds for each silent domain, one after the other, would be a minute.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var result = Resolve("1..32 | ForEach-Object { 'slow.test' } | Resolve-MailExchanger -Server $dns -Timeout 2 -NoAddress");

        Assert.Equal(32, result.Errors.Count);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(40), $"{clock.Elapsed}");
    }

    [Fact]
    public void Look_ups_are_many_at_a_time_but_not_without_bound()
    {
        using var dns = new LoopbackDnsServer { Delay = TimeSpan.FromMilliseconds(200) };
        foreach (var i in Enumerable.Range(1, 600)) dns.Zone[$"d{i}.test MX"] = new Say(new Rr("MX", $"mx{i}.test", 10));

        var output = engine.Run("param($dns) 1..600 | ForEach-Object { \"d$_.test\" } | Resolve-MailExchanger -NoAddress -Server $dns -Timeout 60", dns.Address).AssertNoErrors().Output;

        Assert.Equal(Enumerable.Range(1, 600).Select(i => $"mx{i}.test"), output.Select(o => (string)o.Properties["NameExchange"].Value));
        Assert.InRange(dns.MostAtOnce, 32, 64);
    }

    [Fact]
    public void One_that_is_slow_does_not_hold_up_those_behind_it()
    {
        foreach (var i in Enumerable.Range(1, 300)) _dns.Zone[$"d{i}.test MX"] = new Say(new Rr("MX", $"mx{i}.test", 10));
        using var shell = engine.Shell("param($dns) @('slow.test') + (1..300 | ForEach-Object { \"d$_.test\" }) | Resolve-MailExchanger -NoAddress -Server $dns -Timeout 600", _dns.Address);
        var running = shell.BeginInvoke();

        Assert.True(SpinWait.SpinUntil(() => _dns.Asked.Contains("udp d300.test MX"), TimeSpan.FromSeconds(60)));
        shell.Stop();
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
    }

    [Fact]
    public void A_server_that_is_no_address_ends_the_cmdlet()
    {
        var error = Resolve("try { 'a.test', 'b.test' | Resolve-MailExchanger -Server dns.test } catch { $_ }").Only;

        Assert.Equal("InvalidAddress,MailOps.PowerShell.Commands.ResolveMailExchangerCommand", ((ErrorRecord)error.BaseObject).FullyQualifiedErrorId);
    }

    [Fact]
    public void A_stop_is_prompt()
    {
        engine.AssertStops(() => !_dns.Asked.IsEmpty, "param($dns) 'slow.test', 'slow.test' | Resolve-MailExchanger -Server $dns -Timeout 600", _dns.Address);
    }

    private EngineResult Resolve(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o)
    {
        object? Get(string name) => o.Properties[name].Value;
        return $"{Get("Domain")} {Get("Preference")} {Get("NameExchange")} {string.Join(',', ((IPAddress[])Get("IPAddress")!).Select(a => a.ToString()))} {Get("TTL")} {Get("Implicit")} {Get("IsNullMx")}";
    }
}
