namespace MailOps.Outlook;

/// <summary>An account that was asked for, and what is going to become of it.</summary>
public sealed class OutlookTask
{
    internal OutlookTask(OutlookAccount account, long recordNumber) => (Account, RecordNumber) = (account, recordNumber);

    /// <summary>Its address, or where it has none its label.</summary>
    public string EmailAddress => Account.Shown(Account.Email.Length > 0 ? ValueNames.Email : ValueNames.AccountName);

    /// <summary>The account in words.</summary>
    public string Description => $"{Account.Type} account {EmailAddress} in profile '{OutlookAccount.Shorten(Account.Profile)}' of Outlook {Account.Place.Version}";

    /// <summary>Whether there is anything to write.</summary>
    public bool IsChange => Values.Count > 0 || RemovesPassword;

    /// <summary>The values, before and after.</summary>
    public OutlookValueChange[] Changes => [.. Values.Select(Show), .. RemovesPassword ? (OutlookValueChange[])[new OutlookValueChange(ValueNames.SmtpPassword, "(saved)", null, "REG_BINARY")] : []];

    /// <summary>Why the settings do not fit it; null where they do.</summary>
    public MailOpsException? Fault { get; init; }

    /// <summary>What an administrator should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The number of the record that asked for it; 0 where none did.</summary>
    public long RecordNumber { get; }

    internal OutlookAccount Account { get; }

    internal IReadOnlyList<PlannedValue> Values { get; init; } = [];

    internal bool RemovesPassword { get; init; }

    // Who does not log in to the outgoing server is not asked for its password, whatever changes there.
    internal bool PasswordPromptExpected => Values.Any(value => value.Name == Account.Incoming("Server") || value.Name == Account.Incoming("User")
        || (LogsInToSend && value.Name is ValueNames.SmtpServer or ValueNames.SmtpUser or ValueNames.SmtpUseAuth or ValueNames.SmtpAuthMethod));

    private bool LogsInToSend => Values.FirstOrDefault(value => value.Name == ValueNames.SmtpUseAuth) is { } planned ? planned.After is { } after && after.AsNumber() != 0 : Account.Number(ValueNames.SmtpUseAuth) != 0;

    internal OutlookSmtpChange Result(OutlookChangeStatus status, string? backupPath = null, MailOpsException? error = null, IEnumerable<string>? notes = null) => new()
    {
        RecordNumber = RecordNumber,
        EmailAddress = EmailAddress,
        AccountType = Account.Type,
        OutlookVersion = Account.Place.Version,
        ProfileName = OutlookAccount.Shorten(Account.Profile),
        AccountKey = Account.Key,
        Status = status,
        Changes = Changes,
        PasswordPromptExpected = status == OutlookChangeStatus.Changed && PasswordPromptExpected,
        BackupPath = backupPath,
        Reason = error?.Message ?? (status == OutlookChangeStatus.NotApplicable ? OutlookProfiles.WhyNot(Account.Type) : ""),
        ErrorId = error?.Code,
        Advice = error?.Hint ?? "",
        Notes = [.. Notes, .. notes ?? []],
    };

    internal static OutlookValueChange Show(PlannedValue value)
    {
        var kind = (value.After ?? value.Before)!.Kind switch
        {
            RegistryDataKind.Text => "REG_SZ",
            RegistryDataKind.ExpandText => "REG_EXPAND_SZ",
            RegistryDataKind.Binary => "REG_BINARY",
            RegistryDataKind.Number => "REG_DWORD",
            var other => FormattableString.Invariant($"{(int)other}"),
        };
        return new OutlookValueChange(value.Name, Text(value.Before), Text(value.After), kind);
    }

    private static string? Text(RegistryData? data) => data is null ? null
        : data.AsNumber() is { } number ? number.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : data.AsText() is { } text ? OutlookAccount.Shorten(text)
        : FormattableString.Invariant($"({data.Length} bytes of kind {(int)data.Kind})");
}
