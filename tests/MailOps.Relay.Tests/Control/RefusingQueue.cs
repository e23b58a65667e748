using MailOps.Relay.Mail;

namespace MailOps.Relay.Tests.Control;

/// <summary>A queue that at times takes no new message, as with a full disk.</summary>
internal sealed class RefusingQueue(IMailQueue queue, Func<bool> refuses) : IMailQueue
{
    public long Count => queue.Count;

    public ValueTask<MailBegin> BeginAsync(MailSender sender, CancellationToken cancellationToken) =>
        refuses() ? ValueTask.FromResult(new MailBegin(null, new SmtpReply(452, "4.3.1", "Full"))) : queue.BeginAsync(sender, cancellationToken);

    public ValueTask<IReadOnlyList<QueuedMessage>> ClaimAsync(int limit, CancellationToken cancellationToken) => queue.ClaimAsync(limit, cancellationToken);

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
