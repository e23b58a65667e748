using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Policy;

/// <summary>
/// Decides who may send what to whom, before the queue: anyone may write to a local domain; only listed networks and authenticated clients
/// may write elsewhere, so the relay is not an open one; and only these may put off delivery or be preferred. What the relay itself makes (reports) has no origin and goes through.
/// </summary>
/// <param name="next">Where accepted mail goes: the queue.</param>
/// <param name="options">Local domains and relay networks.</param>
/// <param name="passesOn">Whether mail for an address goes to others, as the administrator has said: anyone may write there. Null for none.</param>
public sealed class RelayPolicy(IMailTarget next, SmtpRelayOptions options, Func<EmailAddress, bool>? passesOn = null) : IMailTarget
{
    private static readonly SmtpReply RelayDenied = new(550, "5.7.1", "Relaying denied; authenticate, or send from a network that may relay");
    private static readonly SmtpReply HoldDenied = new(550, "5.7.1", "Mail is held only for those who may relay");
    private static readonly SmtpReply PriorityLowered = new(250, "2.3.6", "0 is the priority given; a higher one is for those who may relay");
    private static readonly SmtpReply NoSuchMailbox = new(550, "5.1.1", "No such mailbox here");
    private static readonly SmtpReply SourceRoute = new(550, "5.7.1", "Addresses with routes in them are not relayed");

    private readonly NetworkList _networks = new(options.RelayNetworks);
    private readonly Dictionary<string, HashSet<string>?> _domains = options.LocalDomains.ToDictionary(
        d => DomainName.ToAscii(d.Name), d => d.Mailboxes is { } list ? new HashSet<string>(list, StringComparer.OrdinalIgnoreCase) : null, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public async ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        var mayRelay = MayRelay(sender.Origin);
        // RFC 4865 section 6: mail that waits for days is room that a stranger should not take.
        if (sender.HoldUntil is not null && !mayRelay) return new MailBegin(null, HoldDenied);
        // RFC 6710 section 4.1: being preferred is for those one knows; being put behind is for everybody.
        var lowered = sender.Priority > 0 && !mayRelay;
        var begun = await next.BeginAsync(lowered ? sender with { Priority = 0 } : sender, cancellationToken).ConfigureAwait(false);
        return begun.Transaction is { } transaction ? new MailBegin(new Transaction(this, transaction, mayRelay), lowered ? PriorityLowered : begun.Reply) : begun;
    }

    private bool MayRelay(MailOrigin? origin) => origin is null || origin.UserName is not null || (origin.RelayNetworks ?? _networks).Contains(origin.ClientAddress);

    private SmtpReply? Refusal(EmailAddress recipient, bool mayRelay)
    {
        if (passesOn is not null && passesOn(recipient)) return Routed(recipient);
        // RFC 5321 section 2.3.5 and 4.5.1: postmaster is always reachable where the domain is ours.
        if (_domains.TryGetValue(DomainName.ToAscii(recipient.Domain), out var mailboxes))
            return mailboxes is null || mailboxes.Contains(recipient.LocalPart) || string.Equals(recipient.LocalPart, "postmaster", StringComparison.OrdinalIgnoreCase) ? Routed(recipient) : NoSuchMailbox;
        if (mayRelay) return null;
        return RelayDenied;
    }

    // user%elsewhere@ours, elsewhere!user@ours and "user@elsewhere"@ours: the classic ways around a relay check. They would be local
    // parts here, delivered as such; a stranger who writes them means something else.
    private static SmtpReply? Routed(EmailAddress recipient) => recipient.LocalPart.AsSpan().IndexOfAny('%', '!', '@') >= 0 ? SourceRoute : null;

    private sealed class Transaction(RelayPolicy policy, IMailTransaction inner, bool mayRelay) : IMailTransaction
    {
        public string Id => inner.Id;

        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken) =>
            policy.Refusal(recipient.ForwardPath, mayRelay) is { } refusal ? ValueTask.FromResult(refusal) : inner.AddRecipientAsync(recipient, cancellationToken);

        public ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken) => inner.CommitAsync(content, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
