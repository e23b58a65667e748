using System.Text.RegularExpressions;
using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>Providers and their limits, proxies, transcripts, signatures, and what -WhatIf shows of all that.</summary>
public sealed class SendSmtpMessageWayTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Message = "Send-SmtpMessage -To a@x.test -From f@x.test -Subject Hello -Body World";

    private readonly TempFolder _folder = new();
    private readonly LoopbackSmtpServer _server = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_providers_limit_is_waited_for_and_that_is_shown()
    {
        var progress = "param($port) 1..31 | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\" } } | Send-SmtpMessage -From f@x.test -Subject S -SmtpServer 127.0.0.1 -Port $port -Provider Microsoft365 -MaxConnections 8";

        var (waiting, warnings) = UntilItWaits(progress, _server.Port);

        Assert.Contains("takes 30 messages a minute", waiting, StringComparison.Ordinal);
        Assert.Contains(warnings, warning => warning.Contains("-MaxConnections 8 is not used", StringComparison.Ordinal));
        Assert.Equal(30, _server.Messages.Count);
        Assert.InRange(_server.Connections, 1, 3);
    }

    [Fact]
    public void What_the_log_has_of_the_last_day_counts()
    {
        var log = _folder.File("sent.jsonl");
        engine.Run("param($port, $log) 1..25 | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\" } } | Send-SmtpMessage -From f@x.test -Subject S -SmtpServer 127.0.0.1 -Port $port -LogPath $log", _server.Port, log).AssertNoErrors();

        UntilItWaits(
            "param($port, $log) 1..10 | ForEach-Object { [pscustomobject]@{ To = \"b$_@x.test\" } } | Send-SmtpMessage -From f@x.test -Subject S -SmtpServer 127.0.0.1 -Port $port -LogPath $log -Provider Microsoft365", _server.Port, log);

        Assert.Equal(30, _server.Messages.Count);
        Assert.Equal(30, File.ReadAllLines(log).Length);
    }

    [Fact]
    public void A_provider_brings_its_server_and_an_unknown_one_is_an_error()
    {
        Assert.Contains("through smtp.gmail.com:", engine.Show($"{Message} -Provider gmail -WhatIf"), StringComparison.Ordinal);
        Assert.Contains("by the proxy proxy.example.com:", engine.Show($"{Message} -Provider gmail -Proxy proxy.example.com -WhatIf"), StringComparison.Ordinal);
        Assert.Contains("through 127.0.0.1:2525", engine.Show($"{Message} -Provider gmail -SmtpServer 127.0.0.1 -Port 2525 -WhatIf"), StringComparison.Ordinal);
        Assert.Contains("through smtp.gmail.com:", engine.Show($"{Message} -Provider (Get-MailProvider Gmail) -WhatIf"), StringComparison.Ordinal);
        var error = engine.Run($"{Message} -Provider Gmial").Error;
        Assert.StartsWith("MailProviderNotFound", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("Gmail", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatif_renders_the_message_and_shows_its_way()
    {
        var shown = engine.Show(
            "Import-Module Microsoft.PowerShell.Security -ErrorAction SilentlyContinue; $credential = [pscredential]::new('user', (& { $s = [securestring]::new(); 'hush'.ToCharArray() | ForEach-Object { $s.AppendChar($_) }; $s })); "
            + "[pscustomobject]@{ To = 'a@x.test'; Name = 'Ann' } | Send-SmtpMessage -From f@x.test -Subject 'Dear {{Name}}' -Body 'Hello {{Name}}' -SmtpServer mail.x.test -Port 587 -Credential $credential -Proxy socks5://p.test:1080 -EnvelopeFrom '<>' -WhatIf");

        Assert.Contains("From <> to a@x.test through mail.x.test:587, under TLS by STARTTLS as user by the proxy socks5://p.test:1080:", shown, StringComparison.Ordinal);
        Assert.Contains("Subject: Dear Ann", shown, StringComparison.Ordinal);
        Assert.Contains("Hello Ann", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatif_finds_what_would_fail()
    {
        var result = engine.Run($"{Message} -SmtpServer 127.0.0.1 -Attachments does-not-exist.txt -WhatIf");

        Assert.StartsWith("FileUnreadable", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transcript_has_the_conversation_without_secrets_and_contents()
    {
        using var server = new LoopbackSmtpServer { Keywords = ["AUTH PLAIN", "DSN"] };
        var path = _folder.File("transcript.txt");
        for (var i = 0; i < 2; i++)
        {
            engine.Run(
                "param($port, $path) $s = [securestring]::new(); 'hush-hush'.ToCharArray() | ForEach-Object { $s.AppendChar($_) }; "
                + $"{Message} -SmtpServer 127.0.0.1 -Port $port -Tls None -Credential ([pscredential]::new('user', $s)) -TranscriptPath $path -EnvelopeId 4711 -DeliveryReportContent Full", server.Port, path).AssertNoErrors();
        }

        var text = File.ReadAllText(path);
        Assert.Equal(2, Regex.Count(text, @"(?m)^\d{4}-\d\d-\d\dT[\d:.]+Z C: MAIL FROM:<f@x\.test>.*ENVID=4711.*RET=FULL|(?m)^\d{4}-\d\d-\d\dT[\d:.]+Z C: MAIL FROM:<f@x\.test>.*RET=FULL.*ENVID=4711"));
        Assert.Contains("C: AUTH PLAIN ********", text, StringComparison.Ordinal);
        Assert.Matches(@"C: \(\d+ bytes of content\)", text);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("\0user\0hush-hush"u8), text, StringComparison.Ordinal);
        Assert.DoesNotContain("World", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transcript_that_cannot_be_written_is_told_before_anything_is_sent()
    {
        var error = engine.Run($"param($port, $path) {Message} -SmtpServer 127.0.0.1 -Port $port -TranscriptPath $path", _server.Port, _folder.File("no/such/folder")).Error;

        Assert.StartsWith("FileUnwritable", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(0, _server.Connections);
    }

    [Fact]
    public void A_domains_key_signs_each_message()
    {
        var key = _folder.File("dkim.pem");

        engine.Run(
            "param($port, $key) New-DkimKey -Domain x.test -Selector s1 -Path $key > $null; "
            + "1..2 | ForEach-Object { [pscustomobject]@{ To = \"a$_@x.test\" } } | Send-SmtpMessage -From f@x.test -Subject S -SmtpServer 127.0.0.1 -Port $port -DkimKeyPath $key -DkimSelector s1", _server.Port, key).AssertNoErrors();

        Assert.All([0, 1], i => Assert.Matches(@"^DKIM-Signature: v=1; a=rsa-sha256; d=x\.test; s=s1;", _server.Text(i)));
    }

    [Theory]
    [InlineData("-DkimKeyPath nowhere.pem -DkimSelector s1", "FileUnreadable")]
    [InlineData("-DkimSelector s1", "SigningFailed")]
    [InlineData("-DkimDomain x.test", "SigningFailed")]
    [InlineData("-EnvelopeId \"a`r`nRCPT TO:<b@x.test>\"", "InvalidMessage")]
    [InlineData("-Proxy http://user:hush@127.0.0.1:1", "ProxyFailed")]
    [InlineData("-ReadReceiptTo nobody", "InvalidAddress")]
    public void What_cannot_work_is_told_with_its_id(string arguments, string id)
    {
        var error = engine.Run($"param($port) {Message} -SmtpServer 127.0.0.1 -Port $port {arguments}", _server.Port).Error;

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Runs a script until its progress says that it waits, and stops it.</summary>
    private (string Waiting, IReadOnlyList<string> Warnings) UntilItWaits(string script, params object?[] arguments)
    {
        using var shell = engine.Shell(script, arguments);
        var running = shell.BeginInvoke();
        string? waiting = null;
        Assert.True(SpinWait.SpinUntil(() => (waiting = shell.Streams.Progress.ToArray().Select(record => record.StatusDescription).FirstOrDefault(text => text.Contains("waiting until", StringComparison.Ordinal))) is not null, TimeSpan.FromSeconds(50)));
        shell.Stop();
        Assert.Throws<System.Management.Automation.PipelineStoppedException>(() => shell.EndInvoke(running));
        return (waiting!, [.. shell.Streams.Warning.Select(warning => warning.Message)]);
    }
}
