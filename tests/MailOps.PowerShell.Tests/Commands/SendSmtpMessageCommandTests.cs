using System.Management.Automation;
using System.Text.RegularExpressions;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>The cmdlet as a script sees it, towards a server that is not ours.</summary>
public sealed class SendSmtpMessageCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Common = "-From from@x.test -SmtpServer 127.0.0.1 -Port $port";

    private readonly LoopbackSmtpServer _server = new(("RCPT TO:<no", "550 5.1.1 No such mailbox"));
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void It_writes_nothing_and_says_quit()
    {
        var result = Send($"Send-SmtpMessage -To a@x.test -Subject Hello -Body World {Common}").AssertNoErrors();

        Assert.Empty(result.Output);
        Assert.Contains("Subject: Hello", _server.Text(0));
        Assert.EndsWith("World\r\n", _server.Text(0));
        Assert.Equal("QUIT", _server.Commands.Last());
    }

    [Fact]
    public void The_positions_aliases_and_names_of_send_mailmessage_work()
    {
        var file = Write("a.txt", "attached");

        Send("$PSEmailServer = '127.0.0.1'; Send-SmtpMessage a@x.test Subj '<b>Body</b>' -From 'Jo Doe <from@x.test>' -Port $port -BAH -BE utf8 -DNO OnSuccess,OnFailure "
            + $"-Cc c@x.test -Bcc secret@x.test -ReplyTo r@x.test -Priority High -PsPath '{file}' -Credential $null -UseSsl:$false").AssertNoErrors();

        var text = _server.Text(0);
        foreach (var expected in new[] { "From: Jo Doe <from@x.test>", "To: a@x.test", "Cc: c@x.test", "Reply-To: r@x.test", "Subject: Subj", "Importance: high", "text/html", "filename=a.txt" })
            Assert.Contains(expected, text);
        Assert.DoesNotContain("secret", text);
        Assert.Contains("RCPT TO:<secret@x.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;secret@x.test", _server.Commands);
    }

    [Fact]
    public void The_server_may_be_the_fourth_position_or_computername()
    {
        Send("Send-SmtpMessage a@x.test Subj Body 127.0.0.1 -From from@x.test -Port $port; Send-SmtpMessage a@x.test -sub S -ComputerName 127.0.0.1 -From from@x.test -Port $port").AssertNoErrors();

        Assert.Equal(2, _server.Messages.Count);
    }

    [Fact]
    public void Text_html_images_and_headers_make_one_message()
    {
        Write("logo.png", "png");

        Send($"param($port, $folder) Send-SmtpMessage -To a@x.test -Text plain -Html '<img src=\"cid:logo\">' -InlineAttachments @{{ logo = \"$folder/logo.png\" }} -Headers @{{ 'X-Ticket' = 4711; 'X-Tag' = 'a', 'b' }} {Common}")
            .AssertNoErrors();

        foreach (var expected in new[] { "multipart/alternative", "multipart/related", "Content-Id: <logo>", "X-Ticket: 4711", "X-Tag: a", "X-Tag: b" })
            Assert.Contains(expected, _server.Text(0));
    }

    [Fact]
    public void Passthru_gives_a_result_with_an_outcome_a_recipient_and_the_refused_one_an_error()
    {
        var result = Send($"Send-SmtpMessage -To 'a@x.test, no@x.test' -Subject S -PassThru {Common}");

        dynamic sent = Assert.Single(result.Output).BaseObject;
        Assert.Equal(["a@x.test Delivered 250", "no@x.test Failed 550"], ((IEnumerable<dynamic>)sent.Recipients).Select(one => $"{one} {one.SmtpStatusCode}"));
        Assert.Equal("Failed 550 5.1.1 No such mailbox", $"{sent.Status} {sent.SmtpStatusCode} {sent.EnhancedStatusCode} {sent.Response}");
        Assert.Equal(["a@x.test", "no@x.test"], (string[])sent.Recipient);
        Assert.Equal("SmtpRecipientRefused,MailOps.PowerShell.Commands.SendSmtpMessageCommand", result.Error.FullyQualifiedErrorId);
        Assert.Equal("no@x.test", result.Error.TargetObject);
        Assert.Contains("550 5.1.1 No such mailbox", result.Error.ToString());
        Assert.NotEmpty(result.Error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Whatif_touches_nothing()
    {
        Write("one.txt", "1");

        var result = Send($"param($port, $folder) Send-SmtpMessage -To a@x.test -Subject S -Attachments \"$folder/one.txt\" -LogPath \"$folder/log\" -TranscriptPath \"$folder/transcript\" -PassThru -WhatIf {Common}").AssertNoErrors();

        Assert.Empty(result.Output);
        Assert.Equal(["one.txt"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(0, _server.Connections);
        Assert.Contains("a@x.test through 127.0.0.1", engine.Host.Text);
    }

    [Fact]
    public void Records_are_a_message_each_over_one_connection()
    {
        Send($$"""
            param($port)
            [pscustomobject]@{ To = 'a@x.test'; Subject = 'one'; Cc = ''; Priority = ''; Port = ''; Tls = ''; UseSsl = 'no'; BodyAsHtml = ''; Timeout = ''; Attachments = ''; DeliveryNotificationOption = ''; Encoding = '' },
            [pscustomobject]@{ To = 'b@x.test, c@x.test'; Subject = 'two'; Cc = 'd@x.test'; Priority = 'High'; Timeout = '120'; BodyAsHtml = 'true' },
            [pscustomobject]@{ To = 'e@x.test'; Subject = 'three' } | Send-SmtpMessage -Body Hello -From from@x.test -SmtpServer 127.0.0.1 -Port $port -MaxConnections 1
            """).AssertNoErrors();

        Assert.Equal((3, 1), (_server.Messages.Count, _server.Connections));
        Assert.Equal(["a", "b", "c", "d", "e"], _server.Commands.Where(c => c.StartsWith("RCPT", StringComparison.Ordinal)).Select(c => c[9..10]));
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(i => _server.Text(i).Contains("Importance: high")));
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(i => _server.Text(i).Contains("text/html")));
    }

    [Fact]
    public void Empty_arguments_count_as_absent()
    {
        // As when a row is splatted. (From the pipeline the engine itself leaves out what it cannot convert.)
        Send($"$row = @{{ Cc = ''; Priority = ''; Tls = ''; Timeout = $null; UseSsl = ''; Encoding = ''; DeliveryNotificationOption = ''; Attachments = ''; EnvelopeFrom = '' }}; "
            + $"Send-SmtpMessage -To a@x.test -Subject S {Common} @row").AssertNoErrors();

        Assert.Single(_server.Messages);
    }

    [Fact]
    public void A_bad_record_is_an_error_and_the_others_go_on()
    {
        var result = Send($"'a@x.test', 'nobody', 'no@x.test', '', 'b@x.test' | ForEach-Object {{ [pscustomobject]@{{ To = $_ }} }} | Send-SmtpMessage -Subject S -MaxConnections 1 {Common}");

        Assert.Equal(["InvalidAddress", "SmtpRecipientRefused", "InvalidMessage"], result.Errors.Select(Code));
        Assert.Equal(2, _server.Messages.Count);
    }

    [Fact]
    public void One_bad_address_does_not_keep_the_others_from_the_message()
    {
        var result = Send($"Send-SmtpMessage -To a@x.test, bad -Subject S {Common}");

        Assert.Equal(("InvalidAddress", "bad"), (Code(result.Error), result.Error.TargetObject));
        Assert.Single(_server.Messages);
    }

    [Fact]
    public void Files_from_the_pipeline_are_attached_to_one_message()
    {
        Write("one.txt", "1");
        Write("two.txt", "2");

        Send($"param($port, $folder) [IO.DirectoryInfo]::new($folder).GetFiles() | Send-SmtpMessage -To a@x.test -Subject S {Common}").AssertNoErrors();
        Send($"param($port, $folder) \"$folder/one.txt\", \"$folder/two.txt\" | Send-SmtpMessage -To a@x.test -Subject S {Common}").AssertNoErrors();

        Assert.Equal(2, _server.Messages.Count);
        Assert.All([0, 1], i => Assert.Equal(2, Regex.Count(_server.Text(i), "Content-Disposition: attachment")));
    }

    [Fact]
    public void Files_that_are_records_too_are_a_message_each()
    {
        Write("one.txt", "1");

        Send($"param($port, $folder) 1..2 | ForEach-Object {{ [pscustomobject]@{{ FullName = \"$folder/one.txt\"; Subject = \"n$_\" }} }} | Send-SmtpMessage -To a@x.test {Common}").AssertNoErrors();

        Assert.Equal(2, _server.Messages.Count);
        Assert.Contains("filename=one.txt", _server.Text(1));
    }

    [Fact]
    public void A_record_brings_its_attachments()
    {
        Write("one.txt", "1");
        Write("two.txt", "2");

        Send($"param($port, $folder) [pscustomobject]@{{ Subject = 'both'; Attachments = \"$folder/one.txt\", \"$folder/two.txt\" }}, [pscustomobject]@{{ Subject = 'one'; PSPath = \"$folder/one.txt\" }}, "
            + $"[pscustomobject]@{{ Subject = 'none' }} | Send-SmtpMessage -To a@x.test -MaxConnections 1 {Common}").AssertNoErrors();

        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(i => Regex.Count(_server.Text(i), "Content-Disposition: attachment")));
    }

    [Fact]
    public void A_record_may_bring_the_path_of_a_message_file()
    {
        Write("one.eml", "From: f@x.test\r\nTo: a@x.test\r\nSubject: as it is\r\n\r\nHello\r\n");

        Send("param($port, $folder) [pscustomobject]@{ Path = \"$folder/one.eml\" }, [pscustomobject]@{ LiteralPath = \"$folder/one.eml\" } "
            + "| Send-SmtpMessage -SmtpServer 127.0.0.1 -Port $port").AssertNoErrors();

        Assert.Equal(2, _server.Messages.Count);
        Assert.All([0, 1], i => Assert.StartsWith("From: f@x.test\r\nTo: a@x.test\r\nSubject: as it is", _server.Text(i)));
    }

    [Theory]
    [InlineData("42")]
    [InlineData("@{ Name = 'x' }")]
    [InlineData("'here.txt', 42")]
    [InlineData("([pscustomobject]@{ Name = 'x' })")]
    public void What_is_no_file_is_not_left_out_in_silence(string given)
    {
        var result = Send($"Send-SmtpMessage -To a@x.test -Subject S -Attachments {given} {Common}");

        Assert.Contains("is not a file and not a path", result.Error.ToString());
        Assert.Empty(_server.Messages);
    }

    [Fact]
    public void An_empty_pipeline_sends_nothing()
    {
        Send($"@() | Send-SmtpMessage -To a@x.test -Subject S {Common}").AssertNoErrors();

        Assert.Equal(0, _server.Connections);
    }

    [Fact]
    public void Relative_paths_start_where_powershell_is()
    {
        Write("here.txt", "here");

        Send($"param($port, $folder) $ExecutionContext.SessionState.Path.PushCurrentLocation('t'); $null = $ExecutionContext.SessionState.Path.SetLocation($folder); try {{ Send-SmtpMessage -To a@x.test -Attachments here.txt {Common} }} finally {{ $null = $ExecutionContext.SessionState.Path.PopLocation('t') }}")
            .AssertNoErrors();

        Assert.Contains("filename=here.txt", _server.Text(0));
    }

    [Theory]
    [InlineData("-To a@x.test -From f@x.test -LocalDomain \"x`r`nMAIL FROM:<evil@x.test>\"", "InvalidDomain", ErrorCategory.InvalidArgument)]
    [InlineData("-To a@x.test -From nobody", "InvalidAddress", ErrorCategory.InvalidArgument)]
    [InlineData("-To a@x.test -From f@x.test -Attachments no-such-file.txt", "FileUnreadable", ErrorCategory.OpenError)]
    [InlineData("-To a@x.test -From f@x.test -Attachments env:PATH", "FileUnreadable", ErrorCategory.OpenError)]
    [InlineData("-To a@x.test -From f@x.test -Body a -Text b", "InvalidMessage", ErrorCategory.InvalidArgument)]
    [InlineData("-To a@x.test -From f@x.test -Headers @{ Bcc = 'b@x.test' }", "InvalidMessage", ErrorCategory.InvalidArgument)]
    [InlineData("-To a@x.test -From f@x.test -UseSsl", "TlsRequired", ErrorCategory.SecurityError)]
    [InlineData("-To a@x.test -From f@x.test -UseSsl -Tls None", "TlsRequired", ErrorCategory.SecurityError)]
    [InlineData("-Path no-such-file.eml", "FileUnreadable", ErrorCategory.OpenError)]
    [InlineData("-LiteralPath no-such-file.eml", "FileUnreadable", ErrorCategory.OpenError)]
    public void What_cannot_be_sent_is_an_error_with_advice(string parameters, string code, ErrorCategory category)
    {
        var error = Send($"Send-SmtpMessage {parameters} -SmtpServer 127.0.0.1 -Port $port").Error;

        Assert.Equal($"{code},MailOps.PowerShell.Commands.SendSmtpMessageCommand", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Empty(_server.Messages);
    }

    [Fact]
    public void Without_a_server_nothing_is_guessed() =>
        Assert.Equal("SmtpServerMissing", Code(Send("$PSEmailServer = ''; Send-SmtpMessage -To a@x.test -From f@x.test").Error));

    [Theory]
    [InlineData("-ErrorAction SilentlyContinue -ErrorVariable e; $e.Count", "1")]
    [InlineData("-ErrorAction Stop } catch { $_.FullyQualifiedErrorId.Split(',')[0] + ' ' + $_.Exception.SmtpStatusCode", "SmtpRecipientRefused 550")]
    public void Errors_obey_the_common_parameters(string tail, string expected)
    {
        var script = tail.Contains("catch", StringComparison.Ordinal) ? "try { " : "& { ";

        var result = Send($"{script}Send-SmtpMessage -To no@x.test -Subject S {Common} {tail} }}");

        Assert.Equal(expected, Assert.Single(result.Output).ToString());
    }

    [Fact]
    public void Message_files_go_out_as_they_are()
    {
        var content = "Subject: a\r\nTo: t1@x.test\r\nFrom: f1@x.test\r\nX-Odd:  kept \r\n\r\n.body\r\n";
        Write("[1].eml", content);
        Write("2.eml", content);

        var wild = Send("param($port, $folder) Send-SmtpMessage -Path \"$folder/?.eml\" -SmtpServer 127.0.0.1 -Port $port -EnvelopeFrom '<>' -PassThru").AssertNoErrors();
        Send("param($port, $folder) Send-SmtpMessage -LiteralPath \"$folder/[1].eml\" -SmtpServer 127.0.0.1 -Port $port -To other@x.test").AssertNoErrors();

        Assert.Equal(["t1@x.test"], (string[])Assert.Single(wild.Output).Properties["Recipient"].Value);
        Assert.Equal([content, content], [_server.Text(0), _server.Text(1)]);
        Assert.Contains(_server.Commands, c => c.StartsWith("MAIL FROM:<>", StringComparison.Ordinal));
        Assert.Contains("RCPT TO:<other@x.test>", _server.Commands);
    }

    [Fact]
    public void A_bcc_in_a_message_file_is_warned_of()
    {
        Write("bcc.eml", "To: t@x.test\nFrom: f@x.test\nBcc: b@x.test\n\nx\n");

        Assert.Contains("Bcc", Assert.Single(Send("param($port, $folder) Send-SmtpMessage -Path \"$folder/bcc.eml\" -SmtpServer 127.0.0.1 -Port $port").Warnings));
    }

    [Fact]
    public void A_stop_while_connecting_or_waiting_is_prompt()
    {
        using var silent = new LoopbackSmtpServer(("(greeting)", LoopbackSmtpServer.Silence));
        engine.AssertStops(() => silent.Connections == 1, $"param($port) Send-SmtpMessage -To a@x.test {Common}", silent.Port);
        Assert.Equal(42, engine.Run("42").Value<int>());
    }

    [Theory]
    [InlineData("0.3")]
    [InlineData("'0.3'")]
    [InlineData("00:00:00.3")]
    public void A_time_out_is_seconds_or_a_timespan(string given)
    {
        using var silent = new LoopbackSmtpServer(("(greeting)", LoopbackSmtpServer.Silence));

        var error = engine.Run($"param($port) Send-SmtpMessage -To a@x.test {Common} -Timeout {given}", silent.Port).Error;

        Assert.Equal("SmtpTimeout", Code(error));
        Assert.Contains("within 0.3 seconds", error.ToString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.00:00:01")]
    public void A_time_out_that_cannot_be_waited_for_is_refused(string given) =>
        Assert.Contains("not a time-out", Send($"Send-SmtpMessage -To a@x.test {Common} -Timeout {given}").Error.ToString());

    [Fact]
    public void The_parameters_of_send_mailmessage_are_all_there()
    {
        var aliases = engine.Run("(Get-Command Send-SmtpMessage).Parameters.Values | ForEach-Object { $_.Name; $_.Aliases }").AssertNoErrors().Output.Select(o => o.ToString()).ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "Attachments", "PsPath", "Bcc", "Body", "BodyAsHtml", "BAH", "Encoding", "BE", "Cc", "DeliveryNotificationOption", "DNO", "From", "SmtpServer", "ComputerName",
                "Priority", "ReplyTo", "Subject", "sub", "To", "Credential", "UseSsl", "Port",
            },
            aliases);
    }

    [Theory]
    [InlineData("utf7")]
    [InlineData("bigendianutf32")]
    [InlineData("oem")]
    [InlineData("28591")]
    [InlineData("iso-8859-15")]
    [InlineData("([Text.Encoding]::ASCII)")]
    public void Encodings_have_the_names_that_send_mailmessage_knows(string encoding)
    {
        Send($"Send-SmtpMessage -To a@x.test -Body 'Grüße €' -Encoding {encoding} {Common}").AssertNoErrors();

        Assert.Single(_server.Messages);
    }

    [Fact]
    public void An_unknown_encoding_is_refused_by_name() =>
        Assert.Contains("'klingon' is not an encoding", Send($"Send-SmtpMessage -To a@x.test -Encoding klingon {Common}").Error.ToString());

    private EngineResult Send(string script)
    {
        engine.Host.Clear();
        return script.StartsWith("param", StringComparison.Ordinal) ? engine.Run(script, _server.Port, _folder.Path) : engine.Run("param($port) " + script, _server.Port);
    }

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder.File(name), content);
        return _folder.File(name);
    }

    private static string Code(ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    private static object? Get(PSObject value, string name) => value.Properties[name].Value is Enum e ? e.ToString() : value.Properties[name].Value;
}
