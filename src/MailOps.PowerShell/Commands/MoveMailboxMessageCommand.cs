using System.Management.Automation;
using MailOps.Mailboxes;

namespace MailOps.PowerShell.Commands;

/// <summary>Moves messages of a mailbox into another of its folders, by IMAP.</summary>
/// <remarks>
/// <para>The messages come from Get-MailboxMessage, with server, folder and id; the credential is given again. They are gathered and moved at the end, over one connection a mailbox. Where the server has no MOVE
/// they are copied, and then removed from the first folder.</para>
/// <para>A folder that does not exist is the error MailboxFolderNotFound, which names those that do; a message that is not there is MailboxMessageNotFound, and the others go on; POP3 has no folders (MailboxUnsupported).
/// All other errors are those of Get-MailboxMessage.</para>
/// </remarks>
/// <example>
/// <para>Put away what was read by a script</para>
/// <code>$credential = Get-Credential
/// $reports = Get-MailboxMessage imap.example.com -Credential $credential -Folder Bounces -Whole
/// $reports | ConvertFrom-DeliveryStatus
/// $reports | Move-MailboxMessage -Destination Bounces/Done -Credential $credential</code>
/// <para>The separator between the names is the server's.</para>
/// </example>
[Cmdlet(VerbsCommon.Move, "MailboxMessage", SupportsShouldProcess = true)]
public sealed class MoveMailboxMessageCommand : MailboxActionCmdlet
{
    /// <summary>The folder to move them to, with the server's separator between the names of folders in folders.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    private protected override string Sentence => $"Move the message to {Destination}";

    private protected override Task ActAsync(MailboxSession session, string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        InPartsAsync(session, folder, ids, part => session.MoveAsync(folder, part, Destination, cancellationToken));
}
