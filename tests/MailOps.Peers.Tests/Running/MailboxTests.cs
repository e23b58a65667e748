using System.Globalization;
using System.Text;
using MailOps.Peers.Tests.Servers;

namespace MailOps.Peers.Tests.Running;

/// <summary>The mailboxes of a real Dovecot, by IMAP and POP3.</summary>
public sealed class MailboxTests : IDisposable
{
    private const string User = "someone@example.test";

    private const string Prologue =
        """
        function Credential($password) { [pscredential]::new('someone@example.test', [System.Net.NetworkCredential]::new('', $password).SecurePassword) }
        $secret = Credential 'größe-3'
        $imap = @{ Server = 'localhost'; Port = $imapPort; Credential = $secret; Timeout = 20 }
        $imaps = @{ Server = 'localhost'; Port = $imapsPort; Credential = $secret; Timeout = 20; Tls = 'Implicit' }
        $pop3 = @{ Server = 'localhost'; Port = $pop3Port; Credential = $secret; Timeout = 20; Protocol = 'Pop3' }
        function Shown { process { "$($_.Subject)|$($_.From)|$($_.IsRead)|$($_.Folder)|$($_.Text.Length)" } }
        function Id { process { $_.FullyQualifiedErrorId.Split(',')[0] } }
        $failed = $null

        """;

    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Reading()
    {
        var authority = new TestAuthority(_folder);
        await using var dovecot = await StartAsync(authority);
        await PutAsync("new", "1.a", "Subject: first\nFrom: Jo <jo@example.test>\nMessage-ID: <1@example.test>\n\nbody\n");
        await PutAsync("cur", "2.b:2,S", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nFrom: Bo <bo@example.test>\n\nbody of the second\n.\n..\n");
        await PutAsync("cur", "3.c:2,", "Subject: third\nFrom: jo@example.test\n\nbody\n", "Work.Old");

        var lines = await ScriptAsync(dovecot, authority,
            """
            'imap'; Get-MailboxMessage @imap | Shown
            'imaps'; Get-MailboxMessage @imaps | Shown
            'pop3'; Get-MailboxMessage @pop3 | Shown
            'unread'; Get-MailboxMessage @imap -Unread -Whole | Shown
            'subject'; Get-MailboxMessage @imap -Subject GRÜ | Shown
            'pop3 subject'; Get-MailboxMessage @pop3 -Subject grüße -Whole | Shown
            'from'; Get-MailboxMessage @imap -From bo@ | Shown
            'since'; (Get-MailboxMessage @imap -Since ([datetime]::Now).AddHours(1)).Count; (Get-MailboxMessage @imap -Since ([datetime]::Now).AddHours(-1)).Count
            'folder'; Get-MailboxMessage @imap -Folder Work.Old | Shown
            'errors'
            Get-MailboxMessage @imap -Folder nowhere -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id; $failed.ErrorDetails.RecommendedAction
            $imap.Credential = Credential wrong; Get-MailboxMessage @imap -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            $pop3.Credential = Credential wrong; Get-MailboxMessage @pop3 -ErrorAction SilentlyContinue -ErrorVariable failed; "$failed"
            $imaps.Server = '127.0.0.2'; Get-MailboxMessage @imaps -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            $imaps.Server = 'localhost'; $imaps.Tls = 'StartTls'; $imaps.Timeout = 3; Get-MailboxMessage @imaps -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            $imap.Tls = 'Implicit'; Get-MailboxMessage @imap -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            """);

        const string First = "first|Jo <jo@example.test>|False|INBOX|76", Second = "Grüße|Bo <bo@example.test>|True|INBOX|68";
        Assert.Equal(
            [
                "imap", Second, First,
                "imaps", Second, First,
                "pop3", Second.Replace("True", "", StringComparison.Ordinal), First.Replace("False", "", StringComparison.Ordinal),
                "unread", "first|Jo <jo@example.test>|False|INBOX|82",
                "subject", Second,
                "pop3 subject", "Grüße|Bo <bo@example.test>||INBOX|95",
                "from", Second,
                "since", "0", "2",
                "folder", "third|jo@example.test|False|Work.Old|41",
                "errors", "MailboxFolderNotFound", "There are: INBOX, Work.Old.",
                "MailboxAuthFailed", string.Create(CultureInfo.InvariantCulture, $"localhost:{dovecot.Pop3Port} refused the credential of someone@example.test by PLAIN: [AUTH] Authentication failed."),
                "MailboxConnectFailed", "MailboxTimeout", "TlsFailed",
            ],
            lines);
    }

    [Fact]
    public async Task Saving_moving_and_removing()
    {
        var authority = new TestAuthority(_folder);
        await using var dovecot = await StartAsync(authority);
        const string Text = "Subject: gr\u00fc\u00dfe\n\tfolded  \nX-Odd :\tkept\n\n.\n..\nFrom here\n\u00ff\n\nlast line\n";
        await PutAsync("new", "1.a", Text);
        foreach (var number in Enumerable.Range(2, 120)) await PutAsync("new", FormattableString.Invariant($"{number}.m"), FormattableString.Invariant($"Subject: n{number}\n\nbody\n"), chown: number == 121);
        await PutAsync("cur", "1.x:2,T", "Subject: marked by another\n\n\n", "Done");

        var lines = await ScriptAsync(dovecot, authority,
            """
            $all = Get-MailboxMessage @imap; $all.Count
            $path = "$PSScriptRoot/saved"; $login = @{ Credential = $secret; Timeout = 20 }
            'save'; (Get-MailboxMessage @imap -Subject gr | Save-MailboxMessage @login -Path $path).Length
            (Get-MailboxMessage @pop3 -ResultSize 200 | Where-Object { $_.Subject -like 'gr*' } | Save-MailboxMessage @login -Path $path).Length
            $all[-1] | Save-MailboxMessage @login -Path $path -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            ($all[-1] | Save-MailboxMessage @login -Path $path -Force).Exists; [System.IO.Directory]::GetFiles($path).Length
            Save-MailboxMessage @imap -Id 1-1, ($all[0].Id + '0') -Path $path -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            'unread still'; (Get-MailboxMessage @imap -Unread).Count
            'move'; $all[0..59] | Move-MailboxMessage @login -Destination Done; (Get-MailboxMessage @imap).Count; (Get-MailboxMessage @imap -Folder Done).Count
            $all[0..1] | Move-MailboxMessage @login -Destination Done -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            $all[60] | Move-MailboxMessage @login -Destination Nowhere -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            Move-MailboxMessage @pop3 -Id 1 -Destination Done -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            'remove'; Get-MailboxMessage @imap -Folder Done | Where-Object { $_.Subject -like 'n*' } | Remove-MailboxMessage @login -Confirm:$false
            (Get-MailboxMessage @imap -Folder Done).Subject
            Get-MailboxMessage @imap -Subject n62 | Remove-MailboxMessage @login -WhatIf; (Get-MailboxMessage @imap).Count
            Get-MailboxMessage @imaps -Subject n61 | Remove-MailboxMessage @login -Confirm:$false; (Get-MailboxMessage @imap).Count
            Get-MailboxMessage @pop3 -ResultSize 10 -WarningAction SilentlyContinue | Remove-MailboxMessage @login -Confirm:$false; (Get-MailboxMessage @pop3).Count
            """);

        Assert.Equal(
            [
                "121", "save", "77", "77", "FileExists", "True", "2", "MailboxMessageNotFound", "MailboxMessageNotFound",
                "unread still", "120",   // POP3 has marked what it gave whole
                "move", "61", "61", "MailboxMessageNotFound", "MailboxMessageNotFound", "MailboxFolderNotFound", "MailboxUnsupported",
                "remove", "marked by another",
                "61", "60", "50",
            ],
            lines.Where(line => !line.StartsWith("What if:", StringComparison.Ordinal)));
        var wire = Encoding.Latin1.GetBytes(Text.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(_folder.At("saved")), file => Assert.Equal(wire, File.ReadAllBytes(file)));
    }

    [Fact]
    public async Task From_Postfix_to_Dovecot_and_what_does_not_get_there()
    {
        var authority = new TestAuthority(_folder);
        await using var dovecot = await StartAsync(authority);
        await using var postfix = await Postfix.StartAsync(_folder, [User, "lost@example.test"], 0,
            string.Create(CultureInfo.InvariantCulture, $"virtual_transport = lmtp:inet:127.0.0.1:{dovecot.LmtpPort}"));

        var lines = await ScriptAsync(dovecot, authority,
            $$"""
            $flow = @{ SmtpServer = '127.0.0.1'; SmtpPort = {{postfix.Port}}; SmtpTls = 'None'; Wait = 30 }
            function Told { process { "$($_.Outcome) $($_.From) $($_.Latency -gt $_.SendDuration) $($_.Hops.With -join '>') $($_.Hops.By -join '>') $($_.Hops[-1].Delay -lt '00:00:30')" } }
            $imap.Timeout = 5
            $test = Test-MailFlow @imap @flow -From other@example.test; $test | Told
            (Get-MailboxMessage @imap).Id -eq $test.Id; $test | Remove-MailboxMessage -Credential $secret -Confirm:$false; (Get-MailboxMessage @imap).Count
            Test-MailFlow @pop3 @flow | Told
            $flow.Wait = 1
            $lost = Test-MailFlow @imap @flow -To lost@example.test -From other@example.test; "$($lost.Outcome) $($lost.Response)" -replace 'queued as.*', '...'; $lost.Reason.Length -gt 0
            $refused = Test-MailFlow @imap @flow -To elsewhere@other.test; $refused.Outcome; $refused.Reason -like '*Relay access denied*'
            $flow.SmtpPort = {{Ports.Free()}}; (Test-MailFlow @imap @flow).Outcome
            $imap.Timeout = 30; $imap.Credential = Credential wrong; $flow.SmtpPort = {{postfix.Port}}; Test-MailFlow @imap @flow -ErrorAction SilentlyContinue -ErrorVariable failed; $failed | Id
            (Get-MailboxMessage @pop3).Count
            """);

        Assert.Equal(
            [
                "Arrived other@example.test True ESMTP>LMTP peer.example.test>" + Host(lines) + " True", "True", "0",
                "Arrived someone@example.test True ESMTP>LMTP peer.example.test>" + Host(lines) + " True",
                "NotArrived Ok: ...", "True", "NotSent", "True", "NotSent", "MailboxAuthFailed", "1",
            ],
            lines);

        static string Host(string[] lines) => lines[0].Split('>', ' ').ElementAtOrDefault(6) ?? "";   // Dovecot calls itself as the machine is called
    }

    public void Dispose() => _folder.Dispose();

    private Task<Dovecot> StartAsync(TestAuthority authority) => Dovecot.StartAsync(_folder, "größe-3", null, authority);

    /// <summary>Puts a message into the Maildir of the user.</summary>
    private async Task PutAsync(string part, string name, string text, string? folder = null, bool chown = true)
    {
        var maildir = _folder.At($"mail/{User}{(folder is null ? "" : $"/.{folder}")}");
        foreach (var each in (string[])["cur", "new", "tmp"]) Directory.CreateDirectory(Path.Combine(maildir, each));
        await File.WriteAllBytesAsync(Path.Combine(maildir, part, name), Encoding.Latin1.GetBytes(text));
        if (!chown) return;
        var (exitCode, output) = await ChildProcess.RunAsync("chown", ["-R", "nobody:nogroup", _folder.At($"mail/{User}")]);
        Assert.True(exitCode == 0, output);
    }

    private async Task<string[]> ScriptAsync(Dovecot dovecot, TestAuthority authority, string script)
    {
        var ports = string.Create(CultureInfo.InvariantCulture, $"$imapPort = {dovecot.ImapPort}; $imapsPort = {dovecot.ImapsPort}; $pop3Port = {dovecot.Pop3Port}\n");
        var file = _folder.Write("s.ps1", ports + Prologue + script);
        await using var run = ChildProcess.Start("dotnet", [Installed.Host(), "run", file], [KeyValuePair.Create("SSL_CERT_FILE", authority.RootFile)]);
        await run.ExitAsync();
        return [.. run.Lines.Select(line => line.TrimEnd('\r'))];
    }
}
