using System.Text;
using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>
/// A drop folder, as IIS SMTP and Exchange have one: each message is a file <c>.eml</c>, whoever of its recipients it is for, with the envelope in front of the header as X-Sender and
/// X-Receiver. It is written under another name, flushed, renamed, and the folder is flushed: what ends in .eml is whole, and what was reported as delivered outlasts a power cut.
/// </summary>
internal sealed class DropTarget(string folder, string hostName, IMailTrace trace, TimeProvider clock, IQueueDisk disk) : IMailTarget
{
    private static readonly SmtpReply Ok = new(250, "2.1.5", "Ok");

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new MailBegin(new Transaction(this, sender), Ok));

    private async ValueTask<DeliveryOutcome> StoreAsync(MailSender sender, IEnumerable<EmailAddress> recipients, MailContent content, CancellationToken cancellationToken)
    {
        try
        {
            var file = await WriteAsync(sender, recipients, content, cancellationToken).ConfigureAwait(false);
            return new DeliveryOutcome(DeliveryStatus.Delivered, new SmtpReply(250, "2.0.0", "Stored in the drop folder"), file);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            // The sender may read the reply one day: it does not say where on our disk.
            trace.Fault($"delivery to the drop folder {folder}", e);
            return new DeliveryOutcome(DeliveryStatus.Deferred, DiskFault.IsFull(e)
                ? new SmtpReply(452, "4.3.1", "No space left for the message")
                : new SmtpReply(451, "4.3.0", "The drop folder cannot be written"));
        }
    }

    private async ValueTask<string> WriteAsync(MailSender sender, IEnumerable<EmailAddress> recipients, MailContent content, CancellationToken cancellationToken)
    {
        var head = new StringBuilder($"X-Sender: <{sender.ReversePath}>\r\n");
        foreach (var recipient in recipients) head.Append("X-Receiver: <").Append(recipient).Append(">\r\n");
        disk.CreateFolder(folder);
        var final = Path.Combine(folder, MailFile.UniqueName(clock.GetUtcNow(), hostName) + ".eml");
        var written = final + ".tmp";
        try
        {
            await MailFile.WriteAsync(written, Encoding.UTF8.GetBytes(head.ToString()), content, ModeFor(folder), cancellationToken).ConfigureAwait(false);
            File.Move(written, final, overwrite: false);
            written = final;
            disk.FlushFolder(folder);
        }
        catch
        {
            File.Delete(written);   // it is tried again: what an attempt leaves, its reader would have twice
            throw;
        }
        return final;
    }

    // Another program, with another user perhaps, is to read what is in the folder: whoever may do so with the folder may with the file.
    private static UnixFileMode? ModeFor(string folder) => OperatingSystem.IsWindows()
        ? null
        : UnixFileMode.UserRead | UnixFileMode.UserWrite | (File.GetUnixFileMode(folder) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead));

    private sealed class Transaction(DropTarget target, MailSender sender) : IMailTransaction
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
            // It waits for the disk, and the caller may be a thread that serves others.
            var outcome = await Task.Run(() => target.StoreAsync(sender, _recipients, content, cancellationToken).AsTask(), CancellationToken.None).ConfigureAwait(false);
            return [.. _recipients.Select(_ => outcome)];
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
