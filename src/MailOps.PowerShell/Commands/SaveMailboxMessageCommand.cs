using System.Management.Automation;
using MailOps.Mailboxes;
using MailOps.Messages;
using MailOps.PowerShell.Parameters;

namespace MailOps.PowerShell.Commands;

/// <summary>Saves messages of a mailbox as .eml files, byte for byte, by IMAP or POP3.</summary>
/// <remarks>
/// <para>The messages come from Get-MailboxMessage, with server, folder and id; the credential is given again. They are gathered and saved at the end, over one connection a mailbox; nothing changes in it, but that
/// by POP3 some servers mark a message as read.</para>
/// <para>A file is named by folder and id, as in INBOX-1700000000-42.eml, with what file systems do not take written as %2F. It appears whole or not at all, and its owner alone may read it. One that is there is the
/// error FileExists unless -Force replaces it; one that cannot be written is FileUnwritable, a message that is not there MailboxMessageNotFound, one that is too large MailboxTooLarge, and the others go on. All
/// other errors are those of Get-MailboxMessage.</para>
/// </remarks>
/// <example>
/// <para>What came in a week, into a folder</para>
/// <code>$credential = Get-Credential
/// Get-MailboxMessage imap.example.com -Credential $credential -Since (Get-Date).AddDays(-7) -ResultSize Unlimited | Save-MailboxMessage -Path ./week -Credential $credential</code>
/// <para>The folder is made where it does not exist. Writes the files.</para>
/// </example>
[Cmdlet(VerbsData.Save, "MailboxMessage", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class SaveMailboxMessageCommand : MailboxActionCmdlet
{
    private const int MaxFolderName = 80;

    /// <summary>The folder for the files; it is made where it does not exist.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Replaces files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How large a message may be, in bytes, as in 25MB. Default: 150 MB.</summary>
    [Parameter]
    [ValidateRange(1L, int.MaxValue)]
    public long MaxMessageSize { get; set; } = 150 * 1024 * 1024;

    private protected override string Sentence => $"Save the message in {Path}";

    private protected override async Task ActAsync(MailboxSession session, string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            try
            {
                await SaveAsync(session, folder, id, cancellationToken);
            }
            catch (MailOpsException e) when (e.Code is ErrorCode.MailboxMessageNotFound or ErrorCode.MailboxTooLarge or ErrorCode.FileExists or ErrorCode.FileUnwritable)
            {
                WriteError(e, id);   // the others may do better
            }
        }
    }

    private async Task SaveAsync(MailboxSession session, string folder, string id, CancellationToken cancellationToken)
    {
        const string Advice = "Give another -Path, or -Force to replace it.";
        var file = System.IO.Path.Combine(this.FullPath(Path), FileName(folder, id));
        if (!Force) WholeFile.CheckAbsent(file, Advice);
        var content = await session.ContentAsync(folder, id, MaxMessageSize, cancellationToken);
        PrivateFile.WriteInto(file, content, Force, Advice);
        WriteObject(new FileInfo(file));
    }

    // The id of POP3 is whatever the server says; a name with a folder in it, is none for a file.
    private static string FileName(string folder, string id)
    {
        var safe = SafeName.Of(folder);
        return $"{(safe.Length > MaxFolderName ? safe.Substring(0, MaxFolderName) : safe)}-{SafeName.Of(id)}.eml";
    }
}
