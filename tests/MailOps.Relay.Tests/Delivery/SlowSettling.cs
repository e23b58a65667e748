using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>A queue whose disk takes what became of messages only when it is let.</summary>
internal sealed class SlowSettling(IMailQueue queue, Task let) : PassingQueue(queue)
{
    public override async ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        await let.WaitAsync(cancellationToken);
        await base.SettleAsync(message, settlements, cancellationToken);
    }
}
