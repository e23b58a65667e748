namespace MailOps.Submission;

/// <summary>Where in a conversation something was.</summary>
internal enum SubmissionStep
{
    Greeting,
    Hello,
    StartTls,
    Authentication,
    Sender,
    Recipients,
    Data,
    Content,
}

/// <summary>The server said no.</summary>
/// <param name="step">To what.</param>
/// <param name="reply">In which words.</param>
/// <param name="endsConnection">Whether the connection is of no use any more.</param>
internal sealed class SmtpRefusedException(SubmissionStep step, SmtpReply reply, bool endsConnection = false) : Exception(reply.ToString())
{
    public bool EndsConnection { get; } = endsConnection;

    public SubmissionStep Step { get; } = step;

    public SmtpReply Reply { get; } = reply;
}

/// <summary>The server does not keep to SMTP, or broke off.</summary>
internal sealed class SmtpFormatException(string message) : Exception(message);

/// <summary>There is no TLS: the handshake failed, or the certificate was not accepted.</summary>
internal sealed class TlsHandshakeException(Exception cause) : Exception(cause.Message, cause);
