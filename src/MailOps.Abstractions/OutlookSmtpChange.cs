namespace MailOps;

/// <summary>What became of one account that was to be changed, or of a record that is wrong.</summary>
public sealed class OutlookSmtpChange
{
    /// <summary>The number of the record that asked for it, from 1; 0 where no record did.</summary>
    public long RecordNumber { get; init; }
    /// <summary>The account's address, or what stands for it in the record.</summary>
    public required string EmailAddress { get; init; }
    /// <summary>What kind of account it is; null where none was found.</summary>
    public OutlookAccountType? AccountType { get; init; }
    /// <summary>The version of Outlook whose profile it is in; empty where none was found.</summary>
    public string OutlookVersion { get; init; } = "";
    /// <summary>The profile; empty where none was found.</summary>
    public string ProfileName { get; init; } = "";
    /// <summary>The account's key in the profile; empty where none was found.</summary>
    public string AccountKey { get; init; } = "";
    /// <summary>What became of it.</summary>
    public OutlookChangeStatus Status { get; init; }
    /// <summary>The values that were changed, or would have been.</summary>
    public OutlookValueChange[] Changes { get; init; } = [];
    /// <summary>Whether Outlook is going to ask the user for the password: server, user name or way of logging in have changed.</summary>
    public bool PasswordPromptExpected { get; init; }
    /// <summary>The file by which Restore-OutlookSmtpProfile undoes it; null where nothing was written.</summary>
    public string? BackupPath { get; init; }
    /// <summary>Why it is not applicable, or failed, in one sentence.</summary>
    public string Reason { get; init; } = "";
    /// <summary>The id of the error, where it failed.</summary>
    public string? ErrorId { get; init; }
    /// <summary>What to do about a failure.</summary>
    public string Advice { get; init; } = "";
    /// <summary>What an administrator should know besides.</summary>
    public string[] Notes { get; init; } = [];

    /// <summary>Address and what became of it.</summary>
    public override string ToString() => $"{EmailAddress}: {Status}";
}
