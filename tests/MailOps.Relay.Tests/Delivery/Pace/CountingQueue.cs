using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Delivery.Pace;

/// <summary>A queue that counts what is claimed.</summary>
internal sealed class CountingQueue(IMailQueue queue) : IMailQueue
{
    private int _claimed;

    public int Claimed => Volatile.Read(ref _claimed);

    public long Count => queue.Count;

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) => queue.BeginAsync(sender, cancellationToken);

    public async ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        var claimed = await queue.ClaimAsync(limit, cancellationToken);
        Interlocked.Add(ref _claimed, claimed.Count);
        return claimed;
    }

    public ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken) => queue.SettleAsync(message, settlements, cancellationToken);

    public bool IsSuspended(string nextHop) => queue.IsSuspended(nextHop);

    public void Park(QueuedMessage message, IReadOnlyCollection<int> recipients, string nextHop) => queue.Park(message, recipients, nextHop);

    public void Release(QueuedMessage message) => queue.Release(message);

    public void SetAside(QueuedMessage message, object line, DateTimeOffset until) => queue.SetAside(message, line, until);

    public int BringBack(object line, int count) => queue.BringBack(line, count);

    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken) => queue.WaitUntilEmptyAsync(cancellationToken);

    public IEnumerable<QueuedMessageState> Snapshot() => queue.Snapshot();

    public ValueTask DisposeAsync() => queue.DisposeAsync();
}
