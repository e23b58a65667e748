using System.Management.Automation;
#if NET
using MailOps.Filtering;
#endif

namespace MailOps.PowerShell;

/// <summary>A cmdlet that shows queues or messages, filtered and sorted as in Exchange's shell.</summary>
public abstract class FilteredQueryCmdlet : RelayQueryCmdlet
{
    /// <summary>
    /// Shows only what passes, as in Exchange's shell: "Status -eq 'Retry' -and Size -gt 25MB". The operators are -eq, -ne, -gt, -ge, -lt, -le, -like and -notlike, joined by -and,
    /// -or, -not and parentheses; text goes in quotes.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>The properties to sort by, as in "+Size,-DateReceived": plus for the smallest first, minus for the largest.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SortOrder { get; set; }

#if NET
    /// <summary>What passes the filter, in the order asked for; lazily where no order is.</summary>
    private protected IEnumerable<T> Filtered<T>(IEnumerable<T> results) where T : class
    {
        if (Filter is not null) results = results.Where(new ObjectFilter<T>(Filter).Matches);
        return SortOrder is null ? results : new SortOrder<T>(SortOrder).Sort(results);
    }
#endif
}
