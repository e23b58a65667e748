using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Fakes;

/// <summary>A queue before another, which passes on all that a test does not change.</summary>
internal abstract class PassingQueue(IMailQueue queue) : IMailQueue
{
    public long Count => queue.Count;

    public virtual ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) => queue.BeginAsync(sender, cancellationToken);

    public virtual ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken) => queue.ClaimAsync(limit, cancellationToken);

    public virtual ValueTask SettleAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken) => queue.SettleAsync(message, settlements, cancellationToken);

    public virtual ValueTask SettleSomeAsync(QueuedMessage message, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken) => queue.SettleSomeAsync(message, settlements, cancellationToken);

    public bool IsSuspended(string nextHop) => queue.IsSuspended(nextHop);

    public void Park(QueuedMessage message, IReadOnlyCollection<int> recipients, string nextHop) => queue.Park(message, recipients, nextHop);

    public void Release(QueuedMessage message) => queue.Release(message);

    public void SetAside(QueuedMessage message, IReadOnlyCollection<int> recipients, object line, DateTimeOffset until) => queue.SetAside(message, recipients, line, until);

    public int BringBack(object line, int count) => queue.BringBack(line, count);

    public Task WaitUntilEmptyAsync(CancellationToken cancellationToken) => queue.WaitUntilEmptyAsync(cancellationToken);

    public IEnumerable<QueuedMessageState> Snapshot() => queue.Snapshot();

    public ValueTask DisposeAsync() => queue.DisposeAsync();
}
