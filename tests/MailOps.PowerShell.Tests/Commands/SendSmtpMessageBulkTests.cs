using System.Management.Automation;
using System.Text.RegularExpressions;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Many messages of one pipeline: over several connections, each with its result.</summary>
public sealed class SendSmtpMessageBulkTests(Engine engine) : IClassFixture<Engine>
{
    private const string Records = "param($port, $count) 1..$count | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\"; Subject = \"n$_\" } }";
    private const string Send = "Send-SmtpMessage -From f@x.test -SmtpServer 127.0.0.1 -Port $port";

    [Fact]
    public void Each_record_is_sent_once_and_its_result_names_it()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<a7@", "550 5.1.1 no"));

        var result = engine.Run($"{Records} | {Send} -PassThru", server.Port, 200);

        Assert.Equal("SmtpRecipientRefused", result.Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(200, result.Output.Count);
        Assert.All(result.Output, one => Assert.Equal(($"a{Get(one, "RecordNumber")}@x.test", $"n{Get(one, "RecordNumber")}"), (string.Join(',', (string[])one.Properties["Recipient"].Value), Get(one, "Subject"))));
        Assert.Equal(199, Enumerable.Range(0, server.Messages.Count).Select(i => Regex.Match(server.Text(i), "Subject: n(\\d+)").Value).Distinct().Count());
        Assert.Equal(199, server.Messages.Count);
        Assert.InRange(server.Connections, 2, 4);
        Assert.Equal(server.Connections, server.Commands.Count(command => command == "QUIT"));
    }

    [Fact]
    public void One_connection_keeps_the_order()
    {
        using var server = new LoopbackSmtpServer();

        var result = engine.Run($"{Records} | {Send} -PassThru -MaxConnections 1", server.Port, 30).AssertNoErrors();

        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"n{i}"), result.Output.Select(one => Get(one, "Subject")));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public void What_is_under_way_is_bounded()
    {
        using var server = new LoopbackSmtpServer(("(greeting)", LoopbackSmtpServer.Silence));
        var script = "param($port, $made) 1..1000 | ForEach-Object { $made.Add($_) > $null; [pscustomobject]@{ To = \"a$_@x.test\" } } | " + Send + " -MaxConnections 2";
        var made = new System.Collections.ArrayList();

        engine.AssertStops(() => server.Connections == 1 && made.Count >= 16, script, server.Port, made);

        Assert.InRange(made.Count, 16, 17);
    }

    [Fact]
    public void The_next_cmdlet_may_end_the_pipeline()
    {
        using var server = new LoopbackSmtpServer();

        var result = engine.Run($"& {{ {Records.Replace("param($port, $count) ", "", StringComparison.Ordinal)} | {Send} -PassThru | & {{ process {{ $_; break }} }} }}".Insert(0, "param($port, $count) foreach ($once in 1) { ") + " }", server.Port, 500);

        Assert.Single(result.Output);
        Assert.InRange(server.Messages.Count, 1, 100);
        Assert.Equal(42, engine.Run("42").Value<int>());
    }

    [Fact]
    public void Progress_shows_the_rate_and_with_a_count_the_time_left()
    {
        using var server = new LoopbackSmtpServer();
        engine.Host.Clear();
        using var shell = engine.Shell("param($port) 1..3 | ForEach-Object { if ($_ -eq 3) { [Threading.Thread]::Sleep(800) }; [pscustomobject]@{ To = \"a$_@x.test\" } } | " + Send + " -ExpectedCount 4", server.Port);

        shell.Invoke();

        Assert.Empty(shell.Streams.Error);
        var shown = shell.Streams.Progress.First(record => record.Activity == "Sending messages" && record.PercentComplete >= 0);
        Assert.Matches(@"^[23] of 4 messages, [\d.,]+ a second$", shown.StatusDescription);
        Assert.InRange(shown.SecondsRemaining, 0, 60);
        Assert.Equal(ProgressRecordType.Completed, shell.Streams.Progress.Last(record => record.Activity == "Sending messages").RecordType);
    }

    [Fact]
    public void Records_for_another_server_close_the_connections_to_the_first()
    {
        using var first = new LoopbackSmtpServer();
        using var second = new LoopbackSmtpServer();

        engine.Run("param($one, $two) 1..9 | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\"; Port = $(if ($_ -lt 7) { $one } else { $two }) } } | Send-SmtpMessage -From f@x.test -SmtpServer 127.0.0.1", first.Port, second.Port)
            .AssertNoErrors();

        Assert.Equal((6, 3), (first.Messages.Count, second.Messages.Count));
        Assert.Equal(first.Connections, first.Commands.Count(command => command == "QUIT"));
    }

    private static object? Get(PSObject value, string name) => value.Properties[name].Value;
}
