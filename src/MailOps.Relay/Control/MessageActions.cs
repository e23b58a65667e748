using System.Collections.Concurrent;
using MailOps.Relay.Delivery;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>What administrators do with messages: first on disk, then told to delivery, then to the tracking log.</summary>
internal sealed class MessageActions(IQueueControl queue, IMailQueue flow, DeliveryAgent delivery, AdminTrace trace, TimeProvider clock)
{
    // Removals at a time: enough for their reports to share flushes, few enough for the memory that the reports take.
    private const int Removals = 64;

    // A move of many comes in batches, which need not ask the DNS for each.
    private static readonly TimeSpan DoubtLasts = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, string? Doubt)> _doubts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Does it, with a line in the tracking log for each message.</summary>
    public Task<IReadOnlyList<SmtpRelayActionResult>> ActAsync(IReadOnlyList<string> ids, SmtpRelayAction action, CancellationToken cancellationToken) =>
        ActAsync(ids, action, true, cancellationToken);

    /// <summary>Does it with all messages of a queue, of which the tracking log has one line, by whoever calls.</summary>
    public Task<IReadOnlyList<SmtpRelayActionResult>> ActOnAllAsync(IReadOnlyList<string> ids, SmtpRelayAction action, CancellationToken cancellationToken) =>
        ActAsync(ids, action, false, cancellationToken);

    private async Task<IReadOnlyList<SmtpRelayActionResult>> ActAsync(IReadOnlyList<string> ids, SmtpRelayAction action, bool tells, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (eventId, change) = action.Kind switch
        {
            SmtpRelayActionKind.Suspend => ("SUSPEND", new QueueChange { Hold = MessageHold.Suspended }),
            SmtpRelayActionKind.Resume => ("RESUME", new QueueChange { Hold = MessageHold.None }),
            SmtpRelayActionKind.Redirect => ("REDIRECT", new QueueChange { Redirect = RedirectTo(action.Target), NextAttempt = now }),
            SmtpRelayActionKind.Retry => ("RETRY", new QueueChange { NextAttempt = now }),
            SmtpRelayActionKind.Resubmit => ("RESUBMIT", new QueueChange { Redirect = "", NextAttempt = now }),
            _ => ("REMOVE", new QueueChange { Hold = action.WithReport ? MessageHold.RemoveWithReport : MessageHold.Remove }),
        };
        if (action.Kind == SmtpRelayActionKind.Resume) return await ResumeAsync(ids, change, action, cancellationToken).ConfigureAwait(false);
        if (action.Kind == SmtpRelayActionKind.Remove) return await RemoveAsync(ids, change, action, cancellationToken).ConfigureAwait(false);
        // Before the change: what is on disk then is told, whatever becomes of a question to the DNS.
        var doubt = action.Target is { } target ? await DoubtOfAsync(target, cancellationToken).ConfigureAwait(false) : null;
        var results = await ChangeAsync(ids, tells ? eventId : null, change, action, cancellationToken).ConfigureAwait(false);
        return doubt is not null
            ? [.. results.Select(result => result.Outcome == SmtpRelayActionOutcome.Done ? result with { Reason = doubt } : result)]
            : results;
    }

    private async ValueTask<string?> DoubtOfAsync(string target, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var (old, (until, _)) in _doubts)
            if (until <= now) _doubts.TryRemove(old, out _);
        if (_doubts.TryGetValue(target, out var known)) return known.Doubt;
        var doubt = await delivery.DoubtOfAsync(target, cancellationToken).ConfigureAwait(false);
        _doubts[target] = (clock.GetUtcNow() + DoubtLasts, doubt);
        return doubt;
    }

    private string RedirectTo(string? target)
    {
        if (target is not null && delivery.RedirectTo(target) is { } redirect) return redirect;
        var routes = delivery.RouteNames;
        throw new MailOpsException(
            ErrorCode.RelayTargetInvalid,
            $"'{target}' is neither a configured route nor a server.",
            "Write a server as host or host:port" + (routes.Count > 0 ? $"; the routes with a name are: {string.Join(", ", routes)}." : "; no route of this relay has a name."));
    }

    // What a route holds goes where it would without that route.
    private async Task<IReadOnlyList<SmtpRelayActionResult>> ResumeAsync(IReadOnlyList<string> ids, QueueChange change, SmtpRelayAction action, CancellationToken cancellationToken)
    {
        var held = ids.ToLookup(queue.IsHeld);
        if (!held.Contains(true)) return await ChangeAsync(ids, "RESUME", change, action, cancellationToken).ConfigureAwait(false);
        var released = change with { Redirect = RouteTable.Released, NextAttempt = clock.GetUtcNow() };
        var results = (await ChangeAsync([.. held[true]], "RESUME", released, action, cancellationToken).ConfigureAwait(false))
            .Concat(await ChangeAsync([.. held[false]], "RESUME", change, action, cancellationToken).ConfigureAwait(false)).ToLookup(result => result.Id);
        return [.. ids.Select(id => results[id].First())];
    }

    private async Task<IReadOnlyList<SmtpRelayActionResult>> ChangeAsync(
        IReadOnlyList<string> ids, string? eventId, QueueChange change, SmtpRelayAction action, CancellationToken cancellationToken)
    {
        // Before the change, after which it may be delivered and gone.
        QueuedMessageState?[] before = eventId is null ? [] : [.. ids.Select(queue.Find)];
        var changed = await queue.ChangeAsync(ids, change, cancellationToken).ConfigureAwait(false);
        if (changed.Any(one => one.Claimed)) delivery.Recall();
        for (var i = 0; i < ids.Count; i++)
        {
            if (eventId is not null && changed[i] is { Found: true, Failure: null }) trace.Message(eventId, ids[i], before[i], action.Target, action.By);
        }
        return [.. ids.Select((id, i) => Result(id, changed[i]))];
    }

    // What nobody has in hands goes at once. What delivery has is marked on disk, and goes when its attempt is over, unless that delivers it.
    private async Task<IReadOnlyList<SmtpRelayActionResult>> RemoveAsync(IReadOnlyList<string> ids, QueueChange change, SmtpRelayAction action, CancellationToken cancellationToken)
    {
        var results = new SmtpRelayActionResult?[ids.Count];
        var many = new ParallelOptions { MaxDegreeOfParallelism = Removals, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, ids.Count), many, async (i, _) => results[i] = await TryRemoveAsync(ids[i], action).ConfigureAwait(false)).ConfigureAwait(false);
        var left = Enumerable.Range(0, ids.Count).Where(i => results[i] is null).ToList();
        if (left.Count > 0)
        {
            var marked = await ChangeAsync([.. left.Select(i => ids[i])], "REMOVE", change, action, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < left.Count; i++) results[left[i]] = marked[i];
        }
        return results!;
    }

    private async ValueTask<SmtpRelayActionResult?> TryRemoveAsync(string id, SmtpRelayAction action)
    {
        if (queue.TryClaim(id) is not { } message) return null;
        // Not cancelled: the claim has to end, and the report may be on its way.
        if (await delivery.RemoveAsync(message, action.WithReport, action.By, CancellationToken.None).ConfigureAwait(false)) return new SmtpRelayActionResult(id, SmtpRelayActionOutcome.Done);
        flow.Release(message);
        return new SmtpRelayActionResult(id, SmtpRelayActionOutcome.Failed, "Its sender is to be told, and the queue takes no report now.");
    }

    private static SmtpRelayActionResult Result(string id, QueueChanged changed) => changed switch
    {
        { Found: false } => new SmtpRelayActionResult(id, SmtpRelayActionOutcome.NotFound),
        { Failure: { } failure } => new SmtpRelayActionResult(id, SmtpRelayActionOutcome.Failed, failure.Message),
        { Claimed: true } => new SmtpRelayActionResult(id, SmtpRelayActionOutcome.Pending, "An attempt to deliver it is under way, and ends first."),
        _ => new SmtpRelayActionResult(id, SmtpRelayActionOutcome.Done),
    };
}
