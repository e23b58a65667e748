using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Delivery;

/// <summary>A queue whose disk takes what became of messages only when it is let.</summary>
internal sealed class SlowSettling(IMailQueue queue, Task let) : IMailQueue
{
    public long Count => queue.Count;

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) => queue.BeginAsync(sender, cancellationToken);

    public ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken) => queue.ClaimAsync(limit, cancellationToken);

    public async ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken)
    {
        await let.WaitAsync(cancellationToken);
        await queue.SettleAsync(message, settlements, cancellationToken);
    }

    public bool IsSuspended(string nextHop) => queue.IsSuspended(nextHop);

    public void Park(QueuedMessage message, IReadOnlyCollection<int> recipients, string nextHop) => queue.Park(message, recipients, nextHop);

    public void Release(QueuedMessage message) => queue.Release(message);

    public void SetAside(QueuedMessage message, object line, DateTimeOffset until) => queue.SetAside(message, line, until);

    public int BringBack(object line, int count) => queue.BringBack(line, count);

    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken) => queue.WaitUntilEmptyAsync(cancellationToken);

    public IEnumerable<QueuedMessageState> Snapshot() => queue.Snapshot();

    public ValueTask DisposeAsync() => queue.DisposeAsync();
}
