using System.Net.Sockets;

namespace MailOps.Submission;

/// <summary>What the failure of a connection is called, and what to do about it; the same for sending and for reading.</summary>
/// <param name="server">The server, as the user named it.</param>
/// <param name="endpoint">Server and port, as they are shown.</param>
/// <param name="timeout">How long the server may be silent.</param>
/// <param name="names">What differs between the protocols.</param>
/// <param name="redaction">Takes the credential out of what is shown.</param>
internal sealed class ConnectionErrors(string server, string endpoint, TimeSpan timeout, ConnectionErrorNames names, Redaction redaction)
{
    /// <summary>The certificate does not prove the server's name.</summary>
    public MailOpsException Certificate(string fault, Exception cause) => new(
        ErrorCode.CertificateInvalid, $"The certificate of {endpoint} does not prove the server's name: {fault}.",
        "Name the server as its certificate does, or have the certificate or its issuer mended. -SkipCertificateValidation gives the check up: use it for tests only.", Cause(cause));

    /// <summary>The TLS handshake failed, and not for the certificate.</summary>
    public MailOpsException Handshake(bool isImplicit, Exception cause) => new(
        ErrorCode.TlsFailed, $"The TLS handshake with {endpoint} failed: {Innermost(cause).Message.TrimEnd('.')}.",
        isImplicit
            ? $"Check that the port speaks TLS from the first byte ({names.ImplicitPorts}: use -Tls StartTls there), and that the server has TLS 1.2 or later."
            : "Check that the server has TLS 1.2 or later.", Cause(cause));

    /// <summary>The server does not answer.</summary>
    public MailOpsException TimedOut(Exception cause) => new(
        names.Timeout, FormattableString.Invariant($"{endpoint} did not answer within {timeout.TotalSeconds:0.###} seconds."), names.TimeoutAdvice, Cause(cause));

    /// <summary>There was no connection.</summary>
    public MailOpsException Unreachable(SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => new MailOpsException(
            names.ConnectFailed, $"The server name {server} does not resolve to an address.", "Check the spelling and the DNS servers of this machine.", Cause(cause)),
        SocketError.ConnectionRefused => new MailOpsException(
            names.ConnectFailed, $"{endpoint} refused the connection.", $"Check that the mail server runs and listens on that port ({names.Ports}).", Cause(cause)),
        SocketError.TimedOut => TimedOut(new TimeoutException(cause.Message, cause)),
        _ => new MailOpsException(names.ConnectFailed, $"No connection to {endpoint}: {cause.Message}", "Check the network, the firewall and the port.", Cause(cause)),
    };

    /// <summary>The connection was lost.</summary>
    public MailOpsException Lost(Exception cause) => new(names.ConnectFailed, $"The connection to {endpoint} was lost: {Innermost(cause).Message}", names.LostAdvice, Cause(cause));

    /// <summary>The cause, unless it repeats the credential: whoever prints an exception prints its causes.</summary>
    public Exception? Cause(Exception exception) => redaction.Clean(exception.ToString()) == exception.ToString() ? exception : null;

    /// <summary>What went wrong in the first place.</summary>
    public static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return exception;
    }
}

/// <summary>What the errors of a connection are called for one protocol, and what they advise.</summary>
/// <param name="ConnectFailed">The code for no connection.</param>
/// <param name="Timeout">The code for no answer.</param>
/// <param name="Ports">The ports of the protocol, in words.</param>
/// <param name="ImplicitPorts">Which of them has TLS from the first byte, and which has not.</param>
/// <param name="TimeoutAdvice">What to do about no answer.</param>
/// <param name="LostAdvice">What to do about a connection that was lost.</param>
internal sealed record ConnectionErrorNames(string ConnectFailed, string Timeout, string Ports, string ImplicitPorts, string TimeoutAdvice, string LostAdvice);
