namespace MailOps.Outlook;

/// <summary>Counts what becomes of a run.</summary>
public sealed class OutlookTally
{
    private const int TryLater = 1618;   // ERROR_INSTALL_ALREADY_RUNNING, which Intune and Configuration Manager answer with another attempt

    private readonly List<OutlookSmtpChange> _results = [];
    private int _records;
    private int _notHere;
    private int _skipped;
    private int _failed;
    private int _failedSinceOutlookRuns;

    /// <summary>A record or address was asked for.</summary>
    public void AddRecord() => _records++;

    /// <summary>Its account is not here.</summary>
    public void AddNotHere() => _notHere++;

    /// <summary>An account was left alone, since it was only asked what would be, or the answer was no.</summary>
    public void AddSkipped() => _skipped++;

    /// <summary>A record is wrong.</summary>
    public void AddFailure() => _failed++;

    /// <summary>What became of an account.</summary>
    public void Add(OutlookSmtpChange result)
    {
        _results.Add(result);
        if (result.Status != OutlookChangeStatus.Failed) return;
        _failed++;
        if (result.ErrorId == ErrorCode.OutlookRunning) _failedSinceOutlookRuns++;
    }

    /// <summary>All of it.</summary>
    public OutlookChangeSummary Summary(string userSid, string? backupPath) => new()
    {
        ComputerName = Environment.MachineName,
        UserSid = userSid,
        Records = _records,
        Changed = Count(OutlookChangeStatus.Changed),
        Unchanged = Count(OutlookChangeStatus.Unchanged),
        NotApplicable = Count(OutlookChangeStatus.NotApplicable),
        NotHere = _notHere,
        Failed = _failed,
        Skipped = _skipped,
        PasswordPromptExpected = _results.Exists(result => result.PasswordPromptExpected),
        BackupPath = backupPath,
        ExitCode = _failed == 0 ? 0 : _failed == _failedSinceOutlookRuns ? TryLater : 1,
        Results = [.. _results],
    };

    private int Count(OutlookChangeStatus status) => _results.Count(result => result.Status == status);
}
