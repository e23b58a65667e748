using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Redirects queued messages to another server or route; Exchange's Redirect-Message.</summary>
/// <remarks>
/// <para>All recipients that wait go there, at once. A server that a configured route names is reached as that route says, with its TLS and its credential; any other without
/// credential, with STARTTLS where it is offered. It is on disk when the cmdlet returns; NextHopDomain of the message's recipients shows it. Restart-SmtpRelayQueue -Resubmit takes it
/// back.</para>
/// <para>A target that is no configured route is taken for a server. Where the DNS has no address for it, a warning says so: the messages wait there until there is one.</para>
/// <para>A redirect to a route that is later taken out of the configuration counts no more.</para>
/// </remarks>
/// <example>
/// <para>Send a message by another server</para>
/// <code>Move-SmtpRelayMessage 06DQK8V5S0000 -Target standby.example.com</code>
/// <para>Port 25, unless the target says another.</para>
/// </example>
/// <example>
/// <para>Send all that waits for a dead server by a route of the configuration</para>
/// <code>Get-SmtpRelayMessage -Queue smtp.example.com:587 | Move-SmtpRelayMessage -Target backup</code>
/// <para>The route has "name": "backup".</para>
/// </example>
[Cmdlet(VerbsCommon.Move, "SmtpRelayMessage", DefaultParameterSetName = IdentitySet, SupportsShouldProcess = true)]
public sealed class MoveSmtpRelayMessageCommand : RelayMessageActionCmdlet
{
    /// <summary>Where the messages go: host, host:port, or the name of a configured route.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Target { get; set; } = "";

#if NET
    private protected override SmtpRelayAction Action => new(SmtpRelayActionKind.Redirect) { Target = Target };

    private protected override string Sentence => $"Redirect the message to {Target}";
#endif
}
