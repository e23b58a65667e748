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
    private int _failedForNow;

    /// <summary>A record or address was asked for.</summary>
    public void AddRecord() => _records++;

    /// <summary>Its account is not here.</summary>
    public void AddNotHere() => _notHere++;

    /// <summary>An account was left alone, since it was only asked what would be, or the answer was no.</summary>
    public void AddSkipped() => _skipped++;

    /// <summary>A record is wrong, or the whole run could not begin.</summary>
    /// <param name="error">Why.</param>
    /// <param name="address">The address in the record; empty for none.</param>
    /// <param name="recordNumber">Its number; 0 where no record is.</param>
    public void AddFailure(MailOpsException error, string address = "", long recordNumber = 0) =>
        Add(new OutlookSmtpChange { EmailAddress = address, RecordNumber = recordNumber, Status = OutlookChangeStatus.Failed, Reason = error.Message, ErrorId = error.Code, Advice = error.Hint });

    /// <summary>What became of an account.</summary>
    public void Add(OutlookSmtpChange result)
    {
        _results.Add(result);
        if (result.Status != OutlookChangeStatus.Failed) return;
        _failed++;
        if (result.ErrorId is ErrorCode.OutlookRunning or ErrorCode.OutlookBusy) _failedForNow++;
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
        ExitCode = _failed == 0 ? 0 : _failed == _failedForNow ? TryLater : 1,
        Results = [.. _results],
    };

    private int Count(OutlookChangeStatus status) => _results.Count(result => result.Status == status);
}
