using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Suspends queues of relays in this session: their mail waits until they are resumed.</summary>
/// <remarks>
/// <para>A next hop is suspended whether or not mail waits for it now; mail for it is still accepted. Deliveries under way finish. It is on disk when the cmdlet returns, and holds
/// after a restart. Get-SmtpRelayQueue shows such queues as Suspended, Get-SmtpRelay lists them.</para>
/// <para>With a smart host the next hop of all mail is the smart host, with its port, not the recipients' domains. A name to which no mail comes is suspended too, and a warning says what
/// it was taken for.</para>
/// </remarks>
/// <example>
/// <para>Hold the mail for one domain</para>
/// <code>Suspend-SmtpRelayQueue example.com</code>
/// <para>Other mail goes on.</para>
/// </example>
/// <example>
/// <para>Deliver nothing during a migration</para>
/// <code>Suspend-SmtpRelayQueue *
/// Resume-SmtpRelayQueue *</code>
/// <para>The whole queue: mail is accepted and waits.</para>
/// </example>
/// <example>
/// <para>Suspend what piles up</para>
/// <code>Get-SmtpRelayQueue -Filter "MessageCount -gt 1000" | Suspend-SmtpRelayQueue</code>
/// <para>The same: Suspend-SmtpRelayQueue -Filter "MessageCount -gt 1000".</para>
/// </example>
[Cmdlet(VerbsLifecycle.Suspend, "SmtpRelayQueue", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
public sealed class SuspendSmtpRelayQueueCommand : RelayQueueActionCmdlet
{
#if NET
    private protected override SmtpRelayAction Action { get; } = new(SmtpRelayActionKind.Suspend);

    private protected override string Sentence => "Suspend the queue: its mail waits until it is resumed";

    private protected override bool TakesNewQueues => true;
#endif
}
