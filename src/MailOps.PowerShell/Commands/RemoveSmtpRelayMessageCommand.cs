using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Removes messages from the queue undelivered, and tells their senders unless they are not to be told.</summary>
/// <remarks>
/// <para>The sender gets a report of the failure (RFC 3464), once, unless he asked for none or the message is itself a report. A delivery that is under way ends first; where it
/// succeeds the message is delivered, otherwise it is removed then (PendingRemove until that is so), also after a restart.</para>
/// <para>The tracking log has FAIL with Source ADMIN for what was removed, and REMOVE before it where a delivery was under way.</para>
/// <para>It asks before it removes; in unattended scripts say -Confirm:$false.</para>
/// </remarks>
/// <example>
/// <para>Remove one message, and tell its sender</para>
/// <code>Remove-SmtpRelayMessage 06DQK8V5S0000</code>
/// <para>Asks first.</para>
/// </example>
/// <example>
/// <para>Remove spam without a word</para>
/// <code>Remove-SmtpRelayMessage -Filter "FromAddress -like '*@spam.example' -or SourceIP -eq '192.0.2.66'" -WithNDR $false -Confirm:$false</code>
/// <para>A report would go to somebody who never wrote it.</para>
/// </example>
/// <example>
/// <para>See what would be removed</para>
/// <code>Get-SmtpRelayMessage -Queue dead.example | Remove-SmtpRelayMessage -WhatIf</code>
/// <para>A line for each message.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "SmtpRelayMessage", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveSmtpRelayMessageCommand : RelayMessageActionCmdlet
{
    /// <summary>Send the sender a report that the message was not delivered. Default: true.</summary>
    [Parameter]
    public bool WithNDR { get; set; } = true;

#if NET
    private protected override SmtpRelayAction Action => new(SmtpRelayActionKind.Remove) { WithReport = WithNDR };

    private protected override string Sentence => WithNDR ? "Remove the message undelivered, and tell its sender" : "Remove the message undelivered, without telling its sender";
#endif
}
