using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Ends the block of an address whose authentications failed too often, and forgets the failures.</summary>
/// <remarks><para>An address that should never be blocked, as that of a gateway, belongs into neverBlock of the relay's configuration.</para></remarks>
/// <example>
/// <para>Let an address in again</para>
/// <code>Remove-SmtpRelayIPBlockListEntry 192.0.2.7</code>
/// <para>In all relays of this session that block it.</para>
/// </example>
/// <example>
/// <para>End all blocks of one relay</para>
/// <code>Get-SmtpRelayIPBlockListEntry -Name lab | Remove-SmtpRelayIPBlockListEntry</code>
/// <para>-WhatIf shows which they are.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "SmtpRelayIPBlockListEntry", SupportsShouldProcess = true)]
public sealed class RemoveSmtpRelayIPBlockListEntryCommand : RelayCmdlet
{
    /// <summary>The address or network, or relay\address; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("IPAddress", "IPRange")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Identity { get; set; } = [];

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
        var relays = RunningRelays.Find(Name, (error, name) => WriteError(error, name));
        if (Name is not null && relays.Count == 0) return Task.CompletedTask;   // which has been told
        foreach (var relay in relays)
        {
            foreach (var block in relay.GetBlockedAddresses().Where(b => wanted.Matches(b.Identity)))
                if (ShouldProcess(block.Identity, "End the block")) relay.RemoveBlockedAddress(block.IPRange);
        }
        foreach (var identity in wanted.Unmatched)
            WriteError(new MailOpsException(ErrorCode.RelayBlockNotFound, $"No relay of this session blocks {identity}.", "Get-SmtpRelayIPBlockListEntry shows the blocks there are; they end by themselves."), identity);
        return Task.CompletedTask;
    }
#endif
}
