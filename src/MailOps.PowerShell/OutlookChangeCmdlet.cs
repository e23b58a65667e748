using System.Globalization;
using System.Management.Automation;
using MailOps.Outlook;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell;

/// <summary>A cmdlet that changes accounts in the profiles of one user of classic Outlook.</summary>
public abstract class OutlookChangeCmdlet : AsyncCmdlet
{
    private readonly OutlookTally _tally = new();
    private readonly List<string> _events = [];
    private OutlookRun? _run;
    private bool _isEnded;

    /// <summary>The security identifier of the user whose profiles are meant, where that is another one; the user's registry hive must be loaded. Default: the user who runs this.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? UserSid { get; set; }

    /// <summary>Where the backup goes: a folder that exists, or a new file. Default: MailOps\Outlook, below it the user's SID, in the local application data of the account that runs this.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BackupPath { get; set; }

    /// <summary>Writes one object about the whole run at its end in the place of one for each account; its ExitCode suits deployment tools.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <summary>Adds an event about the run to the Application log of Windows, under the source MailOps; where that fails the run goes on.</summary>
    [Parameter]
    public SwitchParameter EventLog { get; set; }

    /// <summary>Whether to write where it would be refused otherwise.</summary>
    private protected abstract bool WritesAnyway { get; }

    /// <summary>The run; there once the cmdlet has begun.</summary>
    private protected OutlookRun Changes => _run!;

    /// <summary>The counts.</summary>
    private protected OutlookTally Tally => _tally;

    /// <summary>Whether what cannot be undone of a run before this one is set aside.</summary>
    private protected virtual bool GivesUp => false;

    /// <summary>Whether to remove the password of the outgoing server of an account that no longer uses it.</summary>
    private protected virtual bool RemovesStalePasswords => false;

    /// <summary>Looks at the parameters, before the registry is.</summary>
    /// <exception cref="MailOpsException">They are wrong; with -Summary it is in the summary.</exception>
    private protected virtual void Prepare()
    {
        // There may be nothing to look at.
    }

    /// <summary>Does what one record, or the parameters, ask for.</summary>
    private protected abstract void ProcessChanges();

    /// <inheritdoc/>
    protected sealed override Task BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            Prepare();
            _run = new OutlookRun(OutlookHost.ThisMachine(), UserSid, BackupPath is null ? null : this.FullPath(BackupPath), WritesAnyway) { RemovesStalePasswords = RemovesStalePasswords, Stopping = StopToken };
            if (!IsWhatIf) _run.Enter();
            if (_run.IsUnfinished && ShouldProcess("what a run before this one left unfinished", "Put the old values back") && _run.UndoUnfinished(GivesUp) is { } told)
            {
                WriteWarning(told);
                _events.Add(told);
            }
        }
        catch (MailOpsException e)
        {
            _isEnded = true;
            _tally.AddFailure(e);
            // A deployment reads its exit code from the summary: there is one whatever happens.
            if (!Summary)
            {
                WriteEvent(Total());
                throw;
            }
            WriteError(e, UserSid);
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected sealed override Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (_isEnded) _tally.AddRecord();
        else ProcessChanges();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected sealed override Task EndAsync(CancellationToken cancellationToken)
    {
        var summary = Total();
        if (Summary) WriteObject(summary);
        WriteEvent(summary);
        return Task.CompletedTask;
    }

    private OutlookChangeSummary Total() => _tally.Summary(_run?.UserSid ?? UserSid ?? "", _run?.BackupPath);

    private void WriteEvent(OutlookChangeSummary summary)
    {
        if (!EventLog || IsWhatIf) return;
        var lines = summary.Results.Select(result => FormattableString.Invariant($"{result}{(result.Changes.Length > 0 ? " (" + string.Join("; ", result.Changes.Select(one => one.ToString())) + ")" : "")} {result.Reason}"));
        var text = $"{MyInvocation.MyCommand.Name} for {summary.UserSid}: {summary}\n{string.Join("\n", _events.Concat(lines))}";
        if (!WindowsEventLog.TryWrite(summary.Failed > 0, text)) WriteVerbose("The event log of Windows did not take the event.");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _run?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Tells what could not be read: whether an account that was asked for is in it, nobody knows.</summary>
    private protected void TellUnreadable()
    {
        foreach (var error in Changes.TakeUnreadable())
        {
            Tally.AddFailure(error);
            WriteError(error, UserSid);
        }
    }

    /// <summary>Asks about an account, each value before and after.</summary>
    private protected bool Confirmed(string account, string action, OutlookValueChange[] changes)
    {
        var lines = string.Join("; ", changes.Select(change => change.ToString()));
        return ShouldProcess($"{action} the {account}: {lines}", $"{action} the {account}?\n{string.Join("\n", changes.Select(change => change.ToString()))}", MyInvocation.MyCommand.Name);
    }

    /// <summary>Writes what became of an account; a failure also as an error.</summary>
    private protected void Write(OutlookSmtpChange result, Func<MailOpsException, MailOpsException>? located = null)
    {
        _tally.Add(result);
        if (!Summary) WriteObject(result);
        foreach (var note in result.Notes) WriteVerbose(string.Format(CultureInfo.InvariantCulture, "{0}: {1}", result.EmailAddress, note));
        if (result.Status != OutlookChangeStatus.Failed) return;
        var error = new MailOpsException(result.ErrorId!, $"{result.EmailAddress} in profile '{result.ProfileName}': {result.Reason}", result.Advice);
        WriteError(located?.Invoke(error) ?? error, result.EmailAddress);
    }
}
