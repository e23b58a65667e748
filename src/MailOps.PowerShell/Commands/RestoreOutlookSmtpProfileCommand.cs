using System.Management.Automation;
using MailOps.Outlook;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Undoes what Set-OutlookSmtpProfile changed, by its backup; and what a run left unfinished that ended in the middle of writing.</summary>
/// <remarks>
/// <para>Each value goes back to what it was, byte for byte, with its kind. A value that has become something else since, and an account that is not the same any more, is the error OutlookChangedMeanwhile and stays as it
/// is; -Force puts old values back over others, but never in another account. An account is restored whole or not at all, with a backup of its own. Passwords are in no backup: where server, user name or way of logging in
/// change, PasswordPromptExpected says that Outlook is going to ask the user.</para>
/// <para>A backup is not trusted: it can name only values that Set-OutlookSmtpProfile may write, in POP3 and IMAP accounts that are there and have the same address, in the hive of the same user. Anything else in it is the
/// error OutlookBackupInvalid, and nothing is restored from it.</para>
/// <para>What a run left unfinished is put back before anything else, here as in Set-OutlookSmtpProfile; -Unfinished does only that. Where it cannot be, it is OutlookUndoFailed, and is kept, and nothing else is changed for this user before
/// -Unfinished -Force sets it aside. A note of it that is damaged is set aside with a warning.</para>
/// <para>Microsoft supports no changes of profiles from outside Outlook, and this is one.</para>
/// <para>The other errors are those of Set-OutlookSmtpProfile: OutlookRunning while Outlook of that user runs, unless -Force; OutlookUserUnclear, OutlookUserNotFound, OutlookWriteFailed, OutlookBusy, FileUnreadable,
/// and OutlookNeedsWindows on Linux and macOS.</para>
/// </remarks>
/// <example>
/// <para>Undo a run</para>
/// <code>Restore-OutlookSmtpProfile $env:LOCALAPPDATA\MailOps\Outlook\S-1-5-21-1004336348-1177238915-682003330-1001\outlook-20261127-081500-0f3a2c41.json -WhatIf</code>
/// <para>Each value before and after; without -WhatIf they are written.</para>
/// </example>
/// <example>
/// <para>After a machine went down in the middle</para>
/// <code>Restore-OutlookSmtpProfile -Unfinished</code>
/// <para>Without output where there was nothing.</para>
/// </example>
[Cmdlet(VerbsData.Restore, "OutlookSmtpProfile", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(OutlookSmtpChange), typeof(OutlookChangeSummary))]
public sealed class RestoreOutlookSmtpProfileCommand : OutlookChangeCmdlet
{
    private const string ByPath = "Path";
    private const string OfUnfinished = "Unfinished";

    /// <summary>Backups of Set-OutlookSmtpProfile, with or without wildcards; of several that match, the newest comes first.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Only puts back what a run left unfinished.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfUnfinished)]
    public SwitchParameter Unfinished { get; set; }

    /// <summary>Puts values back that have become something else since, and writes although Outlook is running. With -Unfinished, what cannot be put back is set aside, so that other changes can be made; the warning names the file, which can be restored.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool WritesAnyway => Force;

    private protected override bool GivesUp => Unfinished && Force;

    private protected override void ProcessChanges()
    {
        foreach (var path in Path)
        {
            try
            {
                // An account that was changed twice goes back by the way it came: names of backups begin with their time.
                foreach (var file in this.MatchingFiles(path, mayBeNone: false).OrderByDescending(file => System.IO.Path.GetFileName(file), StringComparer.OrdinalIgnoreCase)) Restore(file);
            }
            catch (MailOpsException e)
            {
                Tally.AddFailure(e, path);
                WriteError(e, path);
            }
        }
    }

    private void Restore(string file)
    {
        foreach (var task in Changes.PlanRestore(file))
        {
            Tally.AddRecord();
            if (IsDeclined(task)) Tally.AddSkipped();
            else Write(Changes.Restore(task, Force));
        }
    }

    // What cannot be restored, or need not, is told without asking.
    private bool IsDeclined(OutlookRestoreTask task)
    {
        try
        {
            return task.Changes(Force) is { Length: > 0 } changes && !Confirmed(task.Description, "Restore", changes);
        }
        catch (MailOpsException)
        {
            return false;
        }
    }
}
