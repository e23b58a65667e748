using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Resumes suspended messages: they are delivered again.</summary>
/// <remarks><para>A message whose next attempt has come meanwhile goes at once. One for a suspended queue waits on until that is resumed.</para></remarks>
/// <example>
/// <para>Resume one message</para>
/// <code>Resume-SmtpRelayMessage 06DQK8V5S0000</code>
/// <para>By its queue id.</para>
/// </example>
/// <example>
/// <para>Resume all that are suspended</para>
/// <code>Resume-SmtpRelayMessage -Filter "Status -eq 'Suspended'"</code>
/// <para>In all relays of this session; -Name takes one.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "SmtpRelayMessage", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
public sealed class ResumeSmtpRelayMessageCommand : RelayMessageActionCmdlet
{
#if NET
    private protected override SmtpRelayAction Action { get; } = new(SmtpRelayActionKind.Resume);

    private protected override string Sentence => "Resume the message: it is delivered again";
#endif
}
