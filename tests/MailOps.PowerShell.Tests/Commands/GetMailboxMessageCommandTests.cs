using MailOps.Tests.Shared;

namespace MailOps.PowerShell.Tests.Commands;

/// <summary>The cmdlet over a server that a test made; real ones are in the tests with peers.</summary>
public sealed class GetMailboxMessageCommandTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Login = "param($port) $credential = [pscredential]::new('user', [System.Net.NetworkCredential]::new('', 's3cret!').SecurePassword); $at = @{ Server = '127.0.0.1'; Port = $port; Tls = 'None'; Credential = $credential }; ";

    private readonly TalkingServer _server = new(
        ImapScript.Greeting,
        new ImapScript("Subject: one\r\nFrom: a@x.test\r\n\r\nbody 1\r\n", "Subject: two\u001b[31m\r\nFrom: b@x.test\r\nReceived: from a by b; Thu, 5 Mar 2026 10:00:00 +0000\r\n\r\nbody 2, longer\r\n").Answer);

    public void Dispose() => _server.Dispose();

    [Fact]
    public void Headers_come_newest_first_and_ConvertFrom_MailHeader_takes_them()
    {
        var result = Run("Get-MailboxMessage @at -Verbose | ForEach-Object { \"$($_.Id) $($_.Folder) $($_.From) $($_.Subject) $($_.ReceivedTime.Day) $($_.IsRead) $($_.Size) $($_.Content.Count) $(($_ | ConvertFrom-MailHeader).Hops.Count)\" }").AssertNoErrors();

        Assert.Equal(["7-2 INBOX b@x.test two [31m 2 False 108 0 1", "7-1 INBOX a@x.test one 1 False 40 0 0"], result.Output.Select(o => o.ToString()));
        Assert.Contains(result.Verbose, line => line == "Authenticated as user by PLAIN.");
        Assert.Contains(_server.Lines, line => line.Contains(" EXAMINE INBOX", StringComparison.Ordinal));
    }

    [Fact]
    public void Whole_messages_have_their_content_and_one_that_is_too_large_is_an_error_of_its_own()
    {
        var result = Run("Get-MailboxMessage @at -Whole -MaxMessageSize 100 | ForEach-Object Text");

        Assert.Equal("Subject: one\r\nFrom: a@x.test\r\n\r\nbody 1\r\n", Assert.Single(result.Output).ToString());
        var error = Assert.Single(result.Errors);
        Assert.Equal(("MailboxTooLarge,MailOps.PowerShell.Commands.GetMailboxMessageCommand", "7-2"), (error.FullyQualifiedErrorId, error.TargetObject));
    }

    [Fact]
    public void More_than_ResultSize_is_said()
    {
        var result = Run("Get-MailboxMessage @at -ResultSize 1").AssertNoErrors();

        Assert.Single(result.Output);
        Assert.Contains("-ResultSize Unlimited", Assert.Single(result.Warnings));
    }

    [Fact]
    public void A_mailbox_that_fails_does_not_stop_the_others_of_the_pipeline()
    {
        var result = Run("$at.Remove('Server'); 'gone..test', '127.0.0.1' | ForEach-Object { [pscustomobject]@{ Server = $_ } } | Get-MailboxMessage @at -Subject one -From a");

        Assert.Equal("InvalidDomain gone..test", Assert.Single(result.Errors.Select(e => $"{e.FullyQualifiedErrorId.Split(',')[0]} {e.TargetObject}")));
        Assert.Equal(2, result.Output.Count);
        Assert.Contains(_server.Lines, line => line.Contains("SUBJECT one", StringComparison.Ordinal) && line.Contains("FROM a", StringComparison.Ordinal));
    }

    [Fact]
    public void A_protocol_that_reads_no_mailbox_is_refused_at_once_and_not_offered()
    {
        Assert.StartsWith("ParameterArgumentValidationError,", Assert.Single(Run("Get-MailboxMessage @at -Protocol Graph").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        var offered = Run("$line = 'Get-MailboxMessage -Protocol '; (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText").AssertNoErrors().Output.Select(o => o.ToString());
        Assert.Equal(["Imap", "Pop3"], offered);
        Assert.Empty(_server.Lines);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told_with_those_that_are()
    {
        var error = Assert.Single(Run("Get-MailboxMessage @at -Folder nowhere").Errors);

        Assert.StartsWith("MailboxFolderNotFound,", error.FullyQualifiedErrorId);
        Assert.Equal("There are: INBOX.", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_stop_is_prompt()
    {
        using var silent = new TalkingServer(ImapScript.Greeting, _ => null);
        engine.AssertStops(() => !silent.Lines.IsEmpty, Login + "Get-MailboxMessage @at -Timeout 600", silent.Port);
    }

    private EngineResult Run(string script) => engine.Run(Login + script, _server.Port);
}
