using MailOps.Relay.Mail;
using MailOps.Relay.Tests.Fakes;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>A queue that counts what is claimed.</summary>
internal sealed class CountingQueue(IMailQueue queue) : PassingQueue(queue)
{
    private int _claimed;

    public int Claimed => Volatile.Read(ref _claimed);

    public override async ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        var claimed = await base.ClaimAsync(limit, cancellationToken);
        Interlocked.Add(ref _claimed, claimed.Count);
        return claimed;
    }
}
