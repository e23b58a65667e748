using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>The records come from a DNS server on loopback; names under .test have no web.</summary>
public sealed class FindMailSettingsCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["example.test MX"] = new Say(new Rr("MX", "mx.example.test", 10)),
            ["_submissions._tcp.example.test SRV"] = new Say(new Rr("SRV", "0 1 465 smtp.example.test")),
            ["_imaps._tcp.example.test SRV"] = new Say(new Rr("SRV", "0 1 993 imap.elsewhere.test")),
            ["hosted.test MX"] = new Say(new Rr("MX", "hosted-test.mail.protection.outlook.com", 0)),
            ["nothing.test MX"] = new Say(new Rr("MX", "mx.other.test", 0)),
            ["slow.test *"] = new Say { Silent = true },
        },
    };

    public void Dispose() => _dns.Dispose();

    [Fact]
    public void Settings_come_with_source_trust_and_user_name()
    {
        var output = Find("Find-MailSettings someone@example.test -Server $dns -Timeout 5").AssertNoErrors().Output;

        Assert.Equal(
            ["1 Smtp smtp.example.test 465 Implicit someone@example.test Srv True", "2 Imap imap.elsewhere.test 993 Implicit someone@example.test Srv False"], output.Select(Text));
        Assert.Equal("MailOps.MailSettings", output[0].TypeNames[0]);
        Assert.NotEmpty((string[])output[1].Properties["Warnings"].Value);
    }

    [Fact]
    public void Addresses_keep_their_order_and_each_failure_is_an_error_of_its_own()
    {
        var result = Find(
            "'a@absent.test', 'a@hosted.test', 'nobody', 'a@nothing.test', 'b@example.test' | ForEach-Object { [pscustomobject]@{ EmailAddress = $_ } } | Find-MailSettings -Protocol Smtp -Server $dns -Timeout 5");

        Assert.Equal(
            ["DnsNoSuchDomain a@absent.test", "InvalidAddress nobody", "MailSettingsNotFound a@nothing.test"],
            result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Equal(["a@hosted.test smtp.office365.com", "a@hosted.test smtp.office365.com", "b@example.test smtp.example.test"], result.Output.Select(o => $"{o.Properties["Address"].Value} {o.Properties["Server"].Value}"));
    }

    [Fact]
    public void Each_question_is_told_with_Verbose()
    {
        var verbose = Find("Find-MailSettings someone@example.test -Server $dns -Timeout 5 -Verbose").Verbose;

        Assert.Contains(verbose, line => line.StartsWith("Srv _submissions._tcp.example.test: smtp.example.test:465", StringComparison.Ordinal));
        Assert.Contains(verbose, line => line.StartsWith("Autodiscover https://autodiscover.example.test/", StringComparison.Ordinal));
        Assert.DoesNotContain(verbose, line => line.Contains("thunderbird", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stop_is_prompt()
    {
        engine.AssertStops(() => !_dns.Asked.IsEmpty, "param($dns) 'a@slow.test', 'b@slow.test' | Find-MailSettings -Server $dns -Timeout 600", _dns.Address);
    }

    private EngineResult Find(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static string Text(PSObject o)
    {
        object? Get(string name) => o.Properties[name].Value;
        return $"{Get("Rank")} {Get("Protocol")} {Get("Server")} {Get("Port")} {Get("Tls")} {Get("UserName")} {Get("Source")} {Get("IsTrusted")}";
    }
}
