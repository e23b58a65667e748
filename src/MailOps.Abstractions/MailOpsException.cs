namespace MailOps;

/// <summary>The one exception that leaves MailOps' library code: what went wrong, under a stable code, and what to do about it.</summary>
/// <remarks>Cmdlets turn it into an error record whose id is <see cref="Code"/> and whose recommended action is <see cref="Hint"/>.</remarks>
public sealed class MailOpsException : Exception
{
    /// <summary>An error with its stable code, its message and the action that mends it.</summary>
    /// <param name="code">One of <see cref="ErrorCode"/>.</param>
    /// <param name="message">What is wrong, in one sentence that names the thing (address, host, file). Never a secret.</param>
    /// <param name="hint">What the user can do about it, in one sentence.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public MailOpsException(string code, string message, string hint, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Hint = hint;
    }

    /// <summary>An error that a server's reply said.</summary>
    /// <param name="code">One of <see cref="ErrorCode"/>.</param>
    /// <param name="message">What is wrong, in one sentence.</param>
    /// <param name="hint">What the user can do about it, in one sentence.</param>
    /// <param name="reply">The reply that said so.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public MailOpsException(string code, string message, string hint, SmtpReply reply, Exception? innerException = null)
        : this(code, message, hint, innerException)
    {
        Reply = reply;
    }

    /// <summary>The stable code, the first part of a cmdlet's FullyQualifiedErrorId; one of <see cref="ErrorCode"/>.</summary>
    public string Code { get; }

    /// <summary>The recommended action.</summary>
    public string Hint { get; }

    /// <summary>The reply that a server gave, if one did.</summary>
    public SmtpReply? Reply { get; }

    /// <summary>The three-digit code of the reply (RFC 5321 section 4.2.1), or 0 where no server replied.</summary>
    public int SmtpStatusCode => Reply?.Code ?? 0;

    /// <summary>The enhanced status code of the reply (RFC 3463), or null.</summary>
    public string? EnhancedStatusCode => Reply?.EnhancedCode;
}
