using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Control;

/// <summary>A queue that at times takes no new message, as with a full disk.</summary>
internal sealed class RefusingQueue(IMailQueue queue, Func<bool> refuses) : PassingQueue(queue)
{
    public override ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) =>
        refuses() ? ValueTask.FromResult(new MailBegin(null, new SmtpReply(452, "4.3.1", "Full"))) : base.BeginAsync(sender, cancellationToken);
}
