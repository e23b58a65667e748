using MailOps.Relay.Delivery.Smtp;
using MailOps.Submission;

namespace MailOps.Relay.Delivery;

/// <summary>How far a failure reaches.</summary>
internal enum FailureScope
{
    /// <summary>This host: another of the next hop's hosts may do better.</summary>
    Host,
    /// <summary>The whole next hop: what it said holds for everything that waits for it.</summary>
    Site,
    /// <summary>This message and all its recipients here; the conversation goes on.</summary>
    Message,
    /// <summary>One recipient.</summary>
    Recipient,
}

/// <summary>What a failure means.</summary>
internal readonly record struct FailureVerdict(FailureScope Scope, DeliveryStatus Status);

/// <summary>
/// The one place that decides what a failure means. Before MAIL it concerns the host, and the next one is tried; a refused credential concerns
/// the site, for the next host would be asked to refuse it too, and accounts are locked that way. MAIL, DATA and the content concern the
/// message, RCPT one recipient. Only a server's 5yz to those is permanent; before MAIL only a host that says it never takes mail is, and one that does not have
/// what REQUIRETLS asks for.
/// Everything unknown is temporary: a message tried too often is better than one lost.
/// </summary>
internal static class FailurePolicy
{
    // RFC 7504 section 3: 521 says that the host takes no mail at all; section 4: 556 says it of a domain.
    private const int HostTakesNoMail = 521, DomainTakesNoMail = 556;

    /// <summary>What a reply, the server's or our own, means at a step.</summary>
    public static FailureVerdict Judge(SmtpStep step, SmtpReply reply) => step switch
    {
        SmtpStep.Route => new(FailureScope.Site, Status(reply)),
        // RFC 8689 section 4.2.1: the sender would rather have it back than have it wait for a server that may never be safe.
        SmtpStep.RequireTls => new(FailureScope.Host, DeliveryStatus.Failed),
        SmtpStep.Auth => new(FailureScope.Site, DeliveryStatus.Deferred),
        SmtpStep.Trust or SmtpStep.Connect or SmtpStep.Greeting or SmtpStep.Hello or SmtpStep.StartTls or SmtpStep.Handshake =>
            new(FailureScope.Host, reply.Code is HostTakesNoMail or DomainTakesNoMail ? DeliveryStatus.Failed : DeliveryStatus.Deferred),
        // A server that wants another credential, or one at all, speaks of the account and not of this message; it waits until an administrator has mended that.
        _ when AuthenticationAdvice.OnMessage(reply) is { IsCredential: true } => new(step == SmtpStep.Rcpt ? FailureScope.Recipient : FailureScope.Message, DeliveryStatus.Deferred),
        SmtpStep.Rcpt => new(FailureScope.Recipient, IsTooManyRecipients(reply) ? DeliveryStatus.Deferred : Status(reply)),
        _ => new(FailureScope.Message, Status(reply)),
    };

    /// <summary>
    /// Whether a refused recipient should be tried in a further transaction at once. RFC 5321 section 4.5.3.1.10: 452 means that; 552 is what
    /// older servers say for it. With another enhanced code the reply speaks of the mailbox or the disk.
    /// </summary>
    public static bool IsTooManyRecipients(SmtpReply reply) => reply switch
    {
        { Code: 452, EnhancedCode: null or "4.5.3" } => true,
        { Code: 552, EnhancedCode: null or "5.5.3" } => true,
        _ => false,
    };

    private static DeliveryStatus Status(SmtpReply reply) => DeliveryOutcome.From(reply).Status;
}
