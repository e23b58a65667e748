using System.Text.Json;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>-LogPath and -SkipSent: what was sent is on record, and is not sent again.</summary>
public sealed class SendSmtpMessageLogTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Send = "1..$count | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\"; Subject = \"n$_\" } } | Send-SmtpMessage -From f@x.test -SmtpServer 127.0.0.1 -Port $port -LogPath $log";

    private readonly TempFolder _folder = new();

    private string Log => _folder.File("sent.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_result_is_a_line_that_json_readers_read()
    {
        using var server = new LoopbackSmtpServer(("RCPT TO:<a2@", "550 5.1.1 \"no\" such/mailbox"));

        Run(server, 3);
        Run(server, "[pscustomobject]@{ To = 'nobody' }", "-Subject S");

        var lines = Lines();
        Assert.Equal(4, lines.Length);
        Assert.Equal(["a1@x.test Delivered 250 2.0.0", "a2@x.test Failed 550 5.1.1", "a3@x.test Delivered 250 2.0.0", "nobody Failed 0 "],
            lines.Select(line => $"{Text(line, "recipient")} {Text(line, "status")} {line.GetProperty("smtpStatusCode").GetInt32()} {Text(line, "enhancedStatusCode")}").Order());
        var refused = lines.Single(line => Text(line, "recipient") == "a2@x.test");
        Assert.Equal(("SmtpRecipientRefused", "\"no\" such/mailbox", 2, false),
            (Text(refused, "error"), Text(refused, "response"), refused.GetProperty("recordNumber").GetInt32(), refused.GetProperty("isOutcomeUnknown").GetBoolean()));
        Assert.Equal("InvalidAddress", Text(lines.Single(line => Text(line, "recipient") == "nobody"), "error"));
    }

    [Fact]
    public void What_was_sent_is_left_out_and_what_was_refused_is_tried_again()
    {
        using (var first = new LoopbackSmtpServer(("RCPT TO:<a2@", "450 4.2.1 later"))) Run(first, 5);
        using var second = new LoopbackSmtpServer();

        var again = Run(second, 7, "-SkipSent -PassThru -Verbose").AssertNoErrors();

        Assert.Equal(["a2@x.test", "a6@x.test", "a7@x.test"], again.Output.SelectMany(one => (string[])one.Properties["Recipient"].Value).Order());
        Assert.Equal(3, second.Messages.Count);
        Assert.Contains(again.Verbose, line => line.StartsWith("4 recipients were left out", StringComparison.Ordinal));
        Run(second, 7, "-SkipSent").AssertNoErrors();
        Assert.Equal(3, second.Messages.Count);
    }

    [Fact]
    public void Of_one_message_only_those_get_it_who_have_not_had_it()
    {
        using (var first = new LoopbackSmtpServer(("RCPT TO:<b@", "450 4.2.1 later"))) Run(first, "[pscustomobject]@{ To = 'a@x.test, b@x.test' }");
        using var second = new LoopbackSmtpServer();

        Run(second, "[pscustomobject]@{ To = 'a@x.test, b@x.test' }", "-SkipSent").AssertNoErrors();

        Assert.Equal(["RCPT TO:<b@x.test>"], second.Commands.Where(command => command.StartsWith("RCPT", StringComparison.Ordinal)));
        Assert.Contains("To: a@x.test, b@x.test", second.Text(0));
    }

    [Fact]
    public void Of_messages_that_are_the_same_a_recipient_gets_one()
    {
        const string Records = "'a@x.test', 'b@x.test', 'a@X.Test', 'a@x.test' | ForEach-Object { [pscustomobject]@{ To = $_; Subject = 'S' } }";
        using var server = new LoopbackSmtpServer();

        var first = Run(server, Records, "-SkipSent -Verbose").AssertNoErrors();
        var second = Run(server, Records, "-SkipSent -Verbose").AssertNoErrors();

        Assert.Equal(["RCPT TO:<a@x.test>", "RCPT TO:<b@x.test>"], server.Commands.Where(command => command.StartsWith("RCPT", StringComparison.Ordinal)).Order());
        Assert.Contains(first.Verbose, line => line.StartsWith("2 recipients were left out, to whom this call", StringComparison.Ordinal));
        Assert.Contains(second.Verbose, line => line.StartsWith("4 recipients were left out, who have had", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_skipsent_messages_that_are_the_same_all_go()
    {
        using var server = new LoopbackSmtpServer();

        Run(server, "[pscustomobject]@{ To = 'a@x.test'; Subject = 'S' }, [pscustomobject]@{ To = 'a@x.test'; Subject = 'S' }").AssertNoErrors();

        Assert.Equal(2, server.Messages.Count);
    }

    [Fact]
    public void Only_what_is_sent_is_told_of_as_sent()
    {
        const string Records = "[pscustomobject]@{ To = 'a@x.test'; Subject = 'one' }, [pscustomobject]@{ To = 'b@x.test, c@x.test'; Subject = 'two' }";
        using (var first = new LoopbackSmtpServer(("RCPT TO:<c@", "450 4.2.1 later"))) Run(first, Records);
        using var second = new LoopbackSmtpServer();

        var again = Run(second, Records, "-SkipSent -Verbose").AssertNoErrors();

        var performed = Assert.Single(again.Verbose, line => line.StartsWith("Performing", StringComparison.Ordinal));
        Assert.Contains("\"Send the message 'two'\" on target \"c@x.test through", performed);
        Assert.Equal(["a@x.test: left out of the message 'one'.", "b@x.test: left out of the message 'two'."], again.Verbose.Where(line => line.Contains("left out of", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_message_file_is_left_out_for_those_whom_its_headers_name()
    {
        var file = _folder.File("m.eml");
        File.WriteAllText(file, "From: f@x.test\r\nTo: a@x.test\r\nSubject: S\r\n\r\nx\r\n");
        using var server = new LoopbackSmtpServer();

        string[] Verbose() => [.. engine.Run("param($port, $log, $file) Send-SmtpMessage -Path $file -SmtpServer 127.0.0.1 -Port $port -LogPath $log -SkipSent -Verbose", server.Port, Log, file).AssertNoErrors().Verbose];
        Verbose();

        Assert.Contains($"a@x.test: left out of the message file {file}.", Verbose());
        Assert.Single(server.Messages);
    }

    [Fact]
    public void Another_text_is_another_message()
    {
        using var server = new LoopbackSmtpServer();
        Run(server, 3, "-Body one");

        var again = Run(server, 4, "-Body two -SkipSent -Verbose").AssertNoErrors();

        Assert.Equal(7, server.Messages.Count);
        Assert.Equal($"Up to 3 recipients, the first of them a1@x.test, are in {Log} with another text, and will get this one too: a changed text is a new mailing.", Assert.Single(again.Warnings));
        Assert.Contains(again.Verbose, line => line.StartsWith("3 recipients are in", StringComparison.Ordinal));
    }

    [Fact]
    public void Those_who_are_new_or_have_had_two_messages_are_no_reason_to_warn()
    {
        const string Records = "'one', 'two' | ForEach-Object { [pscustomobject]@{ To = 'a@x.test'; Subject = $_ } }";
        using var server = new LoopbackSmtpServer();

        Assert.Empty(Run(server, Records, "-SkipSent").AssertNoErrors().Warnings);
        Assert.Empty(Run(server, $"& {{ {Records}; [pscustomobject]@{{ To = 'a@x.test'; Subject = 'three' }}, [pscustomobject]@{{ To = 'b@x.test'; Subject = 'one' }} }}", "-SkipSent").AssertNoErrors().Warnings);
    }

    [Fact]
    public void What_may_have_arrived_is_sent_again_only_when_asked()
    {
        using (var first = new LoopbackSmtpServer((".", LoopbackSmtpServer.HangUp))) Run(first, 1);
        using var second = new LoopbackSmtpServer();

        Assert.Contains("-ResendUnknown", Assert.Single(Run(second, 1, "-SkipSent").AssertNoErrors().Warnings));
        Assert.Empty(second.Messages);
        Run(second, 1, "-SkipSent -ResendUnknown").AssertNoErrors();
        Assert.Single(second.Messages);
    }

    [Fact]
    public void What_a_stop_left_without_an_answer_is_on_record()
    {
        using var server = new LoopbackSmtpServer((".", LoopbackSmtpServer.Silence));

        engine.AssertStops(() => !server.Messages.IsEmpty, $"param($port, $log, $count) {Send}", server.Port, Log, 1);

        Assert.True(Assert.Single(Lines()).GetProperty("isOutcomeUnknown").GetBoolean());
    }

    [Fact]
    public void A_line_that_was_torn_does_not_keep_the_rest_from_being_read()
    {
        using var server = new LoopbackSmtpServer();
        Run(server, 3);
        var whole = File.ReadAllText(Log);
        File.WriteAllText(Log, whole[..(whole.TrimEnd().LastIndexOf('\n') + 30)]);

        Run(server, 3, "-SkipSent").AssertNoErrors();
        Run(server, 3, "-SkipSent").AssertNoErrors();

        Assert.Equal(4, server.Messages.Count);
    }

    [Theory]
    [InlineData("-SkipSent", "SendLogInvalid", "")]
    [InlineData("-LogPath $log -SkipSent", "SendLogInvalid", "To,Subject\na@x.test,x\n")]
    [InlineData("-LogPath $log/none/x.jsonl", "FileUnwritable", "")]
    public void A_log_that_cannot_serve_ends_the_call_before_anything_is_sent(string parameters, string code, string content)
    {
        using var server = new LoopbackSmtpServer();
        if (content.Length > 0) File.WriteAllText(Log, content);

        var error = engine.Run($"param($port, $log) Send-SmtpMessage -To a@x.test -From f@x.test -SmtpServer 127.0.0.1 -Port $port {parameters}", server.Port, Log).Error;

        Assert.Equal(code, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(0, server.Connections);
    }

    // The engine here has none of the three commands that the example takes from PowerShell's modules; these do what it needs of them.
    [Fact]
    public void The_example_of_the_help_shows_who_has_not_had_it()
    {
        const string Commands = """
            function Get-Content($Path) { [System.IO.File]::ReadAllLines($log) }
            function ConvertFrom-Json { process { $line = [ordered]@{}; foreach ($one in [System.Text.Json.JsonDocument]::Parse($_).RootElement.EnumerateObject()) { $line[$one.Name] = $one.Value.ToString() }; [pscustomobject]$line } }
            function Group-Object($Property) {
                begin { $groups = [ordered]@{} }
                process { $line = $_; $key = @(foreach ($name in $Property) { $line.$name }) -join ' '; if (!$groups.Contains($key)) { $groups[$key] = [System.Collections.ObjectModel.Collection[psobject]]::new() }; $groups[$key].Add($line) }
                end { foreach ($group in $groups.Values) { [pscustomobject]@{ Group = $group } } }
            }
            """;
        using (var first = new LoopbackSmtpServer(("RCPT TO:<a2@", "450 4.2.1 later"), ("RCPT TO:<a3@", "450 4.2.1 later"))) Run(first, 4);
        using (var second = new LoopbackSmtpServer(("RCPT TO:<a3@", "550 5.1.1 no"))) Run(second, 4, "-SkipSent");
        var example = engine.Run("(Get-Help Send-SmtpMessage -Examples).examples.example | ForEach-Object { \"$($_.code)\" -split '\\r?\\n' }").AssertNoErrors().Output.Select(line => line.ToString()).Single(line => line.StartsWith("Get-Content ./sent.jsonl", StringComparison.Ordinal));

        var left = engine.Run($"param($log) {Commands}\n{example}", Log).AssertNoErrors().Output;

        Assert.Equal(["a3@x.test 550"], left.Select(line => $"{line.Properties["recipient"].Value} {line.Properties["smtpStatusCode"].Value}"));
    }

    [Fact]
    public void Whatif_makes_no_log()
    {
        using var server = new LoopbackSmtpServer();

        Run(server, 2, "-WhatIf").AssertNoErrors();

        Assert.False(File.Exists(Log));
    }

    private EngineResult Run(LoopbackSmtpServer server, int count, string more = "") => engine.Run($"param($port, $log, $count) {Send} {more}", server.Port, Log, count);

    private EngineResult Run(LoopbackSmtpServer server, string records, string more = "") =>
        engine.Run($"param($port, $log) {records} | Send-SmtpMessage -From f@x.test -SmtpServer 127.0.0.1 -Port $port -LogPath $log {more}", server.Port, Log);

    private JsonElement[] Lines() => [.. File.ReadAllLines(Log).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string? Text(JsonElement line, string name) => line.GetProperty(name).GetString();
}
