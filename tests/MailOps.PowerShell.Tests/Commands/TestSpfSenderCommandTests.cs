using System.Management.Automation;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class TestSpfSenderCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly LoopbackDnsServer _dns = new()
    {
        Zone =
        {
            ["example.test TXT"] = new Say(new("TXT", "other"), new("TXT", "v=spf1 include:inner.test| -all exp=why.test")),
            ["inner.test TXT"] = new Say(new Rr("TXT", "v=spf1 mx a:gone.test ~all")),
            ["inner.test MX"] = new Say(new Rr("MX", "mx.inner.test", 10)),
            ["mx.inner.test A"] = new Say(new Rr("A", "192.0.2.1")),
            ["mx.inner.test AAAA"] = new Say(new Rr("AAAA", "2001:db8::1")),
            ["why.test TXT"] = new Say(new Rr("TXT", "%{c} may not send for %{o}")),
            ["helo.test TXT"] = new Say(new Rr("TXT", "v=spf1 ip4:192.0.2.1 -all")),
            ["wrong.test TXT"] = new Say(new Rr("TXT", "v=spf1 ip:192.0.2.1 -all")),
            ["plus.test TXT"] = new Say(new Rr("TXT", "v=spf1 exists:%{l}.ok.test -all")),
            ["a+b=c.ok.test A"] = new Say(new Rr("A", "127.0.0.2")),
            ["broken.test *"] = new Say { Code = 2 },
            ["slow.test *"] = new Say { Silent = true },
        },
    };

    public void Dispose() => _dns.Dispose();

    [Theory]
    [InlineData("-IPAddress 192.0.2.1 -Sender a@example.test", "Pass include:inner.test MailFrom")]
    [InlineData("-IPAddress 2001:db8::1 -MailFrom '<a@example.test>'", "Pass include:inner.test MailFrom")]
    [InlineData("192.0.2.9 a@example.test", "Fail -all MailFrom 192.0.2.9 may not send for example.test")]
    [InlineData("192.0.2.9 a@example.test -Helo helo.test", "Fail -all Helo")]
    [InlineData("192.0.2.1 '' -Helo helo.test", "Pass ip4:192.0.2.1 Helo")]
    [InlineData("192.0.2.1 a@none.test", "None  MailFrom")]
    [InlineData("192.0.2.1 a@wrong.test", "PermError  MailFrom")]
    [InlineData("192.0.2.1 a@broken.test", "TempError  MailFrom")]
    [InlineData("192.0.2.1 a@slow.test -Timeout 1", "TempError  MailFrom")]
    [InlineData("192.0.2.1 a+b=c@plus.test", "Pass exists:%{l}.ok.test MailFrom")]
    public void The_result_is_that_of_the_record(string arguments, string expected)
    {
        var check = Run($"Test-SpfSender {arguments} -Server $dns").AssertNoErrors().Only;

        Assert.Equal(expected, $"{Get(check, "Result")} {Get(check, "Mechanism")} {Get(check, "Identity")} {Get(check, "Explanation")}".TrimEnd());
        Assert.NotEmpty((string)Get(check, "Reason")!);
        Assert.StartsWith($"{Get(check, "Result")} (".ToLowerInvariant(), (string)Get(check, "ReceivedSpf")!, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tree_and_the_counts_tell_the_way()
    {
        var output = Run("$check = Test-SpfSender 192.0.2.9 a@example.test -Server $dns; $check.LookupCount; $check.VoidLookupCount; $check.Tree | ForEach-Object { \"$_\" }").AssertNoErrors().Output;

        Assert.Equal(
            ["3", "1", "include:inner.test: inner.test says softfail", "  mx: it is no mail exchanger of inner.test", "  a:gone.test: gone.test has no address of IPv4",
                "  ~all: softfail (all matches whatever comes to it)", "-all: fail (all matches whatever comes to it)"],
            output.Select(o => o.ToString()));
    }

    [Fact]
    public void Records_come_in_order_and_one_without_a_sender_is_an_error_of_its_own()
    {
        var result = Run(
            """
            '192.0.2.1|a@slow.test|', '192.0.2.2||', '2001:db8::1|a@example.test|helo.test', '192.0.2.3||helo.test' |
                ForEach-Object { $cells = $_.Split('|'); [pscustomobject]@{ IPAddress = $cells[0]; MailFrom = $cells[1]; Helo = $cells[2] } } | Test-SpfSender -Server $dns -Timeout 2
            """);

        Assert.Equal(["192.0.2.1 TempError", "2001:db8::1 Fail", "192.0.2.3 Fail"], result.Output.Select(o => $"{Get(o, "IPAddress")} {Get(o, "Result")}"));
        var error = Assert.Single(result.Errors);
        Assert.Equal(("InvalidAddress,MailOps.PowerShell.Commands.TestSpfSenderCommand", "192.0.2.2"), (error.FullyQualifiedErrorId, error.TargetObject.ToString()));
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Terms_that_find_nothing_are_limited()
    {
        _dns.Zone["void.test TXT"] = new Say(new Rr("TXT", "v=spf1 a:one.gone.test a:two.gone.test a:three.gone.test ?all"));
        Assert.Equal(["PermError", "Neutral"], Run("2, 3 | ForEach-Object { (Test-SpfSender 192.0.2.1 void.test -Server $dns -VoidLookupLimit $_).Result.ToString() }").AssertNoErrors().Output.Select(o => o.ToString()));
    }

    [Fact]
    public void A_stop_is_prompt()
    {
        engine.AssertStops(() => !_dns.Asked.IsEmpty, "param($dns) Test-SpfSender 192.0.2.1 a@slow.test -Server $dns -Timeout 600", _dns.Address);
    }

    private EngineResult Run(string script) => engine.Run("param($dns) " + script, _dns.Address);

    private static object? Get(PSObject o, string name) => o.Properties[name].Value;
}
