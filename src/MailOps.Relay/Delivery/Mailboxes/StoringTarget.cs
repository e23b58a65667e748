using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>A target on this machine's disk: it takes every recipient, and what becomes of each is known with the commit.</summary>
/// <param name="trace">Where faults of the disk are told.</param>
internal abstract class StoringTarget(IMailTrace trace) : IMailTarget
{
    private static readonly SmtpReply Ok = new(250, "2.1.5", "Ok");

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MailBegin(new Transaction(this, sender), Ok));

    /// <summary>Stores a message; an outcome for each recipient, in their order.</summary>
    protected abstract ValueTask<IReadOnlyList<DeliveryOutcome>> StoreAsync(MailSender sender, IReadOnlyList<EmailAddress> recipients, MailContent content, CancellationToken cancellationToken);

    /// <summary>Makes an outcome of an attempt to write.</summary>
    /// <param name="name">What is written to, as the sender may read one day: not where on our disk.</param>
    /// <param name="where">The same for the administrator.</param>
    /// <param name="write">Writes, and gives the place for the log.</param>
    protected async ValueTask<DeliveryOutcome> TryAsync(string name, string where, Func<Task<string>> write)
    {
        try
        {
            // It waits for the disk, and the caller may be a thread that serves others.
            var place = await Task.Run(write, CancellationToken.None).ConfigureAwait(false);
            return new DeliveryOutcome(DeliveryStatus.Delivered, new SmtpReply(250, "2.0.0", $"Stored in the {name}"), place);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            trace.Fault($"delivery to the {where}", e);
            return new DeliveryOutcome(DeliveryStatus.Deferred, DiskFault.IsFull(e)
                ? new SmtpReply(452, "4.3.1", $"No space left for the {name}")
                : new SmtpReply(451, "4.3.0", $"The {name} cannot be written"));
        }
    }

    private sealed class Transaction(StoringTarget target, MailSender sender) : IMailTransaction
    {
        private readonly List<EmailAddress> _recipients = [];

        public string Id => "";

        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
        {
            _recipients.Add(recipient.ForwardPath);
            return ValueTask.FromResult(Ok);
        }

        public ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken) => target.StoreAsync(sender, _recipients, content, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
