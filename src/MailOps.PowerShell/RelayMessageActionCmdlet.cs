using System.Management.Automation;
#if NET
using MailOps.Filtering;
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell;

/// <summary>A cmdlet that does something with queued messages.</summary>
public abstract class RelayMessageActionCmdlet : RelayActionCmdlet
{
    /// <summary>The queue ids, or relay\queueid; wildcards are allowed. Get-SmtpRelayMessage writes objects that have it.</summary>
    [Parameter(ParameterSetName = IdentitySet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Identity { get; set; } = [];

#if NET
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private ObjectFilter<SmtpRelayMessage>? _filter;

    /// <summary>What is done, in the relay's words.</summary>
    private protected abstract SmtpRelayAction Action { get; }

    /// <summary>What is done, for -WhatIf and -Confirm.</summary>
    private protected abstract string Sentence { get; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var (relay, message) in Wanted())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await GatherAsync(relay, message.QueueId, Sentence, cancellationToken);
        }
    }

    /// <summary>The messages asked for, each with its relay; an error for each identity without wildcards that is not queued.</summary>
    private protected IEnumerable<(IRelay Relay, SmtpRelayMessage Message)> Wanted()
    {
        if (ParameterSetName == FilterSet)
        {
            var filter = _filter ??= new ObjectFilter<SmtpRelayMessage>(Filter);
            return Relays().SelectMany(relay => relay.GetMessages().Where(filter.Matches).Select(message => (relay, message)));
        }
        return Identity.SelectMany(Wanted);
    }

    private IEnumerable<(IRelay Relay, SmtpRelayMessage Message)> Wanted(string identity)
    {
        var (relays, id) = Addressed(identity);
        if (WildcardPattern.ContainsWildcardCharacters(id))
        {
            var pattern = WildcardPattern.Get(id, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            return relays.SelectMany(relay => relay.GetMessages().Where(message => pattern.IsMatch(message.QueueId)).Select(message => (relay, message)));
        }
        var found = relays.SelectMany(relay => relay.GetMessages([id]).Select(message => (relay, message))).ToList();
        if (found.Count == 0 && relays.Count > 0) WriteError(MessageErrors.NotFound(identity), identity);
        return found;
    }

    // It is the same for thousands of messages.
    private void WarnOnce(string warning)
    {
        if (_warned.Add(warning)) WriteWarning(warning);
    }

    private protected sealed override async Task ActAsync(IRelay relay, List<string> things, CancellationToken cancellationToken)
    {
        foreach (var result in await relay.ActOnMessagesAsync(things, Action with { By = Administrator }, cancellationToken))
        {
            var identity = $"{relay.Name}\\{result.Id}";
            if (result.Outcome == SmtpRelayActionOutcome.NotFound) WriteError(MessageErrors.NotFound(identity), identity);
            else if (result.Outcome == SmtpRelayActionOutcome.Failed) WriteError(MessageErrors.Unchanged(identity, result.Reason), identity);
            else if (result is { Outcome: SmtpRelayActionOutcome.Done, Reason: { } doubt }) WarnOnce(doubt);
            else WriteVerbose(result.Reason is null ? $"{identity}: done." : $"{identity}: {result.Reason}");
        }
    }
#endif
}
