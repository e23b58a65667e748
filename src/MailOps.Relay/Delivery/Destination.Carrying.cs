using MailOps.Relay.Delivery.Pace;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Delivery;

/// <content>How a worker carries what has its place: one group, and behind it, over the same connection, those that can follow before it is answered.</content>
internal sealed partial class Destination
{
    private const int MostToFollow = 100;   // recipients, which every server takes at a time (RFC 5321 section 4.5.3.1.8): what does not need a further transaction

    private async Task CarryAsync(Site? site, Turn turn)
    {
        var group = turn.Group;
        try
        {
            if (limits.All is { } all && !await all.EnterAsync().ConfigureAwait(false))
            {
                group.GiveBack();
                await group.AbandonAsync().ConfigureAwait(false);
                return;
            }
            try
            {
                // The wait for a place among all connections may have been long.
                if (await EndedEarlyAsync(group).ConfigureAwait(false)) return;
                if (turn.MakesWay is { } closing) await closing.ConfigureAwait(false);
                if (_paced is not null) _paced.Bounds = site?.Bounds;
                await CarryAsync(site, group).ConfigureAwait(false);
            }
            finally
            {
                limits.All?.Leave();
            }
        }
        finally
        {
            site?.Leave(this);
        }
    }

    // Over a long way a message takes the time of a round trip, so that the next one begins behind it at once; two at a time, so that a crash doubles no more.
    private async Task CarryAsync(Site? site, DeliveryGroup first)
    {
        var before = Task.CompletedTask;
        for (Follower? next = new Follower(first, null, new TaskCompletionSource()); next is { } now;)
        {
            var chosen = new TaskCompletionSource<Follower?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var attempt = AttemptAsync(site, now.Group, new Overlap(now.Before, now.Group.Recipients.Count <= MostToFollow ? Choose : null, () => now.Begun.TrySetResult()));
            await before.ConfigureAwait(false);
            await Task.WhenAny(attempt, chosen.Task).ConfigureAwait(false);
            next = chosen.Task.IsCompleted ? await chosen.Task.ConfigureAwait(false) : null;
            before = attempt;

            Task Choose(IMailTransaction ending)
            {
                if (chosen.Task.IsCompleted || TakeFollower(site) is not { } group) return Task.CompletedTask;
                var follower = new Follower(group, ending, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                chosen.SetResult(follower);
                return follower.Begun.Task;
            }
        }
        await before.ConfigureAwait(false);
    }

    private async Task AttemptAsync(Site? site, DeliveryGroup group, Overlap overlap)
    {
        var unreachable = await DeliveryAttempt.RunAsync(target, group, Heard, overlap, trace, abort).ConfigureAwait(false);
        overlap.Begun?.Invoke();   // or it never will be, and nobody needs to wait
        if (unreachable is { } held && hop.Kind == RouteKind.Hold)
        {
            // Nothing is down: it is written of each message that it is held.
            await group.CompleteAsync(held).ConfigureAwait(false);
            Reached();
        }
        else if (unreachable is { } outcome)
        {
            Unreachable(group, outcome);
        }
        else
        {
            Reached();
        }

        void Heard(DeliveryOutcome outcome)
        {
            if (outcome is { Status: not DeliveryStatus.Delivered, IsOwn: false }) site?.Heard(outcome.Reply);
        }
    }

    // What may go over the same connection; everything that needs a look of its own waits for its turn.
    private DeliveryGroup? TakeFollower(Site? site)
    {
        lock (_gate)
        {
            if (_closed || _suspended || _workers > _limit || limits.All is { IsWanted: true } || (site is not null && clock.GetUtcNow() >= _siteUntil) || _waiting.Take() is not { } group) return null;
            var plain = !group.Message.Queued.Withdrawn && !DeliveryDeadline.IsOver(group.Message.Queued.Sender, clock.GetUtcNow());
            if (plain && site is null) return group;
            if (plain && site!.TryFollow(group.Recipients.Count) is { } entered)
            {
                group.Counted = (site, entered);
                return group;
            }
            _waiting.Return(group);
            return null;
        }
    }

    /// <summary>A group that goes behind another.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Before">The transaction it goes behind; null for the first.</param>
    /// <param name="Begun">Ends when it has begun, or will not.</param>
    private sealed record Follower(DeliveryGroup Group, IMailTransaction? Before, TaskCompletionSource Begun);
}
