using MailOps.Messages;
using MailOps.Relay.Configuration;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Policy;

/// <summary>Makes other addresses of those that a rule is for, before anything else is decided: the first rule that fits, once.</summary>
/// <param name="next">Where mail goes then.</param>
/// <param name="rules">The rules in their order.</param>
internal sealed class RewrittenAddresses(IMailTarget next, IReadOnlyList<RewriteOptions> rules) : IMailTarget
{
    private readonly (AddressPattern From, string To, RewriteOptions Rule)[] _rules = [.. rules.Select(rule => (AddressPattern.Of([rule.From])[0], rule.To, rule))];

    /// <inheritdoc/>
    public async ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        var from = sender.ReversePath is { } address ? Of(address, rule => rule.Senders) : null;
        var begun = await next.BeginAsync(from is null ? sender : sender with { ReversePath = from }, cancellationToken).ConfigureAwait(false);
        return begun.Transaction is { } transaction ? begun with { Transaction = new Transaction(this, transaction) } : begun;
    }

    private EmailAddress? Of(EmailAddress address, Func<RewriteOptions, bool> isMeant)
    {
        foreach (var (from, to, rule) in _rules)
        {
            if (!isMeant(rule) || !from.Matches(address)) continue;
            return EmailAddress.TryParse(to.StartsWith('@') ? address.LocalPart + to : to, out var rewritten) ? rewritten : null;
        }
        return null;
    }

    private sealed class Transaction(RewrittenAddresses owner, IMailTransaction inner) : IMailTransaction
    {
        public string Id => inner.Id;

        // RFC 3461 section 5.2.7: the sender reads of the recipient by the name he knows.
        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken) =>
            inner.AddRecipientAsync(owner.Of(recipient.ForwardPath, rule => rule.Recipients) is { } rewritten
                ? recipient with { ForwardPath = rewritten, OriginalRecipient = recipient.OriginalRecipient ?? OriginalRecipient.Of(recipient.ForwardPath) }
                : recipient, cancellationToken);

        public ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken) => inner.CommitAsync(content, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
