using MailOps.Messages;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery.Mailboxes;

/// <summary>
/// The end of the way for a domain whose mailboxes are Maildirs: <c>folder/domain/localpart</c>. Each recipient gets a file of its own, the content
/// with Return-Path (RFC 5321 section 4.4) and Delivered-To in front, and nothing else changed.
/// </summary>
internal sealed class MaildirTarget(string folder, string hostName, IMailTrace trace, TimeProvider clock, IQueueDisk disk) : StoringTarget(trace)
{
    /// <summary>The Maildir of a recipient.</summary>
    public string PathOf(EmailAddress recipient) =>
        Path.Combine(Path.GetFullPath(folder), MailboxName.Of(DomainName.ToAscii(recipient.Domain)), MailboxName.Of(recipient.LocalPart));

    protected override async ValueTask<IReadOnlyList<DeliveryOutcome>> StoreAsync(MailSender sender, IReadOnlyList<EmailAddress> recipients, MailContent content, CancellationToken cancellationToken)
    {
        var outcomes = new List<DeliveryOutcome>(recipients.Count);
        foreach (var recipient in recipients)
        {
            // Once one file is stored, stopping half-way would store it again.
            var stop = outcomes.Count == 0 ? cancellationToken : CancellationToken.None;
            var path = PathOf(recipient);
            outcomes.Add(await TryAsync("mailbox", $"Maildir {path}", async () =>
            {
                var header = $"Return-Path: <{sender.ReversePath}>\r\nDelivered-To: {recipient}\r\n";
                await new Maildir(path, hostName, disk).StoreAsync(header, content, clock.GetUtcNow(), stop).ConfigureAwait(false);
                return path;
            }).ConfigureAwait(false));
        }
        return outcomes;
    }
}
