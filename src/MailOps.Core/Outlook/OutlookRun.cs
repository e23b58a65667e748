using MailOps.Messages;

namespace MailOps.Outlook;

/// <summary>Changes accounts in the hive of one user, each one safely: on disk first, written, read back, or put back.</summary>
public sealed class OutlookRun : IDisposable
{
    private const string Unsupported = "Microsoft supports no changes of profiles from outside Outlook: look at the account when Outlook has started.";

    private readonly IOutlookHost _host;
    private readonly OutlookHive _hive;
    private readonly OutlookJournal _journal;
    private readonly bool _force;
    private readonly List<MailOpsException> _unreadable = [];
    private ILookup<string, OutlookAccount>? _byAddress;
    private IReadOnlyList<OutlookAccount>? _accounts;

    /// <summary>Opens the hive; nothing is written.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="userSid">The user; null for the account that this process runs as.</param>
    /// <param name="backupPath">The file for the backup, or a folder that exists, with its whole path; null for the folder of the account that this process runs as.</param>
    /// <param name="force">Whether to write although Outlook runs.</param>
    /// <param name="now">The time, in UTC. Default: the clock's.</param>
    /// <exception cref="MailOpsException">As <see cref="OutlookHive.Open(IOutlookHost, string?)"/>.</exception>
    public OutlookRun(IOutlookHost host, string? userSid, string? backupPath, bool force, Func<DateTime>? now = null)
    {
        _host = host;
        _force = force;
        _hive = OutlookHive.Open(host, userSid);
        _journal = new OutlookJournal(host, _hive.Sid, backupPath, now ?? (() => DateTime.UtcNow));
    }

    /// <summary>The user.</summary>
    public string UserSid => _hive.Sid;

    /// <summary>The backup of this run; null as long as nothing was written.</summary>
    public string? BackupPath => _journal.BackupPath;

    /// <summary>Whether a run before this one ended in the middle of writing.</summary>
    public bool IsUnfinished => _journal.IsUnfinished;

    /// <summary>Whether to remove the password of the outgoing server of an account that no longer uses it.</summary>
    public bool RemovesStalePasswords { get; init; }

    /// <summary>Ends a wait for another run. Nothing is ended in the middle of an account.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Has this run be the only one on the user's profiles, before anything is looked at: what is planned is then still so when it is done.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookBusy"/>.</exception>
    public void Enter() => _journal.Lock(Stopping);

    /// <summary>The errors of accounts, or profiles, that could not be read so far, each told once.</summary>
    public IReadOnlyList<MailOpsException> TakeUnreadable()
    {
        MailOpsException[] taken = [.. _unreadable];
        _unreadable.Clear();
        return taken;
    }

    /// <summary>Undoes what a run left that ended in the middle of writing. A note of it that is damaged is set aside.</summary>
    /// <param name="givesUp">Whether it is set aside too where old values cannot be put back.</param>
    /// <returns>What was done, in one sentence; null where there was nothing.</returns>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.OutlookRunning"/>, <see cref="ErrorCode.OutlookUndoFailed"/>, <see cref="ErrorCode.OutlookBusy"/>, <see cref="ErrorCode.FileUnreadable"/>, <see cref="ErrorCode.FileUnwritable"/>.
    /// </exception>
    public string? UndoUnfinished(bool givesUp = false)
    {
        if (!_journal.IsUnfinished) return null;
        _journal.Lock(Stopping);
        if (!_journal.IsUnfinished) return null;   // the run has ended after all
        CheckOutlook();
        try
        {
            var account = _journal.ReadUnfinished();
            var address = OutlookAccount.Shorten(account.Email);
            var stay = OutlookWriter.UndoUnfinished(_hive.Root, account);
            _journal.End(isChanged: false);
            _accounts = null;
            if (stay is null) return $"A run before this one ended in the middle of changing {address}; the account is gone, or has become another one, and is left as it is.";
            return $"A run before this one ended in the middle of changing {address}; its old values are back{(stay.Count > 0 ? ", but for what has become something else since then: " + string.Join(", ", stay) : "")}.";
        }
        catch (MailOpsException e) when (e.Code == ErrorCode.OutlookBackupInvalid || (givesUp && e.Code == ErrorCode.OutlookUndoFailed))
        {
            return $"What a run before this one left unfinished is not undone: {e.Message} It is kept as '{_journal.SetAside()}'.";
        }
    }

    /// <summary>The accounts that are meant, each with what is going to become of it; none where the user has none.</summary>
    /// <param name="target">Which.</param>
    /// <param name="settings">Checked settings.</param>
    /// <param name="provider">A provider whose values count where the settings have none; null for none.</param>
    /// <param name="recordNumber">The number of the record that asks; 0 for none.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/>, or <see cref="ErrorCode.OutlookSettingsInvalid"/>: the settings do not fit an account.</exception>
    public IReadOnlyList<OutlookTask> Plan(OutlookTarget target, OutlookSettings settings, OutlookProvider? provider = null, long recordNumber = 0)
    {
        var found = Candidates(target.EmailAddress).Where(target.IsMeant).ToList();
        // An address that accounts of several kinds have is that of POP3 or IMAP; only where there is none such it is another's.
        if (found.Exists(account => account.IsApplicable)) found.RemoveAll(account => !account.IsApplicable);
        return [.. found.Select(account => Task(account, settings, provider, recordNumber))];
    }

    /// <summary>Does what was planned.</summary>
    /// <returns>What became of it; a failure is in it.</returns>
    public OutlookSmtpChange Apply(OutlookTask task)
    {
        if (!task.Account.IsApplicable) return task.Result(OutlookChangeStatus.NotApplicable);
        if (task.Fault is not null) return task.Result(OutlookChangeStatus.Failed, error: task.Fault);
        if (!task.IsChange) return task.Result(OutlookChangeStatus.Unchanged);
        try
        {
            CheckOutlook();
            if (task.Values.Count > 0) Write(BackupAccount.Of(task.Account, task.Values));
            return task.Result(OutlookChangeStatus.Changed, task.Values.Count > 0 ? _journal.BackupPath : null, notes: [.. RemovePassword(task), Unsupported]);
        }
        catch (MailOpsException e)
        {
            return task.Result(OutlookChangeStatus.Failed, error: e);
        }
    }

    /// <summary>What a backup has to put back.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.FileUnreadable"/>, <see cref="ErrorCode.OutlookBackupInvalid"/>, also where it is of another user.</exception>
    public IReadOnlyList<OutlookRestoreTask> PlanRestore(string path)
    {
        var backup = OutlookBackupFile.Read(path);
        if (backup.UserSid != _hive.Sid)
            throw new MailOpsException(
                ErrorCode.OutlookBackupInvalid, $"The file '{path}' is a backup of {Printable.Escape(backup.UserSid)}, and this is the hive of {_hive.Sid}.", "Run it as that user, or name that user's loaded hive with -UserSid.");
        // The last change first: an account that was changed twice goes back by the way it came.
        return [.. backup.Accounts.Reverse().Select(account => new OutlookRestoreTask(_hive.Root, account))];
    }

    /// <summary>Puts back what a backup has.</summary>
    /// <param name="task">What was planned.</param>
    /// <param name="evenIfChanged">Whether to do so where something else has been written since.</param>
    public OutlookSmtpChange Restore(OutlookRestoreTask task, bool evenIfChanged)
    {
        try
        {
            var plan = task.Plan(evenIfChanged);
            if (plan.Values.Count == 0) return task.Result(OutlookChangeStatus.Unchanged, plan);
            CheckOutlook();
            Write(plan);
            return task.Result(OutlookChangeStatus.Changed, plan, _journal.BackupPath);
        }
        catch (MailOpsException e)
        {
            return task.Result(OutlookChangeStatus.Failed, null, null, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _journal.Dispose();
        _hive.Dispose();
    }

    private void Write(BackupAccount account)
    {
        _journal.Lock(Stopping);
        if (_journal.IsUnfinished)
            throw new MailOpsException(ErrorCode.OutlookUndoFailed, "What an earlier change left unfinished has not been put back yet.", "Run this again; the reason was told where it happened.");
        _journal.Begin(account);
        try
        {
            OutlookWriter.Write(_hive.Root, account);
        }
        catch (MailOpsException e) when (e.Code != ErrorCode.OutlookUndoFailed)
        {
            EndUnchanged(e);
            throw;
        }
        EndChanged();
    }

    private void EndChanged()
    {
        try
        {
            _journal.End(isChanged: true);
        }
        catch (MailOpsException e)
        {
            throw new MailOpsException(
                e.Code, $"The account is changed, but what is noted of it as unfinished stays, and the next run puts the old values back: {e.Message}", "Find out what keeps the file unfinished.json from being removed, remove it, and look at the account.", e);
        }
    }

    private void EndUnchanged(MailOpsException reason)
    {
        try
        {
            _journal.End(isChanged: false);
        }
        catch (MailOpsException e)
        {
            throw new MailOpsException(reason.Code, $"{reason.Message} {e.Message}", reason.Hint, reason);
        }
    }

    private OutlookTask Task(OutlookAccount account, OutlookSettings settings, OutlookProvider? provider, long recordNumber)
    {
        if (!account.IsApplicable) return new OutlookTask(account, recordNumber);
        try
        {
            return Fitting(account, provider?.For(account, settings) ?? settings, recordNumber);
        }
        catch (MailOpsException e)
        {
            return new OutlookTask(account, recordNumber) { Fault = e };   // the others may fit
        }
    }

    private OutlookTask Fitting(OutlookAccount account, OutlookSettings wanted, long recordNumber)
    {
        var values = OutlookPlanner.Plan(account, wanted);
        if (values.FirstOrDefault(value => value.Before?.Length > OutlookBackupFile.LongestValue) is { } huge)
            throw OutlookErrors.Invalid($"The value '{huge.Name}' is too large to be kept in a backup.", "Look at it with the registry editor, and remove it there.");
        if (!OutlookBackupFile.IsKept(account.Profile) || !OutlookBackupFile.IsKept(account.Email))
            throw OutlookErrors.Invalid("The name of the profile, or the address, has characters that a backup cannot keep.", "Make a new profile in Outlook.");
        var notes = OutlookAdvice.On(account, wanted, OutlookReader.UsesNewOutlook(_hive.Root)).ToList();
        var hasStalePassword = !UsesOwnUser(account, values) && (RemovesStalePasswords || UsesOwnUser(account, [])) && OutlookWriter.HasSmtpPassword(_hive.Root, account);
        if (hasStalePassword && !RemovesStalePasswords) notes.Add("The account has a saved password for the outgoing server, which it no longer uses; -RemoveStalePassword removes it.");
        return new OutlookTask(account, recordNumber) { Values = values, RemovesPassword = hasStalePassword && RemovesStalePasswords, Notes = notes };
    }

    private static bool UsesOwnUser(OutlookAccount account, IReadOnlyList<PlannedValue> planned)
    {
        int? Number(string name) => planned.FirstOrDefault(value => value.Name == name) is { } value ? value.After is { } after ? after.AsNumber() : ValueNames.Default(name) : account.Number(name);
        return Number(ValueNames.SmtpUseAuth) != 0 && Number(ValueNames.SmtpAuthMethod) == 1;
    }

    private IEnumerable<string> RemovePassword(OutlookTask task)
    {
        if (!task.RemovesPassword) return [];
        return OutlookWriter.RemoveStalePassword(_hive.Root, task.Account)
            ? ["The saved password of the outgoing server was removed, and no backup brings it back."]
            : ["The saved password of the outgoing server could not be removed."];
    }

    // The registry is searched once for all records; an account is read again when its turn comes.
    private IEnumerable<OutlookAccount> Candidates(string address)
    {
        if (_accounts is null)
        {
            _accounts = OutlookReader.Accounts(_hive.Root, _unreadable);
            _byAddress = _accounts.SelectMany(account => new[] { account.Email, account.Text(ValueNames.AccountName) }.Select(OutlookTarget.Canonical).Distinct(StringComparer.OrdinalIgnoreCase).Select(text => (text, account)))
                .ToLookup(pair => pair.text, pair => pair.account, StringComparer.OrdinalIgnoreCase);
        }
        var candidates = address.IndexOfAny(['*', '?']) >= 0 ? _accounts : _byAddress![OutlookTarget.Canonical(address)];
        foreach (var account in candidates)
        {
            if (ReadAgain(account) is { } now) yield return now;
        }
    }

    private OutlookAccount? ReadAgain(OutlookAccount account) => OutlookErrors.Reading(() => OutlookReader.Account(_hive.Root, account.Place, account.Profile, account.Key));

    private void CheckOutlook()
    {
        if (_force || _host.OutlookProcesses(_hive.Sid) is not { Count: > 0 } processes) return;
        throw new MailOpsException(
            ErrorCode.OutlookRunning, $"Outlook of this user is running (process {string.Join(", ", processes)}), and may write its own values over what is changed.",
            "Close Outlook and run this again, or use -Force.");
    }
}
