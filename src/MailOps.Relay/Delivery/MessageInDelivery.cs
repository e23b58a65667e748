using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <summary>
/// A claimed message while its groups are under way. When the last one is through, what became of its recipients is settled, in one record and with one report of a kind. Where others take
/// longer than a moment after the first, those that have an outcome are settled by themselves: a next hop that is slow keeps nobody else's delivery from being known, nor has a crash repeat it.
/// </summary>
internal sealed class MessageInDelivery(QueuedMessage queued, TimeProvider clock, Func<MessageInDelivery, SettledPart, Task> settle)
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private List<RecipientOutcome> _outcomes = new(queued.Due.Count);
    private int _underWay = queued.Due.Count;
    private Task _settling = Task.CompletedTask;
    private ITimer? _late;

    public QueuedMessage Queued => queued;

    /// <summary>Takes the outcomes of a group; with those of the last one the message is settled, and the task ends when that is on disk.</summary>
    public Task CompleteAsync(IReadOnlyList<RecipientOutcome> outcomes)
    {
        Task before;
        lock (_gate)
        {
            _outcomes.AddRange(outcomes);
            _underWay -= outcomes.Count;
            if (_underWay > 0)
            {
                _late ??= clock.CreateTimer(static message => ((MessageInDelivery)message!).SettleSome(), this, Moment, Timeout.InfiniteTimeSpan);
                return Task.CompletedTask;
            }
            _late?.Dispose();
            before = _settling;
        }
        return before.IsCompleted ? settle(this, new SettledPart(_outcomes, IsLast: true)) : FinishAsync(before);
    }

    private async Task FinishAsync(Task before)
    {
        await before.ConfigureAwait(false);   // of each recipient the queue is told once, and in order
        await settle(this, new SettledPart(_outcomes, IsLast: true)).ConfigureAwait(false);
    }

    private void SettleSome()
    {
        lock (_gate)
        {
            if (_underWay == 0) return;
            _late?.Dispose();
            _late = null;
            var some = new SettledPart(_outcomes.FindAll(one => one.Outcome is not null), IsLast: false);
            _outcomes = new(_underWay);   // what was not tried needs nothing said
            var before = _settling;
            if (some.Outcomes.Count > 0) _settling = Task.Run(() => SettleAsync(some, before));
        }
    }

    private async Task SettleAsync(SettledPart some, Task before)
    {
        await before.ConfigureAwait(false);
        await settle(this, some).ConfigureAwait(false);
    }
}

/// <summary>What became of recipients of a message.</summary>
/// <param name="Outcomes">Of each one what; without an outcome where it was not tried.</param>
/// <param name="IsLast">Whether no others are under way.</param>
internal sealed record SettledPart(IReadOnlyList<RecipientOutcome> Outcomes, bool IsLast);
