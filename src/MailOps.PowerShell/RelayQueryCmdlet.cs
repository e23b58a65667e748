using System.Management.Automation;
#if NET
using System.Globalization;
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell;

/// <summary>A cmdlet that asks relays for what may be many results: which relays, and how many results at most.</summary>
public abstract class RelayQueryCmdlet : RelayCmdlet
{
    /// <summary>The names of the relays to ask; wildcards are allowed. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>The most results to show, or Unlimited. Default: 1000, with a warning when there are more.</summary>
    [Parameter]
    [ResultSize]
    [ValidateRange(1, int.MaxValue)]
    public int ResultSize { get; set; } = 1000;

#if NET
    private bool _toldThatNoneRuns;

    /// <summary>The relays named, with an error for each that does not run.</summary>
    private protected List<IRelay> Relays()
    {
        var relays = RunningRelays.Find(Name, (error, name) => WriteError(error, name));
        // An empty answer would look like an empty queue.
        if (relays.Count == 0 && Name is null && !_toldThatNoneRuns) WriteWarning($"{RunningRelays.NoneRuns().Message} {RunningRelays.NoneRuns().Hint}");
        _toldThatNoneRuns |= relays.Count == 0;
        return relays;
    }

    /// <summary>Writes results one by one, so that Select-Object -First stops early, up to the number asked for; says when there were more.</summary>
    private protected void WriteResults<T>(IEnumerable<T> results, CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var result in results)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (written++ == ResultSize)
            {
                WriteWarning(string.Create(CultureInfo.InvariantCulture, $"There are more than {ResultSize} results; -ResultSize Unlimited shows them all."));
                return;
            }
            WriteObject(result);
        }
    }
#endif
}
