using MailOps.Messages;
using MailOps.Relay.Delivery;
using MailOps.Relay.Disk;
using MailOps.Relay.Mail;

namespace MailOps.Relay.Control;

/// <summary>What administrators do with queues: first on disk, then told to delivery, then to the tracking log.</summary>
internal sealed class QueueActions(IQueueControl queue, DeliveryAgent delivery, MessageActions messages, AdminTrace trace)
{
    private const int BatchSize = 1000;

    public async Task<IReadOnlyList<SmtpRelayActionResult>> ActAsync(IReadOnlyList<string> nextHops, SmtpRelayAction action, CancellationToken cancellationToken) => action.Kind switch
    {
        SmtpRelayActionKind.Suspend => await SuspendAsync(nextHops, true, action, cancellationToken).ConfigureAwait(false),
        SmtpRelayActionKind.Resume => await SuspendAsync(nextHops, false, action, cancellationToken).ConfigureAwait(false),
        SmtpRelayActionKind.Retry or SmtpRelayActionKind.Resubmit => await RetryAsync(nextHops, action, cancellationToken).ConfigureAwait(false),
        _ => throw new ArgumentException($"{action.Kind} is for messages only.", nameof(action)),
    };

    // Of a domain that was typed as people write it the queue has the A-label form.
    private static string NameOf(string nextHop) => EmailAddress.IsDomain(nextHop) ? DomainName.ToAscii(nextHop) : nextHop;

    // The file in which suspended ones are kept has a name a line.
    private static bool IsOdd(string nextHop) => nextHop.Length == 0 || nextHop.Any(char.IsControl);

    private async Task<IReadOnlyList<SmtpRelayActionResult>> SuspendAsync(IReadOnlyList<string> nextHops, bool suspend, SmtpRelayAction action, CancellationToken cancellationToken)
    {
        var before = queue.SuspendedHops;
        // To resume everything resumes each: whoever says "all" does not mean "but not those".
        var names = !suspend && nextHops.Contains(IQueueControl.WholeQueue) ? before : nextHops.Where(hop => !IsOdd(hop)).Select(NameOf).ToList();
        try
        {
            await queue.SuspendHopsAsync(names, suspend, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (DiskFault.Is(e))
        {
            return [.. nextHops.Select(hop => new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.Failed, $"The disk did not take it: {e.Message}"))];
        }
        finally
        {
            delivery.Recall();   // whatever became of it, delivery must know what the queue knows
        }
        foreach (var name in names) trace.Queue(suspend ? "SUSPEND" : "RESUME", name, action.By);
        var odd = suspend ? Odd(names) : [];
        var whole = !suspend && queue.SuspendedHops.Contains(IQueueControl.WholeQueue);
        return [.. nextHops.Select(Result)];

        // One that was not suspended is as it was asked to be.
        SmtpRelayActionResult Result(string hop) => IsOdd(hop)
            ? new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.Failed, "It cannot be a next hop: its name is empty or has a control character in it.")
            : whole ? new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.Pending, $"The whole queue is suspended, and '{hop}' with it: resume *.")
            : new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.Done, suspend ? odd.GetValueOrDefault(NameOf(hop)) : Held(hop));
    }

    // Of a queue of what routes hold nothing leaves by this; that is said of each message.
    private static string? Held(string hop) => hop == RouteTable.HoldName || (hop.StartsWith(RouteTable.HoldName, StringComparison.Ordinal) && hop[RouteTable.HoldName.Length] is ':' or '#')
        ? $"What waits there is held by a route: Get-SmtpRelayMessage -Queue {hop} | Resume-SmtpRelayMessage lets it go."
        : null;

    // Those to which no mail comes by the configuration, and none is waiting for: slips, as a rule.
    private Dictionary<string, string> Odd(IReadOnlyCollection<string> names)
    {
        var odd = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
            if (name != IQueueControl.WholeQueue && delivery.WhyNothingComes(name) is { } why) odd[name] = why;
        if (odd.Count == 0) return odd;
        var hops = new HopMemory(delivery.NextHopOf);
        foreach (var message in queue.Sketches())
            foreach (var (hop, _) in hops.Waiting(message)) odd.Remove(hop.QueueName);
        return odd;
    }

    private async Task<IReadOnlyList<SmtpRelayActionResult>> RetryAsync(IReadOnlyList<string> nextHops, SmtpRelayAction action, CancellationToken cancellationToken)
    {
        var all = nextHops.Contains(IQueueControl.WholeQueue);
        var names = nextHops.ToLookup(NameOf, StringComparer.OrdinalIgnoreCase);
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        // First the next hops, or what is due now would meet the answer of a moment ago.
        var forgotten = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in all ? [IQueueControl.WholeQueue] : names.Select(name => name.Key))
        {
            var (found, what) = delivery.Retry(all ? null : name);
            if (found && !all) known.Add(name);
            if (what is not null) forgotten[name] = $"What a reply had changed is forgotten: {what}";
        }
        var hops = new HopMemory(delivery.NextHopOf);
        var batch = new List<string>(BatchSize);
        var counts = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var message in queue.Sketches())
        {
            HashSet<string> wanted = [];
            foreach (var (hop, _) in hops.Waiting(message))
            {
                if (!all && !names.Contains(hop.QueueName)) continue;
                wanted.Add(hop.QueueName);
                known.Add(hop.QueueName);
            }
            // What is under way is being retried; to be resubmitted it has to end first, and the queue keeps the wish until then.
            if (wanted.Count == 0 || (message.Claimed && action.Kind == SmtpRelayActionKind.Retry) || message.Hold != MessageHold.None) continue;
            batch.Add(message.Id);
            foreach (var name in all ? [IQueueControl.WholeQueue] : wanted) counts[name] = counts.GetValueOrDefault(name) + 1;
            if (batch.Count == BatchSize) await RetryBatchAsync().ConfigureAwait(false);
        }
        if (batch.Count > 0) await RetryBatchAsync().ConfigureAwait(false);
        foreach (var name in all ? [IQueueControl.WholeQueue] : known.Where(names.Contains)) trace.Queue(action.Kind == SmtpRelayActionKind.Retry ? "RETRY" : "RESUBMIT", name, action.By, counts.GetValueOrDefault(name));
        return [.. nextHops.Select(Result)];

        async Task RetryBatchAsync()
        {
            await messages.ActOnAllAsync(batch, action, cancellationToken).ConfigureAwait(false);
            batch.Clear();
        }
        SmtpRelayActionResult Result(string hop) =>
            hop != IQueueControl.WholeQueue && !known.Contains(NameOf(hop)) && !queue.SuspendedHops.Contains(NameOf(hop), StringComparer.OrdinalIgnoreCase) ? new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.NotFound)
            : IsSuspended(NameOf(hop)) ? new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.Pending, $"'{hop}' is suspended: what is due goes when it is resumed.")
            : new SmtpRelayActionResult(hop, SmtpRelayActionOutcome.Done, forgotten.GetValueOrDefault(NameOf(hop)));
    }

    private bool IsSuspended(string name) => queue.SuspendedHops.Contains(IQueueControl.WholeQueue) || queue.SuspendedHops.Contains(name, StringComparer.OrdinalIgnoreCase);
}
