namespace MailOps.Outlook;

/// <summary>An account in a backup, and what is going to be put back in it.</summary>
public sealed class OutlookRestoreTask
{
    private readonly IRegistryKey _hive;
    private readonly BackupAccount _account;

    internal OutlookRestoreTask(IRegistryKey hive, BackupAccount account) => (_hive, _account) = (hive, account);

    /// <summary>Its address.</summary>
    public string EmailAddress => OutlookAccount.Shorten(_account.Email);

    /// <summary>The account in words.</summary>
    public string Description => $"{_account.Type} account {EmailAddress} in profile '{OutlookAccount.Shorten(_account.Profile)}' of Outlook {_account.Version}";

    /// <summary>What would be written, before and after.</summary>
    /// <param name="evenIfChanged">Whether to do so where something else has been written since.</param>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookChangedMeanwhile"/>, <see cref="ErrorCode.OutlookRegistryUnreadable"/>.</exception>
    public OutlookValueChange[] Changes(bool evenIfChanged) => Result(OutlookChangeStatus.Changed, Plan(evenIfChanged)).Changes;

    /// <summary>The values that are not as they were, from what they are to what they were.</summary>
    internal BackupAccount Plan(bool evenIfChanged)
    {
        try
        {
            if (!OutlookWriter.IsStill(_hive, _account)) throw Changed("the account is gone, or has become another one");
            var account = OutlookReader.Account(_hive, _account.Place, _account.Profile, _account.Key)!;
            var values = new List<PlannedValue>();
            foreach (var value in _account.Values)
            {
                var stored = account.Value(value.Name);
                if (Equals(stored, value.Before)) continue;
                if (!evenIfChanged && !Equals(stored, value.After)) throw Changed($"'{value.Name}' has been written to since");
                values.Add(new PlannedValue(value.Name, stored, value.Before));
            }
            return _account with { Values = values };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutlookErrors.Unreadable(e);
        }
    }

    internal OutlookSmtpChange Result(OutlookChangeStatus status, BackupAccount? plan, string? backupPath = null, MailOpsException? error = null)
    {
        if (plan is not null && Account() is { } account) return new OutlookTask(account, 0) { Values = plan.Values }.Result(status, backupPath, error);
        return new OutlookSmtpChange
        {
            EmailAddress = EmailAddress,
            AccountType = _account.Type,
            OutlookVersion = _account.Version,
            ProfileName = OutlookAccount.Shorten(_account.Profile),
            AccountKey = _account.Key,
            Status = status,
            Changes = plan is null ? [] : [.. plan.Values.Select(OutlookTask.Show)],
            BackupPath = backupPath,
            Reason = error?.Message ?? "",
            ErrorId = error?.Code,
            Advice = error?.Hint ?? "",
        };
    }

    // What was done is told also where the account cannot be looked at any more.
    private OutlookAccount? Account()
    {
        try
        {
            return OutlookReader.Account(_hive, _account.Place, _account.Profile, _account.Key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private MailOpsException Changed(string what) => new(ErrorCode.OutlookChangedMeanwhile, $"{EmailAddress} is left as it is: {what}.", "Look at it with Get-OutlookSmtpProfile; -Force puts old values back over others, but not in another account.");
}
