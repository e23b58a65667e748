using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

public sealed class TestSmtpServerCommandTests(Engine engine) : IClassFixture<Engine>
{
    [Fact]
    public void Servers_and_ports_come_in_order_with_findings_and_steps()
    {
        using var good = new LoopbackSmtpServer(("MAIL FROM:", "250 ok"));
        using var bad = new LoopbackSmtpServer(("(greeting)", "554 5.7.1 go away"));

        var output = engine.Run("param($a, $b) '127.0.0.1', 'localhost' | Test-SmtpServer -Port $a, $b -Tls None -Timeout 20", good.Port, bad.Port).AssertNoErrors().Output;

        Assert.Equal(
            [$"127.0.0.1 {good.Port} Success 0", $"127.0.0.1 {bad.Port} Failure 1", $"localhost {good.Port} Success 0", $"localhost {bad.Port} Failure 1"],
            output.Select(o => $"{Get(o, "Server")} {Get(o, "Port")} {Get(o, "StatusCode")} {((Array)Get(o, "Findings")!).Length}"));
        Assert.Contains("554 5.7.1 go away", (string)Get(output[1], "Details")!);
        Assert.Equal("SMTP in plain text.", Get(output[0], "Details"));
    }

    [Fact]
    public void Records_and_results_bind_by_property_name()
    {
        using var server = new LoopbackSmtpServer();
        var output = engine.Run(
            """
            param($port)
            [pscustomobject]@{ ComputerName = '127.0.0.1'; Port = $port; Tls = 'None' } | Test-SmtpServer
            [MailOps.MailExchanger]@{ Domain = 'example.test'; NameExchange = '127.0.0.1' } | Test-SmtpServer -Port $port -Tls None
            Test-SmtpServer 127.0.0.1 $port -Tls None | Test-SmtpServer
            """,
            server.Port).AssertNoErrors().Output;
        Assert.Equal(["Success", "Success", "Success"], output.Select(o => Get(o, "StatusCode")!.ToString()));
    }

    [Fact]
    public void Many_servers_are_tested_side_by_side()
    {
        using var silent = new LoopbackSmtpServer(("EHLO", LoopbackSmtpServer.Silence));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var output = engine.Run("param($port) (1..20 | ForEach-Object { '127.0.0.1' }) | Test-SmtpServer -Port $port -Timeout 3", silent.Port).AssertNoErrors().Output;
        Assert.Equal(20, output.Count);
        Assert.All(output, o => Assert.Contains("TimedOut", string.Join(",", ((Array)Get(o, "Findings")!).Cast<object>())));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void One_that_takes_long_does_not_hold_up_those_behind_it_and_still_comes_first()
    {
        using var silent = new LoopbackSmtpServer(("EHLO", LoopbackSmtpServer.Silence));
        using var good = new LoopbackSmtpServer();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var done = TimeSpan.Zero;
        using var last = new TalkingServer("220 mx.test ready\r\n", line =>
        {
            done = clock.Elapsed;
            return line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 mx.test\r\n" : "221 2.0.0 bye\r\n";
        });
        var output = engine.Run(
            "param($silent, $good, $last) & { [pscustomobject]@{ Server = '127.0.0.1'; Port = $silent }; foreach ($i in 1..60) { [pscustomobject]@{ Server = '127.0.0.1'; Port = $good } }; [pscustomobject]@{ Server = '127.0.0.1'; Port = $last } } | Test-SmtpServer -Tls None -Timeout 15",
            silent.Port, good.Port, last.Port).AssertNoErrors().Output;

        Assert.Equal([silent.Port, .. Enumerable.Repeat(good.Port, 60), last.Port], output.Select(o => (int)Get(o, "Port")!));
        Assert.InRange(done, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(14));
    }

    [Fact]
    public async Task What_nobody_wants_any_more_ends_with_the_cmdlet()
    {
        var (isAsked, isLeft) = (false, false);
        using var silent = new RawServer(async (stream, stop) =>
        {
            await RawServer.SayAsync(stream, "220 mx.test ready\r\n", stop);
            isAsked = await RawServer.LineAsync(stream, stop) is not null;
            await RawServer.ListenAsync(stream, stop);
            isLeft = true;
        });
        using var first = new TalkingServer("220 mx.test ready\r\n", line =>
        {
            SpinWait.SpinUntil(() => isAsked, TimeSpan.FromSeconds(20));   // so that both are asked when the first answer is out
            return line.StartsWith("EHLO", StringComparison.Ordinal) ? "250 mx.test\r\n" : "221 2.0.0 bye\r\n";
        });
        engine.Run("param($first, $silent) foreach ($once in 1) { Test-SmtpServer 127.0.0.1 -Port $first, $silent -Tls None -Timeout 300 | ForEach-Object { break } }", first.Port, silent.Port).AssertNoErrors();
        Assert.True(isAsked);
        await Poll.UntilAsync(() => isLeft);
    }

    [Fact]
    public void What_is_no_name_and_no_address_is_an_error_of_its_own()
    {
        using var server = new LoopbackSmtpServer();
        var result = engine.Run("param($port) 'not a name', '', '127.0.0.1' | Test-SmtpServer -Port $port -Tls None; Test-SmtpServer 127.0.0.1 -Recipient nobody", server.Port);
        Assert.Equal(
            ["InvalidDomain not a name", "InvalidDomain ", "InvalidAddress 127.0.0.1"],
            result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}"));
        Assert.All(result.Errors, e => Assert.NotEmpty(e.ErrorDetails.RecommendedAction));
        Assert.Single(result.Output);
    }

    [Fact]
    public void Findings_say_what_to_do()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var finding = engine.Run("param($port) (Test-SmtpServer 127.0.0.1 $port -Timeout 10).Findings", ((IPEndPoint)socket.LocalEndPoint!).Port).AssertNoErrors().Only;
        Assert.Equal("PortClosed", Get(finding, "Id"));
        Assert.Contains("Check that the mail server runs", (string)Get(finding, "Advice")!);
    }

    [Fact]
    public void A_stop_is_prompt()
    {
        using var silent = new LoopbackSmtpServer(("EHLO", LoopbackSmtpServer.Silence));
        engine.AssertStops(() => !silent.Commands.IsEmpty, "param($port) Test-SmtpServer 127.0.0.1 $port -Timeout 600", silent.Port);
    }

    private static object? Get(PSObject o, string name) => o.Properties[name].Value is PSObject wrapped ? wrapped.BaseObject : o.Properties[name].Value;
}
