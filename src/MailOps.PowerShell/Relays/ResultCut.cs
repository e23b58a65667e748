#if NET
using System.Globalization;
using System.Management.Automation;

namespace MailOps.PowerShell.Relays;

/// <summary>Writes results up to a number and warns when there were more, as Exchange's cmdlets do.</summary>
internal static class ResultCut
{
    /// <summary>Writes them one by one, so that Select-Object -First stops early.</summary>
    public static void Write<T>(Cmdlet cmdlet, IEnumerable<T> results, int most, CancellationToken cancellationToken)
    {
        var written = 0;
        foreach (var result in results)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (written++ == most)
            {
                cmdlet.WriteWarning(string.Create(CultureInfo.InvariantCulture, $"There are more than {most} results; -ResultSize Unlimited shows them all."));
                return;
            }
            cmdlet.WriteObject(result);
        }
    }
}
#endif
