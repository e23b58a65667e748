using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Suspends messages in the queue: they wait until they are resumed.</summary>
/// <remarks>
/// <para>A delivery that is under way ends first; where it fails, the message waits then (PendingSuspend until that is so). A suspended message does not expire, and gets an attempt
/// when it is resumed. It is on disk when the cmdlet returns, and holds after a restart.</para>
/// </remarks>
/// <example>
/// <para>Suspend one message</para>
/// <code>Suspend-SmtpRelayMessage 06DQK8V5S0000</code>
/// <para>By its queue id.</para>
/// </example>
/// <example>
/// <para>Stop a newsletter that went wrong</para>
/// <code>Suspend-SmtpRelayMessage -Filter "FromAddress -eq 'news@example.com' -and Size -gt 5MB"</code>
/// <para>A hundred thousand messages are changed together, not one by one.</para>
/// </example>
/// <example>
/// <para>Through the pipeline</para>
/// <code>Get-SmtpRelayMessage -Queue example.com | Suspend-SmtpRelayMessage</code>
/// <para>What waits for one next hop.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Suspend, "SmtpRelayMessage", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
public sealed class SuspendSmtpRelayMessageCommand : RelayMessageActionCmdlet
{
#if NET
    private protected override SmtpRelayAction Action { get; } = new(SmtpRelayActionKind.Suspend);

    private protected override string Sentence => "Suspend the message: it waits until it is resumed";
#endif
}
