using System.Management.Automation;
using MailOps.Mailboxes;

namespace MailOps.PowerShell.Commands;

/// <summary>Removes messages from a mailbox for good, by IMAP or POP3.</summary>
/// <remarks>
/// <para>The messages come from Get-MailboxMessage, with server, folder and id; the credential is given again. They are gathered and removed at the end, over one connection a mailbox. They do not go to a folder for
/// what was deleted: Move-MailboxMessage does that. By POP3 the server removes them when the client logs out; where it refuses that, or does not say so, that is an error (MailboxRefused, MailboxConnectFailed, MailboxTimeout).</para>
/// <para>Only the messages named are removed, whatever else is marked as deleted in the folder. One that is not there is the error MailboxMessageNotFound; the others go on. All other errors are those of Get-MailboxMessage.</para>
/// </remarks>
/// <example>
/// <para>Reports that are older than three months</para>
/// <code>$credential = Get-Credential
/// Get-MailboxMessage imap.example.com -Credential $credential -Folder Bounces -ResultSize Unlimited | Where-Object ReceivedTime -lt (Get-Date).AddMonths(-3) | Remove-MailboxMessage -Credential $credential</code>
/// <para>Asks for each; -Confirm:$false does not, -WhatIf only says what would go.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "MailboxMessage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveMailboxMessageCommand : MailboxActionCmdlet
{
    private protected override string Sentence => "Remove the message for good";

    private protected override Task ActAsync(MailboxSession session, string folder, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        InPartsAsync(session, folder, ids, part => session.RemoveAsync(folder, part, cancellationToken));
}
