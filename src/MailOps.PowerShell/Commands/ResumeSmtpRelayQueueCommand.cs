using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Resumes suspended queues of relays in this session: their mail is delivered again.</summary>
/// <remarks><para>Messages that are suspended themselves stay so: Resume-SmtpRelayMessage is for them. To resume * resumes every queue.</para></remarks>
/// <example>
/// <para>Let the mail for one domain go</para>
/// <code>Resume-SmtpRelayQueue example.com</code>
/// <para>What is due goes at once.</para>
/// </example>
/// <example>
/// <para>Resume all that is suspended</para>
/// <code>Resume-SmtpRelayQueue -Filter "Status -eq 'Suspended'"</code>
/// <para>Or Resume-SmtpRelayQueue *, which also ends the suspension of the whole queue.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "SmtpRelayQueue", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
public sealed class ResumeSmtpRelayQueueCommand : RelayQueueActionCmdlet
{
#if NET
    private protected override SmtpRelayAction Action { get; } = new(SmtpRelayActionKind.Resume);

    private protected override string Sentence => "Resume the queue: its mail is delivered again";
#endif
}
