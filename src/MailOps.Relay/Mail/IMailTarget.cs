using MailOps.Messages;

namespace MailOps.Relay.Mail;

/// <summary>
/// The one interface that carries mail: begin (sender) → add recipient → commit (content), or dispose and nothing happened.
/// The server calls it, policy implements and calls it, the queue implements it, delivery targets implement it, bounces re-enter through it.
/// </summary>
public interface IMailTarget
{
    /// <summary>Begins a message, or refuses its sender.</summary>
    ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken);
}

/// <summary>The answer to <see cref="IMailTarget.BeginAsync"/>: a transaction, or the reply that refuses it.</summary>
/// <param name="Transaction">The message begun; null where it was refused.</param>
/// <param name="Reply">What to tell whoever brought it.</param>
public readonly record struct MailBegin(IMailTransaction? Transaction, SmtpReply Reply)
{
    /// <summary>Whether a refusal is this relay's own rather than the next server's (<see cref="DeliveryOutcome.IsOwn"/>).</summary>
    public bool IsOwn { get; init; }
}

/// <summary>One message on its way into a target. Disposed before <see cref="CommitAsync"/> succeeded, it never happened.</summary>
public interface IMailTransaction : IAsyncDisposable
{
    /// <summary>The queue id this message has or will have; it stands in the trace header and in the 250 reply.</summary>
    string Id { get; }

    /// <summary>Adds a recipient, or refuses it. A positive reply of a delivery target is provisional: the outcome of the commit counts.</summary>
    ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken);

    /// <summary>
    /// Hands over the content and gives one outcome for each recipient that was not refused, in the order they were added.
    /// When it returns <see cref="DeliveryStatus.Delivered"/> the target has taken responsibility: for the queue, it is on disk.
    /// Unknown faults are deferred outcomes; only cancellation throws.
    /// </summary>
    ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken);
}

/// <summary>What MAIL says (RFC 5321 section 4.1.1.2), and where it came from.</summary>
/// <param name="ReversePath">The envelope sender; null for the null sender <c>&lt;&gt;</c> of reports (RFC 5321 section 4.5.5).</param>
public sealed record MailSender(EmailAddress? ReversePath)
{
    /// <summary>SIZE= as declared (RFC 1870 section 6), or 0.</summary>
    public long DeclaredSize { get; init; }
    /// <summary>BODY= (RFC 6152 section 3).</summary>
    public MailBody Body { get; init; }
    /// <summary>SMTPUTF8 (RFC 6531 section 3.4).</summary>
    public bool SmtpUtf8 { get; init; }
    /// <summary>RET= (RFC 3461 section 4.3): what a failure report returns.</summary>
    public DsnReturn Return { get; init; }
    /// <summary>ENVID= as xtext decoded (RFC 3461 section 4.4), or null.</summary>
    public string? EnvelopeId { get; init; }
    /// <summary>REQUIRETLS (RFC 8689 section 2): every further hop must be one with proven TLS that says REQUIRETLS itself.</summary>
    public bool RequireTls { get; init; }
    /// <summary>
    /// <c>TLS-Required: No</c> in the header (RFC 8689 section 3): rather in plain text than not at all, whatever the recipients' domain says. Whoever keeps the message finds it when the
    /// content is there (<see cref="TlsRequiredField"/>).
    /// </summary>
    public bool TlsOptional { get; init; }
    /// <summary>HOLDFOR= or HOLDUNTIL= (RFC 4865 section 4): not to be delivered before; null for at once.</summary>
    public DateTimeOffset? HoldUntil { get; init; }
    /// <summary>BY= (RFC 2852 section 4): the latest time of delivery, and what to do then; null without.</summary>
    public DeliverBy? DeliverBy { get; init; }
    /// <summary>MT-PRIORITY= (RFC 6710 section 4.1): -9 to 9, the higher the sooner. Default: 0.</summary>
    public int Priority { get; init; }
    /// <summary>The session that brought it; null for what the relay made itself.</summary>
    public MailOrigin? Origin { get; init; }
}

/// <summary>BY= of MAIL (RFC 2852 section 4).</summary>
/// <param name="Deadline">When the time is over.</param>
/// <param name="Return">True for mode R, by which what is undelivered then is returned; false for mode N, by which its sender is told and it stays queued.</param>
/// <param name="Trace">Whether the sender is told of each relay on the way.</param>
public readonly record struct DeliverBy(DateTimeOffset Deadline, bool Return, bool Trace);

/// <summary>BODY= of MAIL.</summary>
public enum MailBody
{
    /// <summary>Not said, or 7BIT.</summary>
    SevenBit,
    /// <summary>8BITMIME (RFC 6152).</summary>
    EightBitMime,
    /// <summary>BINARYMIME (RFC 3030).</summary>
    BinaryMime,
}

/// <summary>RET= of MAIL (RFC 3461 section 4.3).</summary>
public enum DsnReturn
{
    /// <summary>Not said: the reporting relay chooses.</summary>
    Unspecified,
    /// <summary>The headers only.</summary>
    Headers,
    /// <summary>The whole message.</summary>
    Full,
}

/// <summary>The session that brought a message: what policy decides by and the trace header tells.</summary>
/// <param name="ClientAddress">The client's IP address.</param>
/// <param name="Helo">What the client called itself.</param>
/// <param name="Protocol">The transmission type for the trace header: SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP… (RFC 3848, RFC 6531 section 4.3).</param>
public sealed record MailOrigin(System.Net.IPAddress ClientAddress, string Helo, string Protocol)
{
    /// <summary>The client's name by DNS, where a proxy said it; null otherwise.</summary>
    public string? ClientName { get; init; }
    /// <summary>The user the client authenticated as, or null.</summary>
    public string? UserName { get; init; }
    /// <summary>TLS version and cipher, or null for plain text.</summary>
    public string? Tls { get; init; }
    /// <summary>The listener's endpoint.</summary>
    public string? Listener { get; init; }
    /// <summary>Whose clients may relay without AUTH through that listener; null where the relay's own list counts.</summary>
    public Configuration.NetworkList? RelayNetworks { get; init; }
}

/// <summary>What RCPT says (RFC 5321 section 4.1.1.3, RFC 3461 section 4.1 and 4.2).</summary>
/// <param name="ForwardPath">The recipient.</param>
public sealed record MailRecipient(EmailAddress ForwardPath)
{
    /// <summary>NOTIFY=; unspecified means failure, and delay at the relay's choice (RFC 3461 section 4.1).</summary>
    public DsnNotify Notify { get; init; }
    /// <summary>ORCPT= as it came: <c>rfc822;user@example.test</c> in xtext (RFC 3461 section 4.2), or <c>utf-8;…</c> in the encoding of RFC 6533 section 3; null without.</summary>
    public string? OriginalRecipient { get; init; }
}

/// <summary>NOTIFY= of RCPT (RFC 3461 section 4.1).</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>Not said.</summary>
    Unspecified = 0,
    /// <summary>NEVER.</summary>
    Never = 1,
    /// <summary>SUCCESS.</summary>
    Success = 2,
    /// <summary>FAILURE.</summary>
    Failure = 4,
    /// <summary>DELAY.</summary>
    Delay = 8,
}
