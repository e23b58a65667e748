using System.Net;
using MailOps.Authentication;
using MailOps.Submission;
using MailOps.Tests.Shared;

namespace MailOps.Core.Tests.Submission;

/// <summary>Replies recorded from real servers, played whole, by line and by byte.</summary>
public sealed class TranscriptTests
{
    public static TheoryData<Pace, string, string?, string?> Conversations => new(
        from pace in new[] { Pace.Whole, Pace.ByLine, Pace.ByByte }
        from conversation in new (string Ehlo, string? Changed, string? Code)[]
        {
            ("comcast-ehlo", null, null),
            ("comcast-ehlo+pipelining", null, null),
            ("comcast-ehlo+binarymime", null, null),
            ("comcast-ehlo+dsn", null, null),
            ("comcast-ehlo+smtputf8", null, null),
            ("comcast-ehlo+requiretls", null, null),
            ("comcast-ehlo", "RCPT TO:=mailbox-unavailable", ErrorCode.SmtpRecipientRefused),
            ("comcast-ehlo+pipelining", "RCPT TO:=mailbox-unavailable", ErrorCode.SmtpRecipientRefused),
            ("comcast-ehlo", "MAIL FROM:=auth-required", ErrorCode.SmtpAuthFailed),
            ("comcast-ehlo+pipelining", "MAIL FROM:=auth-required", ErrorCode.SmtpAuthFailed),
            ("comcast-ehlo", "DATA=bad-command-sequence", ErrorCode.SmtpRejected),
            ("comcast-ehlo", "(greeting)=greeting-not-ready", ErrorCode.SmtpProtocolError),
            ("ehlo-failed", null, null),   // HELO follows
        }
        select (pace, conversation.Ehlo, conversation.Changed, conversation.Code));

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task Recorded_replies_are_understood(Pace pace, string ehlo, string? changed, string? code)
    {
        var replies = new List<(string, string)>
        {
            ("(greeting)", Read("comcast-greeting")), ("EHLO", Read(ehlo)), ("HELO", Read("helo")), ("MAIL FROM:", Read("comcast-mail-from")),
            ("RCPT TO:", Read("comcast-rcpt-to")), ("DATA", Read("comcast-data")), (".", Read("comcast-data-done")), ("RSET", Read("comcast-rset")), ("QUIT", Read("comcast-quit")),
        };
        if (changed?.Split('=') is [var command, var file]) replies.Add((command, Read(file)));
        using var server = new LoopbackSmtpServer([.. replies]) { Pace = pace };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server) with { Tls = TlsMode.None });

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");
        await submission.CloseAsync(TestContext.Current.CancellationToken);

        Assert.Equal(code, result.Errors.SingleOrDefault()?.Error.Code);
        if (code is not null) return;
        var recipient = Assert.Single(result.Recipients);
        Assert.Equal((DeliveryStatus.Delivered, "2.0.0", "1Yat1n00V1sBWGw3SYaubg mail accepted for delivery"), (recipient.Status, recipient.EnhancedStatusCode, recipient.Response));
        Assert.Equal("QUIT", server.Commands.Last());
    }

    public static TheoryData<Pace, string, string, string?> Logins => new(
        from pace in new[] { Pace.Whole, Pace.ByLine, Pace.ByByte }
        from login in new (string Mechanisms, string Replies, string? Code)[]
        {
            ("LOGIN PLAIN", "AUTH PLAIN=comcast-auth-plain", null),
            ("LOGIN PLAIN", "AUTH PLAIN=auth-successful", null),
            ("PLAIN", "AUTH PLAIN=auth-failed", ErrorCode.SmtpAuthFailed),
            ("PLAIN", "AUTH PLAIN=auth-too-weak", ErrorCode.SmtpAuthFailed),
            ("LOGIN", "AUTH LOGIN=comcast-auth-login-password;dXNlcm5hbWU==comcast-auth-login-username;cGFzc3dvcmQ==comcast-auth-login", null),
            ("LOGIN", "AUTH LOGIN=comcast-auth-login-password;dXNlcm5hbWU==comcast-auth-login-username;cGFzc3dvcmQ==auth-failed", ErrorCode.SmtpAuthFailed),
            ("DIGEST-MD5", "AUTH DIGEST-MD5=comcast-auth-digest-md5;=comcast-auth-digest-md5-reset", ErrorCode.SmtpAuthFailed),
            ("DIGEST-MD5", "AUTH DIGEST-MD5=comcast-auth-digest-md5;=comcast-auth-digest-md5-response", ErrorCode.SmtpAuthFailed),   // its proof is none
        }
        select (pace, login.Mechanisms, login.Replies, login.Code));

    [Theory]
    [MemberData(nameof(Logins))]
    public async Task Recorded_logins_are_understood(Pace pace, string mechanisms, string replies, string? code)
    {
        var table = new List<(string, string)>
        {
            ("(greeting)", Read("comcast-greeting")), ("EHLO", Read("comcast-ehlo").Replace("LOGIN PLAIN", mechanisms, StringComparison.Ordinal)), ("MAIL FROM:", Read("comcast-mail-from")),
            ("RCPT TO:", Read("comcast-rcpt-to")), ("DATA", Read("comcast-data")), (".", Read("comcast-data-done")), ("QUIT", Read("comcast-quit")),
        };
        table.AddRange(replies.Split(';').Select(reply => (reply[..reply.LastIndexOf('=')], Read(reply[(reply.LastIndexOf('=') + 1)..]))));
        using var server = new LoopbackSmtpServer([.. table]) { Pace = pace };
        using var submission = new SmtpSubmission(SmtpSubmissionTests.Options(server) with
        {
            Tls = TlsMode.None,
            Credential = new NetworkCredential("username", "password"),
            Login = new LoginMethod { Mechanism = mechanisms == "DIGEST-MD5" ? AuthenticationMechanism.DigestMd5 : AuthenticationMechanism.Auto },   // it is never chosen unasked
        });

        var result = await SmtpSubmissionTests.SendAsync(submission, "a@x.test");
        await submission.CloseAsync(TestContext.Current.CancellationToken);

        Assert.Equal(code, result.Errors.SingleOrDefault()?.Error.Code);
        Assert.Equal(code is null, server.Messages.Count == 1);
        Assert.Contains(server.Commands, command => command.StartsWith("AUTH " + mechanisms.Split(' ')[^1], StringComparison.Ordinal));
    }

    private static string Read(string name) =>
        string.Join("\r\n", File.ReadAllLines(Conformance.Files("transcripts/smtp", name + ".txt").Single()));
}
