using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>What the cmdlets that change mailboxes say to a server that a test made; real ones are in the tests with peers.</summary>
public sealed class MailboxActionCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Login = "param($port, $path) $login = @{ Credential = [pscredential]::new('user', [System.Net.NetworkCredential]::new('', 's3cret!').SecurePassword) }; $at = $login + @{ Server = '127.0.0.1'; Port = $port; Tls = 'None' }; ";

    private readonly TalkingServer _server = new(ImapScript.Greeting, new ImapScript("Subject: one\r\n\r\nbody 1\r\n", "Subject: two\r\n\r\nbody 2\r\n").Answer);
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Save-MailboxMessage @at -Id 7-1 -Path $path -WhatIf")]
    [InlineData("Move-MailboxMessage @at -Id 7-1 -Destination Done -WhatIf")]
    [InlineData("Remove-MailboxMessage @at -Id 7-1 -WhatIf")]
    public void WhatIf_makes_no_connection(string script)
    {
        Assert.Empty(Run(script).AssertNoErrors().Output);
        Assert.Empty(_server.Lines);
        Assert.False(Directory.Exists(_folder.File("saved")));
    }

    [Fact]
    public void Messages_of_the_pipeline_are_removed_together_over_one_connection()
    {
        Run("Get-MailboxMessage @at | Remove-MailboxMessage @login -Confirm:$false").AssertNoErrors();

        var said = _server.Lines.ToArray();
        Assert.Equal(2, said.Count(line => line.Contains("AUTHENTICATE", StringComparison.Ordinal)));
        Assert.Equal(["1:2"], said.Where(line => line.Contains(" STORE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[3]));
    }

    [Fact]
    public void A_folder_that_was_made_anew_has_other_messages_with_the_same_numbers()
    {
        var errors = Run("Remove-MailboxMessage @at -Id 6-1, 7-0, 7-99, 7, 7-1-1, '7-1 2' -Confirm:$false").Errors;

        Assert.Equal(6, errors.Count);
        Assert.All(errors, error => Assert.StartsWith("MailboxMessageNotFound,", error.FullyQualifiedErrorId));
        Assert.DoesNotContain(_server.Lines, line => line.Contains("STORE", StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_is_saved_byte_for_byte_under_a_name_of_its_own()
    {
        var file = Run("Get-MailboxMessage @at -ResultSize 1 -WarningAction SilentlyContinue | Save-MailboxMessage @login -Path $path").AssertNoErrors().Value<FileInfo>();

        Assert.Equal(_folder.File("saved/INBOX-7-2.eml"), file.FullName);
        Assert.Equal("Subject: two\r\n\r\nbody 2\r\n", File.ReadAllText(file.FullName));
        Assert.Single(Directory.GetFiles(_folder.File("saved")));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.FullName));
    }

    [Fact]
    public void The_id_that_a_server_gives_leads_to_no_other_folder()
    {
        using var pop3 = new TalkingServer("+OK hello\r\n", line => line.Split(' ')[0] switch
        {
            "CAPA" => "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n",
            "STAT" => "+OK 1 16\r\n",
            "UIDL" => "+OK\r\n1 ../../x:y\r\n.\r\n",
            "LIST" => "+OK\r\n1 16\r\n.\r\n",
            "TOP" or "RETR" => "+OK\r\nSubject: one\r\n\r\n.\r\n",
            _ => "+OK\r\n",
        });
        var file = engine.Run(Login + "$at.Protocol = 'Pop3'; Get-MailboxMessage @at | Save-MailboxMessage @login -Path $path", pop3.Port, _folder.File("saved")).AssertNoErrors().Value<FileInfo>();

        Assert.Equal(_folder.File("saved/INBOX-%2E%2E%2F%2E%2E%2Fx%3Ay.eml"), file.FullName);
    }

    [Fact]
    public void What_POP3_does_not_remove_at_the_end_is_an_error()
    {
        using var pop3 = new TalkingServer("+OK hello\r\n", line => line.Split(' ')[0] switch
        {
            "CAPA" => "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n",
            "STAT" => "+OK 1 16\r\n",
            "UIDL" => "+OK\r\n1 a\r\n.\r\n",
            "LIST" => "+OK\r\n1 16\r\n.\r\n",
            "QUIT" => "-ERR some deleted messages not removed\r\n",
            _ => "+OK\r\n",
        });
        var error = Assert.Single(engine.Run(Login + "$at.Protocol = 'Pop3'; Remove-MailboxMessage @at -Id a -Confirm:$false", pop3.Port, "").Errors);

        Assert.StartsWith("MailboxRefused,", error.FullyQualifiedErrorId);
        Assert.Contains("did not remove all of the messages that it was to remove when this client logged out: some deleted messages not removed", error.Exception.Message);
    }

    private EngineResult Run(string script) => engine.Run(Login + script, _server.Port, _folder.File("saved"));
}
