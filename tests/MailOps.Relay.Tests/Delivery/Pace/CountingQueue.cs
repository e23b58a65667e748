using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>A queue that counts what is claimed, and what is written.</summary>
internal sealed class CountingQueue(IMailQueue queue) : PassingQueue(queue)
{
    private int _claimed, _settled;

    public int Claimed => Volatile.Read(ref _claimed);

    public int Settled => Volatile.Read(ref _settled);

    public override async ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        var claimed = await base.ClaimAsync(limit, cancellationToken);
        Interlocked.Add(ref _claimed, claimed.Count);
        return claimed;
    }

    public override ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _settled);
        return base.SettleAsync(message, settlements, cancellationToken);
    }
}
