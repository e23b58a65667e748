using MailOps.Relay.Delivery.Trust.Reports;

namespace MailOps.Relay.Delivery.Smtp;

/// <summary>The conversation cannot go on: refused before MAIL, lost, timed out, closed by 421, or not SMTP. It never leaves the delivery target.</summary>
/// <param name="step">Where it broke.</param>
/// <param name="reply">What the server said, or one that says what happened.</param>
/// <param name="cause">What broke it, if an exception did.</param>
internal sealed class SmtpFailureException(SmtpStep step, SmtpReply reply, Exception? cause = null) : Exception(reply.ToString(), cause)
{
    public SmtpStep Step { get; } = step;
    public SmtpReply Reply { get; } = reply;

    /// <summary>Whether the reply is MailOps' own rather than the server's.</summary>
    public bool IsOwn { get; private init; }

    /// <summary>Where TLS was what failed, how (RFC 8460 section 4.3); null otherwise.</summary>
    public TlsResultType? TlsResult { get; private init; }

    /// <summary>A failure that MailOps saw rather than the server said; temporary (RFC 3463 section 3.5).</summary>
    public static SmtpFailureException Local(SmtpStep step, string enhancedCode, string what, Exception? cause = null, TlsResultType? tls = null) =>
        new(step, new SmtpReply(451, enhancedCode, $"{what} {SmtpSteps.Words(step)}"), cause) { IsOwn = true, TlsResult = tls };

    /// <summary>RFC 8689 section 4.2.1: no session with proven TLS can be had for a message that asks for one.</summary>
    public static SmtpFailureException Unsafe(string what, Exception? cause = null, TlsResultType? tls = null) =>
        new(SmtpStep.RequireTls, new SmtpReply(550, "5.7.10", $"REQUIRETLS was asked for, and {what}"), cause) { IsOwn = true, TlsResult = tls };

    /// <summary>The same failure in other words.</summary>
    public SmtpFailureException As(SmtpReply told) => new(Step, told, this) { IsOwn = IsOwn, TlsResult = TlsResult };

    /// <summary>The server's refusal of STARTTLS.</summary>
    public static SmtpFailureException NoTls(SmtpReply reply) => new(SmtpStep.StartTls, reply) { TlsResult = TlsResultType.StartTlsNotSupported };
}
