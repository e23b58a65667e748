using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace MailOps.PowerShell;

/// <summary>Progress through domains whose number is not known: how many are done, and how many a second.</summary>
/// <param name="activity">What is done.</param>
/// <param name="write">Shows it.</param>
internal sealed class RateProgress(string activity, Action<ProgressRecord> write)
{
    // A bar that is drawn for each domain would take longer than the domain.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shown;
    private int _done;

    /// <summary>One more is done.</summary>
    public void Count()
    {
        _done++;
        if (_clock.Elapsed - _shown < Pause) return;
        _shown = _clock.Elapsed;
        write(new ProgressRecord(1, activity, string.Format(CultureInfo.CurrentCulture, "{0} domains, {1:0} a second", _done, _done / _shown.TotalSeconds)));
    }

    /// <summary>All are done.</summary>
    public void End()
    {
        if (_shown > TimeSpan.Zero) write(new ProgressRecord(1, activity, " ") { RecordType = ProgressRecordType.Completed });
    }
}
