using System.Management.Automation;
#if NET
using MailOps.Filtering;
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell;

/// <summary>A cmdlet that does something with the queues of next hops.</summary>
public abstract class RelayQueueActionCmdlet : RelayActionCmdlet
{
    /// <summary>The next hops, or relay\nexthop; wildcards are allowed. A * alone is the whole queue: all next hops, also those that get mail later. Get-SmtpRelayQueue writes objects that have it.</summary>
    [Parameter(ParameterSetName = IdentitySet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Identity { get; set; } = [];

#if NET
    private const string Whole = "*";
    private readonly Dictionary<IRelay, IReadOnlyList<SmtpRelayQueue>> _queues = [];

    /// <summary>What is done, in the relay's words.</summary>
    private protected abstract SmtpRelayAction Action { get; }

    /// <summary>What is done, for -WhatIf and -Confirm.</summary>
    private protected abstract string Sentence { get; }

    /// <summary>Whether it can be done with a queue that is not there yet.</summary>
    private protected virtual bool TakesNewQueues => false;

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var (relay, nextHop) in ParameterSetName == FilterSet ? Filtered() : Identity.SelectMany(Wanted)) await GatherAsync(relay, nextHop, Sentence, cancellationToken);
    }

    private List<(IRelay Relay, string NextHop)> Filtered()
    {
        var filter = new ObjectFilter<SmtpRelayQueue>(Filter);
        return [.. Relays().SelectMany(relay => QueuesOf(relay).Where(filter.Matches).Select(queue => (relay, queue.NextHopDomain)))];
    }

    private IEnumerable<(IRelay Relay, string NextHop)> Wanted(string identity)
    {
        var (relays, nextHop) = Addressed(identity);
        if (nextHop == Whole) return relays.Select(relay => (relay, Whole));
        var there = Matching(relays, queue => string.Equals(queue.NextHopDomain, nextHop, StringComparison.OrdinalIgnoreCase));
        if (there.Count > 0) return there;
        if (IsPattern(nextHop))
        {
            var pattern = WildcardPattern.Get(nextHop, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            return Matching(relays, queue => pattern.IsMatch(queue.NextHopDomain));
        }
        if (relays.Count == 0) return [];
        if (!TakesNewQueues)
        {
            WriteError(QueueErrors.NotFound(identity), identity);
            return [];
        }
        if (relays.Count > 1)
        {
            WriteError(new MailOpsException(ErrorCode.RelayNameNeeded, $"Nothing waits for '{nextHop}', and {relays.Count} relays run.", $"Say in which one: {relays[0].Name}\\{nextHop}, or with -Name."), identity);
            return [];
        }
        WriteWarning($"Nothing waits for '{nextHop}' now; its queue is suspended for what comes.");
        return [(relays[0], nextHop)];
    }

    // [192.0.2.1] and [2001:db8::1]:25 are next hops, not sets of characters.
    private static bool IsPattern(string nextHop) => nextHop.IndexOfAny(['*', '?']) >= 0 || (nextHop is not ['[', ..] && WildcardPattern.ContainsWildcardCharacters(nextHop));

    private List<(IRelay Relay, string NextHop)> Matching(List<IRelay> relays, Func<SmtpRelayQueue, bool> wanted) =>
        [.. relays.SelectMany(relay => QueuesOf(relay).Where(wanted).Select(queue => (relay, queue.NextHopDomain)))];

    // Counted once for all that comes through the pipeline.
    private IReadOnlyList<SmtpRelayQueue> QueuesOf(IRelay relay)
    {
        if (!_queues.TryGetValue(relay, out var queues)) _queues.Add(relay, queues = relay.GetQueues());
        return queues;
    }

    private protected sealed override async Task ActAsync(IRelay relay, List<string> things, CancellationToken cancellationToken)
    {
        foreach (var result in await relay.ActOnQueuesAsync([.. things.Distinct(StringComparer.OrdinalIgnoreCase)], Action with { By = Administrator }, cancellationToken))
        {
            var identity = $"{relay.Name}\\{result.Id}";
            if (result.Outcome == SmtpRelayActionOutcome.NotFound) WriteError(QueueErrors.NotFound(identity), identity);
            else if (result.Outcome == SmtpRelayActionOutcome.Failed) WriteError(QueueErrors.Unchanged(identity, result.Reason), identity);
            else if (result.Reason is { } reason) WriteWarning(reason);
            else WriteVerbose($"{identity}: done.");
        }
    }
#endif
}
