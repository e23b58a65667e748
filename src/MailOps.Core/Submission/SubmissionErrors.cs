using System.Net.Sockets;
using System.Text.RegularExpressions;
using MailKit.Net.Proxy;
using MailOps.Authentication;
using MailOps.Authentication.Tokens;

namespace MailOps.Submission;

/// <summary>The one place that decides what a failure of a submission is called, and what to do about it.</summary>
internal sealed class SubmissionErrors(SubmissionOptions options, Redaction redaction)
{
    private static readonly ConnectionErrorNames Names = new(
        ErrorCode.SmtpConnectFailed, ErrorCode.SmtpTimeout, "25, 587 or 465", "465 does, 25 and 587 do not",
        "Check that the server is up and no firewall drops the connection (port 25 is often closed: try 587); raise -Timeout for a slow server.",
        "Send again: the server did not have the whole message.");

    private readonly ConnectionErrors _connection = new(options.Server, options.Endpoint, options.Timeout, Names, redaction);

    private string Endpoint => options.Endpoint;

    /// <summary>Whether an exception is a failure that this place knows; all others are defects and are let through.</summary>
    public static bool Knows(Exception exception) => exception
        is SocketException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException or NotSupportedException
        or TlsHandshakeException or NoMechanismException or SaslFaultException or SmtpRefusedException or SmtpFormatException
        or ProxyProtocolException or MailKit.Security.AuthenticationException or MailKit.Security.SslHandshakeException or TokenException;

    public MailOpsException Connecting(Exception exception, CertificateCheck check) => exception switch
    {
        SocketException or ProxyProtocolException or MailKit.Security.AuthenticationException or MailKit.Security.SslHandshakeException when options.ProxyName is { } proxy => new MailOpsException(
            ErrorCode.ProxyFailed, $"{Endpoint} cannot be reached through the proxy {proxy}: {redaction.Clean(ConnectionErrors.Innermost(exception).Message).TrimEnd('.')}.",
            "Check that the proxy is up, is of that kind, takes -ProxyCredential, and allows connections to that server and port.", Cause(exception)),
        SocketException socket => _connection.Unreachable(socket),
        TlsHandshakeException when check.Fault is { } fault => _connection.Certificate(fault, exception),
        TlsHandshakeException => _connection.Handshake(options.IsImplicit, exception),
        NotSupportedException => new MailOpsException(
            ErrorCode.TlsRequired, $"{Endpoint} does not offer STARTTLS, and TLS is required{(options.Tls == TlsMode.Auto ? " to send a credential" : "")}.",
            "Use a port that offers it (587), or -Tls Implicit with port 465.", Cause(exception)),
        SmtpRefusedException refused => Refused(refused.Reply, $"{Endpoint} refused the connection"),
        _ => General(exception),
    };

    public MailOpsException Authenticating(Exception exception, ClientLogin login) => exception switch
    {
        TokenException none => LoginErrors.NoToken(options.Credential?.UserName, none, options.Login.Prefix),
        NoMechanismException none => LoginErrors.NoMechanism(ErrorCode.SmtpAuthFailed, Endpoint, none, options.Login, "Leave the credential out if the server does not ask for it, or use the submission port (587)"),
        SmtpRefusedException { Step: SubmissionStep.Authentication } refused => WrongCredential(refused.Reply, login),
        SaslFaultException broken => new MailOpsException(ErrorCode.SmtpAuthFailed, $"Logging in to {Endpoint} by {login.Mechanism} did not come to its end: {redaction.Clean(broken.Message)}.", LoginErrors.Advice(options.Login, login, null), Cause(exception)),
        _ => General(exception),
    };

    public MailOpsException Sending(Exception exception) => exception switch
    {
        SmtpRefusedException { Reply.Code: 530 } demanded => NotAuthenticated(demanded.Reply),   // RFC 4954 section 6, and RFC 3207 section 4 for TLS
        SmtpRefusedException { Step: SubmissionStep.Sender } sender => Refused(sender.Reply, $"{Endpoint} refused the sender"),
        SmtpRefusedException refused => Refused(refused.Reply, $"{Endpoint} refused the message"),
        NotSupportedException => new MailOpsException(ErrorCode.SmtpRejected, $"{Endpoint} cannot take the message: {exception.Message}", "Send it through another server.", Cause(exception)),
        _ => General(exception),
    };

    public MailOpsException Unknown(Exception exception) => new(
        ErrorCode.SmtpOutcomeUnknown, $"{Endpoint} had the whole message and did not say whether it took it: {redaction.Clean(ConnectionErrors.Innermost(exception).Message).TrimEnd('.')}.",
        "It is not sent again, for it may have arrived: look in the server's log or ask a recipient, and send it again if it has not.", Cause(exception));

    public MailOpsException NeedsUtf8(string address) => new(
        ErrorCode.SmtpRejected, $"{Endpoint} takes only ASCII in local parts (it has no SMTPUTF8), and {address} has more.",
        "Use an ASCII address of that mailbox, or a server with SMTPUTF8.", new SmtpReply(553, "5.6.7", "SMTPUTF8 is needed and not offered"));

    public static MailOpsException RecipientRefused(string address, SmtpReply reply, string endpoint) => new(
        ErrorCode.SmtpRecipientRefused, $"{endpoint} refused the recipient {address}: {reply}",
        reply.IsTemporary ? "Send to this recipient again later." : "Check the address; if it is right, ask the server's administrator whether this client may send to it.", reply);

    private MailOpsException General(Exception exception) => exception switch
    {
        TimeoutException or OperationCanceledException => _connection.TimedOut(exception),
        SmtpFormatException => new MailOpsException(
            ErrorCode.SmtpProtocolError, $"{Endpoint} does not keep to SMTP, or broke off: {redaction.Clean(exception.Message)}",
            "Check that the port is an SMTP port and what speaks there; run again with -Debug to see the conversation.", Cause(exception)),
        _ => _connection.Lost(exception),
    };

    private static MailOpsException Refused(SmtpReply reply, string what) => new(
        ErrorCode.SmtpRejected, $"{what}: {reply}",
        AuthenticationAdvice.OnMessage(reply) is { } known ? Sentence(known)
        : reply.IsTemporary ? "Send it again later." : "The reply says why; if it does not help, ask the server's administrator.", reply);

    private MailOpsException NotAuthenticated(SmtpReply reply) =>
        Regex.IsMatch(reply.Text, "STARTTLS", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)
            ? new MailOpsException(ErrorCode.TlsRequired, $"{Endpoint} wants TLS: {reply}", "Use -Tls StartTls.", reply)
            : new MailOpsException(ErrorCode.SmtpAuthFailed, $"{Endpoint} wants a credential: {reply}",
                (options.Credential is null ? $"Give one with -{options.Login.Prefix}Credential." : "Check that this user may send.")
                + (AuthenticationAdvice.OnMessage(reply) is { } known ? " " + Sentence(known) : ""), reply);

    private MailOpsException WrongCredential(SmtpReply reply, ClientLogin login)
    {
        var reason = login.Reason is { } told ? $" ({told})" : "";
        var known = AuthenticationAdvice.OnAuth(reply, options.Login.Tokens is not null);
        return new MailOpsException(ErrorCode.SmtpAuthFailed, $"{WhatIsRefused(login)}: {reply}{reason}", LoginErrors.Advice(options.Login, login, known), reply);
    }

    private string WhatIsRefused(ClientLogin login) =>
        $"{Endpoint} refused the {(options.Login.Tokens is not null ? "access token" : "credential")} of {options.Credential?.UserName} by {login.Mechanism}";

    private static string Sentence(AuthenticationAdvice advice) => advice.Text + ".";

    private Exception? Cause(Exception exception) => _connection.Cause(exception);
}
