using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Pop3;
using MailKit.Security;
using MailOps.Authentication;
using MailOps.Messages;
using MailOps.Submission;

namespace MailOps.Mailboxes;

/// <summary>The one place that decides what a failure of a mailbox is called, and what to do about it.</summary>
internal sealed class MailboxErrors(MailboxOptions options, Redaction redaction)
{
    private const int MaxFolders = 20;

    private readonly ConnectionErrors _connection = new(options.Server, options.Endpoint, options.Timeout, Names(options.IsPop3), redaction);

    private string Endpoint => options.Endpoint;

    private AuthenticationAdvice Wrong => new(
        options.Login.Tokens is null
            ? $"Check user name and password; some providers want an app password, take OAuth 2.0 alone (-OAuth), or have {Protocol} turned off for the mailbox"
            : $"The token must be for this mailbox, and for {Protocol}: at Microsoft 365 by the scope {(options.IsPop3 ? "POP.AccessAsUser.All" : "IMAP.AccessAsUser.All")}, or for an app by the permission {(options.IsPop3 ? "POP.AccessAsApp" : "IMAP.AccessAsApp")} with admin consent and Add-MailboxPermission <mailbox> -User <service principal> -AccessRights FullAccess; at Google by the scope https://mail.google.com/. See also that {Protocol} is on for the mailbox",
        IsCredential: true);

    private string Protocol => options.IsPop3 ? "POP3" : "IMAP";

    /// <summary>Whether an exception is a failure that this place knows; all others are defects and are let through.</summary>
    public static bool Knows(Exception exception) => exception
        is SocketException or IOException or TimeoutException or OperationCanceledException or NotSupportedException or ObjectDisposedException
        or SslHandshakeException or AuthenticationException or SaslException or ServiceNotAuthenticatedException or ServiceNotConnectedException
        or CommandException or ProtocolException or FolderNotFoundException or FolderNotOpenException or MessageNotFoundException;

    public MailOpsException Connecting(Exception exception, CertificateCheck check) => exception switch
    {
        SocketException socket => _connection.Unreachable(socket),
        SslHandshakeException when check.Fault is { } fault => _connection.Certificate(fault, exception),
        SslHandshakeException when Within<TooMuchException>(exception) is null => _connection.Handshake(options.IsImplicit, exception),
        NotSupportedException => NoTls(exception),
        _ => Asking(exception),
    };

    public MailOpsException NoTls(Exception? cause = null) => new(
        ErrorCode.TlsRequired, $"{Endpoint} does not offer STARTTLS, and a credential is not sent without TLS.", $"Use -Tls Implicit with port {(options.IsPop3 ? 995 : 993)}.", cause);

    public MailOpsException AuthenticatedBefore() => new(
        ErrorCode.MailboxProtocolError, $"{Endpoint} says that this client is authenticated before it has said who it is.",
        "Whoever stands between could say so (PREAUTH) to have a mailbox read, or written to, without TLS. Use a port of the server that asks for a credential.");

    public MailOpsException Authenticating(Exception exception, string? refusal, ClientLogin login) => exception switch
    {
        _ when Within<EndlessLoginException>(exception) is not null => new MailOpsException(
            ErrorCode.MailboxAuthFailed, FormattableString.Invariant($"{Endpoint} does not come to an end while this client logs in by {login.Mechanism}, and was left after {ServerWatch.MaxChallenges} challenges."),
            "Check what speaks there; use another mechanism (-Authentication) where the server's one is broken.", _connection.Cause(exception)),
        AuthenticationException or SaslException or ServiceNotAuthenticatedException => Refused(
            ErrorCode.MailboxAuthFailed, $"refused the {(options.Login.Tokens is null ? "credential" : "access token")} of {options.Credential.UserName} by {login.Mechanism}{(login.Reason is { } reason ? $" ({reason})" : "")}", exception,
            LoginErrors.Advice(options.Login, login, Wrong), refusal),
        NoMechanismException none => LoginErrors.NoMechanism(
            ErrorCode.MailboxAuthFailed, Endpoint, none, options.Login, "Use a port with TLS; where there is one, see which mechanisms the server's administrator allows"),
        NotSupportedException => new MailOpsException(
            ErrorCode.MailboxAuthFailed, $"{Endpoint} takes no user name and password.", "Use a port with TLS; where there is one, see which mechanisms the server's administrator allows.", _connection.Cause(exception)),
        _ => Asking(exception),
    };

    public MailOpsException Asking(Exception exception) => exception switch
    {
        _ when Within<TooMuchException>(exception) is { } much => new MailOpsException(
            ErrorCode.MailboxProtocolError, FormattableString.Invariant($"{Endpoint} sends more than {much.Limit} bytes where less was to be expected, and was left."),
            "Check what speaks there; where it is a very large mailbox, ask for less with -Since, or raise -MaxMessageSize for a very large message.", _connection.Cause(exception)),
        TimeoutException or OperationCanceledException => _connection.TimedOut(exception),
        CommandException => Refused(ErrorCode.MailboxRefused, "refused what it was asked", exception, "The reply says why; if it does not help, ask the server's administrator."),
        ProtocolException or FolderNotOpenException => new MailOpsException(
            ErrorCode.MailboxProtocolError, $"{Endpoint} does not keep to {Protocol}, or broke off: {redaction.Show(exception.Message)}", $"Check that the port is one of {Protocol} and what speaks there (-Protocol, -Port, -Tls).", _connection.Cause(exception)),
        NotSupportedException => new MailOpsException(ErrorCode.MailboxUnsupported, $"{Endpoint} cannot do that: {redaction.Show(exception.Message)}", "Use another server or protocol.", _connection.Cause(exception)),
        _ => _connection.Lost(exception),
    };

    public MailOpsException TooManyMatches(int max) => new(
        ErrorCode.MailboxTooLarge, FormattableString.Invariant($"{Endpoint} has more than {max} such messages, or says so."), "Ask for less, with -Since for example.");

    public static MailOpsException TooLarge(string id, long size, long max) => new(
        ErrorCode.MailboxTooLarge, FormattableString.Invariant($"Message {id} has {size} bytes, and more than {max} are not read."), "Raise -MaxMessageSize.");

    public MailOpsException NoFolder(string folder, IReadOnlyList<string> there) => new(
        ErrorCode.MailboxFolderNotFound, $"The mailbox of {options.Credential.UserName} at {Endpoint} has no folder '{WireText.Show(folder)}'.",
        options.IsPop3 ? "POP3 knows INBOX alone; use -Protocol Imap."
        : there.Count == 0 ? "Check the name."
        : $"There are: {string.Join(", ", there.Take(MaxFolders).Select(name => WireText.Show(name, 100)))}{(there.Count > MaxFolders ? " …" : "")}.");

    public MailOpsException NoMessage(string folder, string id) => new(
        ErrorCode.MailboxMessageNotFound, $"The folder '{WireText.Show(folder)}' of {options.Credential.UserName} at {Endpoint} has no message {WireText.Show(id)}, or not any more.",
        "Ask again with Get-MailboxMessage: it may have been moved or removed, or the folder made anew.");

    public MailOpsException NotRemoved(string answer) => new(
        ErrorCode.MailboxRefused, $"{Endpoint} did not remove all of the messages that it was to remove when this client logged out: {redaction.Show(answer is "-ERR" ? "it does not say why" : answer.StartsWith("-ERR ", StringComparison.Ordinal) ? answer.Substring(5) : answer)}",
        "Some of them may be gone: see with Get-MailboxMessage which are still there, and remove those again. Where it stays so, ask the server's administrator.");

    public MailOpsException NotSaidToBeRemoved(Exception exception) => new(
        exception is TimeoutException ? ErrorCode.MailboxTimeout : ErrorCode.MailboxConnectFailed, $"{Endpoint} has not said whether it removed the messages that it was to remove when this client logged out.",
        "See with Get-MailboxMessage which are still there, and remove those again.", _connection.Cause(exception));

    public MailOpsException ReadOnly(string folder) => new(
        ErrorCode.MailboxRefused, $"{Endpoint} opens the folder '{WireText.Show(folder)}' for reading alone.", "Ask the server's administrator for the right to change it.");

    public static MailOpsException Unsupported(string what, string hint) => new(ErrorCode.MailboxUnsupported, what, hint);

    private MailOpsException Refused(string code, string what, Exception exception, string hint, string? refusal = null)
    {
        var said = refusal ?? (exception.InnerException ?? exception) switch
        {
            ImapCommandException { ResponseText: { Length: > 0 } text } => text,
            Pop3CommandException { StatusText: { Length: > 0 } text } => text,
            var other => other.Message,
        };
        return new MailOpsException(code, $"{Endpoint} {what}: {redaction.Show(said)}", hint, _connection.Cause(exception));
    }

    private static T? Within<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not (null or T)) exception = exception.InnerException;
        return (T?)exception;
    }

    private static ConnectionErrorNames Names(bool pop3) => new(
        ErrorCode.MailboxConnectFailed, ErrorCode.MailboxTimeout, pop3 ? "995 or 110" : "993 or 143", pop3 ? "995 does, 110 does not" : "993 does, 143 does not",
        "Check that the server is up and no firewall drops the connection; raise -Timeout for a slow server.", "Try again; see first what of it is done.");
}
