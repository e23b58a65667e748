using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace MailOps.Submission;

/// <summary>The one place that decides what a failure of a submission is called, and what to do about it.</summary>
internal sealed class SubmissionErrors(SubmissionOptions options, Redaction redaction)
{
    private string Endpoint => options.Endpoint;

    /// <summary>Whether an exception is a failure that this place knows; all others are defects and are let through.</summary>
    public static bool Knows(Exception exception) => exception
        is SocketException or IOException or TimeoutException or OperationCanceledException or NotSupportedException
        or SslHandshakeException or AuthenticationException or SaslException or ServiceNotAuthenticatedException or ServiceNotConnectedException
        or SmtpCommandException or SmtpProtocolException;

    public MailOpsException Connecting(Exception exception, CertificateCheck check) => exception switch
    {
        SocketException socket => Unreachable(socket),
        SslHandshakeException when check.Fault is { } fault => new MailOpsException(
            ErrorCode.CertificateInvalid, $"The certificate of {Endpoint} does not prove the server's name: {fault}.",
            "Name the server as its certificate does, or have the certificate or its issuer mended. -SkipCertificateValidation gives the check up: use it for tests only.", Cause(exception)),
        SslHandshakeException => new MailOpsException(
            ErrorCode.TlsFailed, $"The TLS handshake with {Endpoint} failed: {Innermost(exception).Message.TrimEnd('.')}.",
            options.IsImplicit
                ? "Check that the port speaks TLS from the first byte (465 does, 25 and 587 do not: use -Tls StartTls there), and that the server has TLS 1.2 or later."
                : "Check that the server has TLS 1.2 or later.", Cause(exception)),
        NotSupportedException => new MailOpsException(
            ErrorCode.TlsRequired, $"{Endpoint} does not offer STARTTLS, and TLS is required{(options.Tls == TlsMode.Auto ? " to send a credential" : "")}.",
            "Use a port that offers it (587), or -Tls Implicit with port 465.", Cause(exception)),
        SmtpCommandException refused => Refused(refused, $"{Endpoint} refused the connection"),
        _ => General(exception),
    };

    public MailOpsException Authenticating(Exception exception) => exception switch
    {
        NotSupportedException => new MailOpsException(
            ErrorCode.SmtpAuthFailed, $"{Endpoint} offers no way to authenticate that this client knows.",
            "Leave -Credential out if the server does not ask for it, or use the submission port (587).", Cause(exception)),
        AuthenticationException or SaslException => WrongCredential(exception),
        _ => General(exception),
    };

    public MailOpsException Sending(Exception exception) => exception switch
    {
        ServiceNotAuthenticatedException demanded => NotAuthenticated(demanded),
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted } sender => Refused(sender, $"{Endpoint} refused the sender"),
        SmtpCommandException refused => Refused(refused, $"{Endpoint} refused the message"),
        NotSupportedException => new MailOpsException(ErrorCode.SmtpRejected, $"{Endpoint} cannot take the message: {exception.Message}", "Send it through another server.", Cause(exception)),
        _ => General(exception),
    };

    public MailOpsException NeedsUtf8(string address) => new(
        ErrorCode.SmtpRejected, $"{Endpoint} takes only ASCII in local parts (it has no SMTPUTF8), and {address} has more.",
        "Use an ASCII address of that mailbox, or a server with SMTPUTF8.", new SmtpReply(553, "5.6.7", "SMTPUTF8 is needed and not offered"));

    public static MailOpsException RecipientRefused(string address, SmtpReply reply, string endpoint) => new(
        ErrorCode.SmtpRecipientRefused, $"{endpoint} refused the recipient {address}: {reply}",
        reply.IsTemporary ? "Send to this recipient again later." : "Check the address; if it is right, ask the server's administrator whether this client may send to it.", reply);

    private MailOpsException General(Exception exception) => exception switch
    {
        TimeoutException or OperationCanceledException => new MailOpsException(
            ErrorCode.SmtpTimeout, FormattableString.Invariant($"{Endpoint} did not answer within {options.Timeout.TotalSeconds:0.###} seconds."),
            "Check that the server is up and no firewall drops the connection (port 25 is often closed: try 587); raise -Timeout for a slow server.", Cause(exception)),
        SmtpProtocolException => new MailOpsException(
            ErrorCode.SmtpProtocolError, $"{Endpoint} does not keep to SMTP, or broke off: {redaction.Clean(exception.Message)}",
            "Check that the port is an SMTP port and what speaks there; run again with -Debug to see the conversation.", Cause(exception)),
        _ => new MailOpsException(
            ErrorCode.SmtpConnectFailed, $"The connection to {Endpoint} was lost: {Innermost(exception).Message}",
            "Send again. If the content was under way, look first whether the message arrived.", Cause(exception)),
    };

    private MailOpsException Unreachable(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new MailOpsException(
            ErrorCode.SmtpConnectFailed, $"The server name {options.Server} does not resolve to an address.", "Check the spelling and the DNS servers of this machine.", Cause(exception)),
        SocketError.ConnectionRefused => new MailOpsException(
            ErrorCode.SmtpConnectFailed, $"{Endpoint} refused the connection.", "Check that the mail server runs and listens on that port (25, 587 or 465).", Cause(exception)),
        SocketError.TimedOut => General(new TimeoutException(exception.Message, exception)),
        _ => new MailOpsException(
            ErrorCode.SmtpConnectFailed, $"No connection to {Endpoint}: {exception.Message}", "Check the network, the firewall and the port.", Cause(exception)),
    };

    private MailOpsException Refused(SmtpCommandException exception, string what)
    {
        var reply = Replies.Read((int)exception.StatusCode, exception.Message, redaction);
        return new MailOpsException(ErrorCode.SmtpRejected, $"{what}: {reply}",
            AuthenticationAdvice.OnMessage(reply) is { } known ? Sentence(known)
            : reply.IsTemporary ? "Send it again later." : "The reply says why; if it does not help, ask the server's administrator.", reply, Cause(exception));
    }

    private MailOpsException NotAuthenticated(ServiceNotAuthenticatedException exception)
    {
        // MailKit throws this for 530 and for nothing else (RFC 4954 section 6, and RFC 3207 section 4 for TLS).
        var reply = Replies.Read(530, exception.Message, redaction);
        return Regex.IsMatch(reply.Text, "STARTTLS", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)
            ? new MailOpsException(ErrorCode.TlsRequired, $"{Endpoint} wants TLS: {reply}", "Use -Tls StartTls.", reply, Cause(exception))
            : new MailOpsException(ErrorCode.SmtpAuthFailed, $"{Endpoint} wants a credential: {reply}",
                (options.Credential is null ? "Give one with -Credential." : "Check that this user may send.")
                + (AuthenticationAdvice.OnMessage(reply) is { } known ? " " + Sentence(known) : ""), reply, Cause(exception));
    }

    private MailOpsException WrongCredential(Exception exception)
    {
        var user = options.Credential?.UserName;
        const string Hint = "Check user name and password; some providers want an app password, or have turned password sign-in for SMTP off.";
        if (exception.InnerException is SmtpCommandException refused)
        {
            var reply = Replies.Read((int)refused.StatusCode, refused.Message, redaction);
            var hint = AuthenticationAdvice.OnAuth(reply) is { } known ? Sentence(known) : Hint;
            return new MailOpsException(ErrorCode.SmtpAuthFailed, $"{Endpoint} refused the credential of {user}: {reply}", hint, reply, Cause(exception));
        }
        return new MailOpsException(ErrorCode.SmtpAuthFailed, $"{Endpoint} refused the credential of {user}: {redaction.Clean(exception.Message)}", Hint, Cause(exception));
    }

    private static string Sentence(AuthenticationAdvice advice) => advice.Text + ".";

    /// <summary>The cause, unless it repeats the credential: whoever prints an exception prints its causes.</summary>
    private Exception? Cause(Exception exception) => redaction.Clean(exception.ToString()) == exception.ToString() ? exception : null;

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return exception;
    }
}
