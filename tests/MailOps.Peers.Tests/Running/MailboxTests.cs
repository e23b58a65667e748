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
                "MailboxAuthFailed", string.Create(CultureInfo.InvariantCulture, $"localhost:{dovecot.Pop3Port} refused the credential of someone@example.test: [AUTH] Authentication failed."),
                "MailboxConnectFailed", "MailboxTimeout", "TlsFailed",
            ],
            lines);
    }

    public void Dispose() => _folder.Dispose();

    private Task<Dovecot> StartAsync(TestAuthority authority) => Dovecot.StartAsync(_folder, "größe-3", null, authority);

    /// <summary>Puts a message into the Maildir of the user.</summary>
    private async Task PutAsync(string part, string name, string text, string? folder = null)
    {
        var maildir = _folder.At($"mail/{User}{(folder is null ? "" : $"/.{folder}")}");
        foreach (var each in (string[])["cur", "new", "tmp"]) Directory.CreateDirectory(Path.Combine(maildir, each));
        await File.WriteAllBytesAsync(Path.Combine(maildir, part, name), Encoding.UTF8.GetBytes(text));
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
