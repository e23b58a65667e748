using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Ends the writing down of SMTP sessions in relays of this session; the files stay.</summary>
/// <remarks><para>What the configuration switched on is ended too, until the relay is started again.</para></remarks>
/// <example>
/// <para>All of it</para>
/// <code>Disable-SmtpRelayProtocolLog</code>
/// <para>In all relays of this session.</para>
/// </example>
/// <example>
/// <para>That of one client</para>
/// <code>Get-SmtpRelayProtocolLog | Where-Object RemoteIPAddress -eq 192.0.2.7 | Disable-SmtpRelayProtocolLog</code>
/// <para>-WhatIf shows which they are.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Disable, "SmtpRelayProtocolLog", SupportsShouldProcess = true)]
public sealed class DisableSmtpRelayProtocolLogCommand : RelayCmdlet
{
    /// <summary>The listener, clients or both, as the Identity of Get-SmtpRelayProtocolLog has them, with or without relay\ before; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Identity { get; set; }

    /// <summary>The names of the relays; wildcards are allowed. Default: all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var wanted = IdentityFilter.Of(Identity);
        foreach (var relay in RunningRelays.Find(Name, (error, name) => WriteError(error, name)))
        {
            foreach (var log in relay.GetProtocolLogs().Where(log => wanted.Matches(log.Identity)))
                if (ShouldProcess(log.Identity, "No longer write down what is said in sessions")) relay.DisableProtocolLog(log.Identity);
        }
        foreach (var identity in wanted.Unmatched)
            WriteError(new MailOpsException(ErrorCode.RelayProtocolLogNotFound, $"No relay of this session writes down sessions of {identity}.", "Get-SmtpRelayProtocolLog shows what is on; what was asked for a time ends by itself."), identity);
        return Task.CompletedTask;
    }
#endif
}
