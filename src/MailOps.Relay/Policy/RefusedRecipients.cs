using MailOps.Messages;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Policy;

/// <summary>Refuses the recipients that a route refuses, while whoever sends still listens: better than to take the message and return it.</summary>
/// <param name="next">Where the others go.</param>
/// <param name="refusalOf">What a route says of a recipient; null where none refuses it.</param>
public sealed class RefusedRecipients(IMailTarget next, Func<EmailAddress, MailSender, SmtpReply?> refusalOf) : IMailTarget
{
    /// <inheritdoc/>
    public async ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken)
    {
        var begun = await next.BeginAsync(sender, cancellationToken).ConfigureAwait(false);
        return begun.Transaction is { } transaction ? begun with { Transaction = new Transaction(transaction, recipient => refusalOf(recipient, sender)) } : begun;
    }

    private sealed class Transaction(IMailTransaction inner, Func<EmailAddress, SmtpReply?> refusalOf) : IMailTransaction
    {
        public string Id => inner.Id;

        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken) =>
            refusalOf(recipient.ForwardPath) is { } refusal ? ValueTask.FromResult(refusal) : inner.AddRecipientAsync(recipient, cancellationToken);

        public ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken) => inner.CommitAsync(content, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
