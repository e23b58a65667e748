using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>
/// The end of the way for a domain whose mailboxes are Maildirs: <c>folder/domain/localpart</c>. Each recipient gets a file of its own, the content
/// with Return-Path (RFC 5321 section 4.4) and Delivered-To in front, and nothing else changed.
/// </summary>
internal sealed class MaildirTarget(string folder, string hostName, IMailTrace trace, TimeProvider clock, IQueueDisk disk) : IMailTarget
{
    private static readonly SmtpReply Ok = new(250, "2.1.5", "Ok");

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MailBegin(new Transaction(this, sender), Ok));

    /// <summary>The Maildir of a recipient.</summary>
    public string PathOf(EmailAddress recipient) =>
        Path.Combine(Path.GetFullPath(folder), MailboxName.Of(DomainName.ToAscii(recipient.Domain)), MailboxName.Of(recipient.LocalPart));

    private async ValueTask<DeliveryOutcome> StoreAsync(MailSender sender, EmailAddress recipient, MailContent content, CancellationToken cancellationToken)
    {
        var path = PathOf(recipient);
        var header = $"Return-Path: <{sender.ReversePath}>\r\nDelivered-To: {recipient}\r\n";
        try
        {
            await new Maildir(path, hostName, disk).StoreAsync(header, content, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return new DeliveryOutcome(DeliveryStatus.Delivered, new SmtpReply(250, "2.0.0", "Stored in the mailbox"), path);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            // The sender may read the reply one day: it does not say where on our disk.
            trace.Fault($"delivery to the Maildir {path}", e);
            return new DeliveryOutcome(DeliveryStatus.Deferred, DiskFault.IsFull(e)
                ? new SmtpReply(452, "4.3.1", "No space left for the mailbox")
                : new SmtpReply(451, "4.3.0", "The mailbox cannot be written"));
        }
    }

    private sealed class Transaction(MaildirTarget target, MailSender sender) : IMailTransaction
    {
        private readonly List<EmailAddress> _recipients = [];

        public string Id => "";

        public ValueTask<SmtpReply> AddRecipientAsync(MailRecipient recipient, CancellationToken cancellationToken)
        {
            _recipients.Add(recipient.ForwardPath);
            return ValueTask.FromResult(Ok);
        }

        public async ValueTask<IReadOnlyList<DeliveryOutcome>> CommitAsync(MailContent content, CancellationToken cancellationToken)
        {
            var outcomes = new List<DeliveryOutcome>(_recipients.Count);
            foreach (var recipient in _recipients)
            {
                // Once one file is stored, stopping half-way would store it again.
                var stop = outcomes.Count == 0 ? cancellationToken : CancellationToken.None;
                // It waits for the disk, and the caller may be a thread that serves others.
                outcomes.Add(await Task.Run(() => target.StoreAsync(sender, recipient, content, stop).AsTask(), CancellationToken.None).ConfigureAwait(false));
            }
            return outcomes;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
