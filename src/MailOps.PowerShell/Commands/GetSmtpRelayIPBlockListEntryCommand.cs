using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Shows the addresses that relays of this session block because too many authentications from them failed, and until when.</summary>
/// <remarks>
/// <para>The properties have the names of Exchange's Get-IPBlockListEntry. An IPv6 client is shown with its /64. Get-SmtpRelayTrackingLog -EventId AUTHFAIL shows
/// the failures, with client, user name and reason.</para>
/// </remarks>
/// <example>
/// <para>All blocks</para>
/// <code>Get-SmtpRelayIPBlockListEntry</code>
/// <para>The one that ends first comes first.</para>
/// </example>
/// <example>
/// <para>Is this address blocked?</para>
/// <code>Get-SmtpRelayIPBlockListEntry 192.0.2.7</code>
/// <para>Nothing is written where it is not.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelayIPBlockListEntry")]
[OutputType(typeof(SmtpRelayIPBlockListEntry))]
public sealed class GetSmtpRelayIPBlockListEntryCommand : RelayQueryCmdlet
{
    /// <summary>The address or network, or relay\address; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("IPAddress", "IPRange")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Identity { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var wanted = IdentityFilter.Of(Identity);
        WriteResults(Relays().SelectMany(r => r.GetBlockedAddresses()).Where(b => wanted.Matches(b.Identity)), cancellationToken);
        return Task.CompletedTask;
    }
#endif
}
