namespace MailOps;

/// <summary>What became of a whole run on one user's profiles.</summary>
public sealed class OutlookChangeSummary
{
    /// <summary>The machine.</summary>
    public required string ComputerName { get; init; }
    /// <summary>Whose profiles they are.</summary>
    public required string UserSid { get; init; }
    /// <summary>Records, or addresses, that were asked for.</summary>
    public int Records { get; init; }
    /// <summary>Accounts that were changed.</summary>
    public int Changed { get; init; }
    /// <summary>Accounts that were as they should be.</summary>
    public int Unchanged { get; init; }
    /// <summary>Accounts that have no SMTP server to set.</summary>
    public int NotApplicable { get; init; }
    /// <summary>Records whose account this user does not have.</summary>
    public int NotHere { get; init; }
    /// <summary>Records that are wrong, accounts that could not be changed, and what kept the whole run from beginning.</summary>
    public int Failed { get; init; }
    /// <summary>Accounts that were left alone by -WhatIf, or when asked.</summary>
    public int Skipped { get; init; }
    /// <summary>Whether Outlook is going to ask the user for a password.</summary>
    public bool PasswordPromptExpected { get; init; }
    /// <summary>The file by which Restore-OutlookSmtpProfile undoes the run; null where nothing was written.</summary>
    public string? BackupPath { get; init; }
    /// <summary>For deployment tools: 0 where nothing failed; 1618, which they take for "try again later", where all that failed did so because Outlook, or another run of these cmdlets, was at it; otherwise 1.</summary>
    public int ExitCode { get; init; }
    /// <summary>What became of each account, and what is wrong with each record that is (RecordNumber, Reason, Advice); accounts that are not here are only counted.</summary>
    public OutlookSmtpChange[] Results { get; init; } = [];

    /// <summary>The counts on one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Records} records: {Changed} changed, {Unchanged} unchanged, {NotApplicable} not applicable, {NotHere} not here, {Failed} failed, {Skipped} skipped");
}
