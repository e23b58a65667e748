namespace MailOps.Outlook;

/// <summary>Writes the values of one account, reads them back, and puts the old ones back where anything is not as it should be.</summary>
internal static class OutlookWriter
{
    /// <summary>Writes.</summary>
    /// <param name="hive">The root of the hive.</param>
    /// <param name="account">The account with what it has now and what it is to have.</param>
    /// <exception cref="MailOpsException">
    /// <see cref="ErrorCode.OutlookChangedMeanwhile"/>: it is not as it was when that was planned. <see cref="ErrorCode.OutlookWriteFailed"/>: the old values are back.
    /// <see cref="ErrorCode.OutlookUndoFailed"/>: they are not.
    /// </exception>
    public static void Write(IRegistryKey hive, BackupAccount account)
    {
        CheckUnchanged(hive, account);
        try
        {
            using (var key = Open(hive, account, writable: true))
            {
                foreach (var value in account.Values) Set(key, value.Name, value.After);
                key.Flush();
            }
            if (FirstOther(hive, account, value => value.After) is not { } wrong) return;
            throw new IOException($"'{wrong}' is not what was written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Undo(hive, account, e);
            throw new MailOpsException(
                ErrorCode.OutlookWriteFailed, $"The account could not be changed, and has its old values: {e.Message}", "See that Outlook is closed, and whether a policy or another program keeps the key from being written to.", e);
        }
    }

    /// <summary>Puts back what a run that ended in the middle had before; a value that has become something else since then stays.</summary>
    /// <returns>The names of the values that stay; null where the account is gone, or has become another one, and nothing was done.</returns>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookUndoFailed"/></exception>
    public static IReadOnlyList<string>? UndoUnfinished(IRegistryKey hive, BackupAccount account)
    {
        try
        {
            if (!IsStill(hive, account)) return null;
            var others = new List<PlannedValue>();
            using (var key = Open(hive, account, writable: false))
                others.AddRange(account.Values.Where(value => key.Read(value.Name) is var stored && !Equals(stored, value.Before) && !Equals(stored, value.After)));
            PutBack(hive, account, account.Values.Except(others));
            if (FirstOther(hive, account with { Values = [.. account.Values.Except(others)] }, value => value.Before) is { } wrong) throw new IOException($"'{wrong}' is not what it was.");
            return [.. others.Select(value => value.Name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw UndoFailed(e);
        }
    }

    /// <summary>Removes the password of the outgoing server, which nobody has read.</summary>
    /// <returns>Whether there is none now.</returns>
    public static bool RemoveStalePassword(IRegistryKey hive, OutlookAccount account)
    {
        try
        {
            using var key = hive.Open(account.Path, writable: true);
            key?.Delete(ValueNames.SmtpPassword);
            key?.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether the account has a password of its own for the outgoing server.</summary>
    /// <exception cref="MailOpsException"><see cref="ErrorCode.OutlookRegistryUnreadable"/></exception>
    public static bool HasSmtpPassword(IRegistryKey hive, OutlookAccount account) => OutlookErrors.Reading(() =>
    {
        using var key = hive.Open(account.Path);
        return key?.ValueNames().Contains(ValueNames.SmtpPassword, StringComparer.OrdinalIgnoreCase) == true;
    });

    private static void Undo(IRegistryKey hive, BackupAccount account, Exception reason)
    {
        try
        {
            PutBack(hive, account, account.Values);
            if (FirstOther(hive, account, value => value.Before) is { } wrong) throw new IOException($"'{wrong}' is not what it was. At first: {reason.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw UndoFailed(e);
        }
    }

    // What is refused keeps none of the others from going back; a key that may not be written to is no obstacle where nothing has been.
    private static void PutBack(IRegistryKey hive, BackupAccount account, IEnumerable<PlannedValue> values)
    {
        Exception? refused = null;
        using var read = Open(hive, account, writable: false);
        var changed = values.Where(value => !Equals(read.Read(value.Name), value.Before)).ToArray();
        using var key = changed.Length == 0 ? null : Open(hive, account, writable: true);
        foreach (var value in changed)
        {
            try
            {
                Set(key!, value.Name, value.Before);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                refused ??= e;
            }
        }
        read.Flush();
        if (refused is not null) throw new IOException(refused.Message, refused);
    }

    private static void CheckUnchanged(IRegistryKey hive, BackupAccount account)
    {
        try
        {
            if (!IsStill(hive, account)) throw Changed("The account is gone, or has become another one");
            if (FirstOther(hive, account, value => value.Before) is { } name) throw Changed($"'{name}' has changed since it was read");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutlookErrors.Unreadable(e);
        }
    }

    /// <summary>Whether it is still the account that was meant.</summary>
    public static bool IsStill(IRegistryKey hive, BackupAccount account) =>
        OutlookReader.Account(hive, account.Place, account.Profile, account.Key) is { } found && found.Type == account.Type && string.Equals(found.Email, account.Email, StringComparison.OrdinalIgnoreCase);

    private static string? FirstOther(IRegistryKey hive, BackupAccount account, Func<PlannedValue, RegistryData?> expected)
    {
        using var key = hive.Open(account.Place.AccountPath(account.Profile, account.Key)) ?? throw new IOException("The account's key is gone.");
        return account.Values.FirstOrDefault(value => !Equals(key.Read(value.Name), expected(value)))?.Name;
    }

    private static IRegistryKey Open(IRegistryKey hive, BackupAccount account, bool writable) =>
        hive.Open(account.Place.AccountPath(account.Profile, account.Key), writable) ?? throw new IOException("The account's key is gone.");

    private static void Set(IRegistryKey key, string name, RegistryData? data)
    {
        if (data is null) key.Delete(name);
        else key.Write(name, data);
    }

    private static MailOpsException Changed(string what) => new(ErrorCode.OutlookChangedMeanwhile, what + ".", "Outlook or another run has written to it; close Outlook, and run this again.");

    private static MailOpsException UndoFailed(Exception cause) => new(
        ErrorCode.OutlookUndoFailed, $"Old values could not be put back: {cause.Message}",
        "What they were is kept: the next Set-OutlookSmtpProfile or Restore-OutlookSmtpProfile of this user tries again. Find out what keeps the key from being written to.", cause);
}
