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
    /// <summary>The relays named, with an error for each that does not run, and a warning where none runs at all.</summary>
    private protected List<IRelay> Relays() => RunningRelays.Find(Name, (error, name) => WriteError(error, name), error => WriteWarning($"{error.Message} {error.Hint}"));

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
