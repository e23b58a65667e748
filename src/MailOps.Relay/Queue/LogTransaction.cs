using MailOps.Relay.Mail;

namespace MailOps.Relay.Queue;

/// <summary>One message on its way into the queue; nothing is kept of it before the commit.</summary>
internal sealed class LogTransaction(LogQueue queue, QueueId id, MailSender sender) : IMailTransaction
{
    private readonly List<MailRecipient> _recipients = [];
    private bool _over;

    public string Id { get; } = id.ToString();

    public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        _recipients.Add(recipient);
        return ValueTask.FromResult(QueueReply.RecipientAccepted);
    }

    public async ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        cancellationToken.ThrowIfCancellationRequested();
        _over = true;
        if (_recipients.Count == 0) return [];
        // From here on it is not cancelled: the writer has the caller's memory, and what is on disk is accepted whether or not somebody listens.
        var failure = await queue.AcceptAsync(id, sender, _recipients, content).ConfigureAwait(false);
        var outcome = DeliveryOutcome.From(failure is null ? QueueReply.Queued(id) : QueueReply.Refused(failure));
        var outcomes = new DeliveryOutcome[_recipients.Count];
        Array.Fill(outcomes, outcome);
        return outcomes;
    }

    public ValueTask DisposeAsync()
    {
        _over = true;
        return ValueTask.CompletedTask;
    }
}
