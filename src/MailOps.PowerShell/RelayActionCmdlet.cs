using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell;

/// <summary>A cmdlet that does something with queues or messages: those of an identity, or those that pass a filter.</summary>
/// <remarks>What comes through the pipeline is gathered and handed over together, so that a hundred thousand messages do not cost a flush each.</remarks>
public abstract class RelayActionCmdlet : RelayCmdlet
{
    private protected const string IdentitySet = "Identity";
    private protected const string FilterSet = "Filter";

    /// <summary>
    /// Those that pass, as in Exchange's shell: "Status -eq 'Retry' -and LastError -like '*timed out*'". The operators are -eq, -ne, -gt, -ge, -lt, -le, -like and -notlike, joined
    /// by -and, -or, -not and parentheses; text goes in quotes.
    /// </summary>
    [Parameter(ParameterSetName = FilterSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Filter { get; set; } = "";

    /// <summary>The names of the relays to do it in; wildcards are allowed. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

#if NET
    private const int BatchSize = 1000;
    private readonly Dictionary<IRelay, List<string>> _gathered = [];

    /// <summary>The relays named, with an error for each that does not run, and one where none runs at all.</summary>
    private protected List<IRelay> Relays() => RunningRelays.Find(Name, (error, name) => WriteError(error, name), error => WriteError(error));

    /// <summary>The relays that an identity speaks of, and what it names there: <c>relay\thing</c>, or the thing alone in all relays.</summary>
    private protected (List<IRelay> Relays, string Thing) Addressed(string identity)
    {
        var separator = identity.IndexOf('\\');
        if (separator < 0) return (Relays(), identity);
        var named = RunningRelays.Find([identity[..separator]], (error, name) => WriteError(error, identity));
        return (Name is null ? named : [.. named.Intersect(Relays())], identity[(separator + 1)..]);
    }

    /// <summary>Who does it, for the tracking log.</summary>
    private protected static string Administrator => Environment.UserDomainName == Environment.MachineName || Environment.UserDomainName.Length == 0
        ? Environment.UserName
        : Environment.UserDomainName + "\\" + Environment.UserName;

    /// <summary>Does it with what has been gathered in one relay.</summary>
    private protected abstract Task ActAsync(IRelay relay, List<string> things, CancellationToken cancellationToken);

    /// <summary>Gathers one thing, if the user lets it.</summary>
    private protected async Task GatherAsync(IRelay relay, string thing, string action, CancellationToken cancellationToken)
    {
        if (!ShouldProcess($"{relay.Name}\\{thing}", action)) return;
        if (!_gathered.TryGetValue(relay, out var things)) _gathered.Add(relay, things = []);
        things.Add(thing);
        if (things.Count < BatchSize) return;
        _gathered.Remove(relay);
        await ActAsync(relay, things, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var (relay, things) in _gathered) await ActAsync(relay, things, cancellationToken);
    }
#endif
}
