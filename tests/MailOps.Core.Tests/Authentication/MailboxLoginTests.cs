using System.Net;
using System.Text;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;
using MailOps.Mailboxes;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Authentication;

/// <summary>One mechanism, one attempt, by IMAP and POP3.</summary>
public sealed class MailboxLoginTests
{
    private const string User = "mila@x.test", Password = "S3cret-Pässword", Token = "eyJ0b2tlbiI6InNlY3JldCJ9.abcdef";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("AUTH=CRAM-MD5 AUTH=PLAIN AUTH=LOGIN", AuthenticationMechanism.Auto, "AUTHENTICATE CRAM-MD5", "by CRAM-MD5")]
    [InlineData("AUTH=CRAM-MD5 AUTH=PLAIN SASL-IR", AuthenticationMechanism.Plain, "AUTHENTICATE PLAIN", "by PLAIN")]
    [InlineData("", AuthenticationMechanism.Auto, "LOGIN", "by the LOGIN command")]
    [InlineData("AUTH=PLAIN AUTH=CRAM-MD5", AuthenticationMechanism.Login, "LOGIN", "by the LOGIN command")]
    public async Task A_password_that_IMAP_refuses_is_shown_once(string capabilities, AuthenticationMechanism asked, string command, string says)
    {
        using var server = Imap(capabilities, _ => "% NO [AUTHENTICATIONFAILED] wrong, says the server\r\n");

        var error = await FailsAsync(server, o => o with { Login = new LoginMethod { Mechanism = asked } });

        Assert.Equal(ErrorCode.MailboxAuthFailed, error.Code);
        Assert.Contains($"refused the credential of {User} {says}: [AUTHENTICATIONFAILED] wrong, says the server", error.Message, StringComparison.Ordinal);
        Assert.Contains($" {command}", Assert.Single(server.Lines, IsLogin), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SASL CRAM-MD5 PLAIN\r\nUSER\r\n", "AUTH CRAM-MD5")]
    [InlineData("SASL PLAIN LOGIN\r\nUSER\r\n", "AUTH PLAIN")]
    [InlineData("USER\r\n", "USER ")]
    public async Task A_password_that_POP3_refuses_is_shown_once(string capabilities, string command)
    {
        using var server = new TalkingServer("+OK hello <1896.697170952@x.test>\r\n", line => line == "CAPA" ? $"+OK\r\n{capabilities}UIDL\r\n.\r\n" : line.StartsWith("USER", StringComparison.Ordinal) ? "+OK\r\n" : "-ERR [AUTH] no\r\n");

        var error = await FailsAsync(server, o => o with { Protocol = MailProtocol.Pop3 });

        Assert.Contains("[AUTH] no", error.Message, StringComparison.Ordinal);
        Assert.StartsWith(command, Assert.Single(server.Lines, line => line.StartsWith("AUTH", StringComparison.Ordinal) || line.StartsWith("USER", StringComparison.Ordinal) || line.StartsWith("APOP", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH=PLAIN LOGINDISABLED", AuthenticationMechanism.CramMd5, false, "does not offer CRAM-MD5; it offers PLAIN.")]
    [InlineData("AUTH=PLAIN", AuthenticationMechanism.Auto, true, "with an access token that this client knows; it offers PLAIN.")]
    [InlineData("LOGINDISABLED", AuthenticationMechanism.Auto, false, "with a password that this client knows; it offers none at all.")]
    public async Task What_is_not_offered_is_told_with_what_is(string capabilities, AuthenticationMechanism asked, bool isToken, string says)
    {
        using var server = Imap(capabilities, _ => "% OK\r\n");

        var error = await FailsAsync(server, o => o with { Login = new LoginMethod { Mechanism = asked, Tokens = isToken ? AccessTokens.Of(Token) : null } });

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Lines, IsLogin);
    }

    [Theory]
    [InlineData("XOAUTH2", "")]
    [InlineData("OAUTHBEARER", "AQ==")]
    public async Task Why_IMAP_refuses_a_token_is_told(string mechanism, string empty)
    {
        var why = Convert.ToBase64String("""{"status":"401","scope":"https://mail.google.com/"}"""u8);
        var tag = "";
        using var server = Imap("SASL-IR AUTH=" + mechanism, line =>
        {
            if (line == empty) return $"{tag} NO AUTHENTICATE failed for {Token}\r\n";
            tag = line.Split(' ')[0];
            return $"+ {why}\r\n";
        });

        var error = await FailsAsync(server, o => o with { Login = new LoginMethod { Tokens = AccessTokens.Of(Token) }, Timeout = TimeSpan.FromSeconds(5) });

        Assert.Contains($"refused the access token of {User} by {mechanism} (status 401, scope https://mail.google.com/): AUTHENTICATE failed for ********", error.Message, StringComparison.Ordinal);
        Assert.Contains("IMAP.AccessAsApp", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MailProtocol.Imap, "PLAIN")]
    [InlineData(MailProtocol.Imap, "LOGIN")]
    [InlineData(MailProtocol.Imap, "XOAUTH2")]
    [InlineData(MailProtocol.Pop3, "PLAIN")]
    [InlineData(MailProtocol.Pop3, "XOAUTH2")]
    public async Task A_server_that_asks_for_ever_is_left(MailProtocol protocol, string mechanism)
    {
        var challenges = 0;
        using var server = protocol == MailProtocol.Imap
            ? Imap("AUTH=" + mechanism, _ => Challenge())
            : new TalkingServer("+OK hello\r\n", line => line == "CAPA" ? $"+OK\r\nSASL {mechanism}\r\nUIDL\r\n.\r\n" : Challenge());

        var error = await FailsAsync(server, o => o with { Protocol = protocol, Login = new LoginMethod { Mechanism = Enum.Parse<AuthenticationMechanism>(mechanism, ignoreCase: true), Tokens = mechanism == "XOAUTH2" ? AccessTokens.Of(Token) : null }, Timeout = TimeSpan.FromSeconds(5) });

        // By POP3, MailKit goes itself where a mechanism has nothing more to say.
        var (code, says, most) = protocol == MailProtocol.Imap
            ? (ErrorCode.MailboxAuthFailed, $"does not come to an end while this client logs in by {mechanism}, and was left after 10 challenges", 11)
            : (ErrorCode.MailboxProtocolError, "does not keep to POP3", mechanism == "XOAUTH2" ? 3 : 2);
        Assert.Equal((code, most), (error.Code, challenges));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);

        string Challenge()
        {
            challenges++;
            return "+ \r\n";
        }
    }

    [Fact]
    public async Task Without_a_token_there_is_no_connection()
    {
        var tokens = new AccessTokens(_ => throw new TokenException("the token server login.x.test refused: invalid_client"), () => DateTimeOffset.UtcNow, Ended);
        using var server = Imap("AUTH=XOAUTH2", _ => "% OK\r\n");

        Assert.Equal(ErrorCode.OAuthTokenFailed, (await FailsAsync(server, o => o with { Login = new LoginMethod { Tokens = tokens } })).Code);
        Assert.Empty(server.Lines);
    }

    private static bool IsLogin(string line) => line.Contains(" AUTHENTICATE ", StringComparison.Ordinal) || line.Contains(" LOGIN ", StringComparison.Ordinal);

    private static TalkingServer Imap(string capabilities, Func<string, string?> answer)
    {
        var line = $"IMAP4rev1 {capabilities}".TrimEnd();
        return new TalkingServer($"* OK [CAPABILITY {line}] hello\r\n", said => said.EndsWith("CAPABILITY", StringComparison.Ordinal) ? $"* CAPABILITY {line}\r\n% OK\r\n" : answer(said));
    }

    private static async Task<MailOpsException> FailsAsync(TalkingServer server, Func<MailboxOptions, MailboxOptions> change)
    {
        var options = change(new MailboxOptions { Server = "127.0.0.1", Port = server.Port, Tls = TlsMode.None, Credential = new NetworkCredential(User, Password), Timeout = TimeSpan.FromSeconds(20) });
        var error = await Assert.ThrowsAsync<MailOpsException>(() => MailboxSession.OpenAsync(options, null, Ended));
        var shown = error.ToString() + error.Hint;
        foreach (var secret in new[] { Password, Token, Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{User}\0{Password}")) }) Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
        return error;
    }
}
