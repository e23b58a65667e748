using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Tries the mail in queues again at once, without waiting for its next attempt; also known as Retry-SmtpRelayQueue.</summary>
/// <remarks>
/// <para>Whatever waits for the next hop is due now, and that it could not be reached a moment ago is forgotten. So is what its replies have changed, for all queues of the same
/// provider, and a warning says what that was; what was sent there today stays counted. Suspended queues and messages stay suspended.</para>
/// <para>An attempt made this way counts in RetryCount, and does not lengthen the wait for the next one.</para>
/// <para>A relay looks up where mail goes at each attempt, so a changed route or mail exchanger needs no -Resubmit. What it adds: messages that Move-SmtpRelayMessage sent elsewhere go
/// where they would go without.</para>
/// </remarks>
/// <example>
/// <para>Try one next hop again</para>
/// <code>Restart-SmtpRelayQueue smtp.example.com:587</code>
/// <para>As after a server came back.</para>
/// </example>
/// <example>
/// <para>Try everything that waits, as in Exchange</para>
/// <code>Retry-SmtpRelayQueue -Filter "Status -eq 'Retry'"</code>
/// <para>Restart-SmtpRelayQueue * does the same.</para>
/// </example>
/// <example>
/// <para>Take redirects back</para>
/// <code>Restart-SmtpRelayQueue standby.example.com:25 -Resubmit $true</code>
/// <para>Messages that were moved there go to their own next hops again.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Restart, "SmtpRelayQueue", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
[Alias("Retry-SmtpRelayQueue")]
public sealed class RestartSmtpRelayQueueCommand : RelayQueueActionCmdlet
{
    /// <summary>Also let redirected messages go where they would go without. Default: false.</summary>
    [Parameter]
    public bool Resubmit { get; set; }

#if NET
    private protected override SmtpRelayAction Action => new(Resubmit ? SmtpRelayActionKind.Resubmit : SmtpRelayActionKind.Retry);

    private protected override string Sentence => Resubmit ? "Take redirects back, and try the mail again now" : "Try the mail again now";
#endif
}
