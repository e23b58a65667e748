using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Shows the relays of this session: where they listen, and what they have received, delivered and queued.</summary>
/// <remarks><para>The object is the state at that moment; ask again for a newer one.</para></remarks>
/// <example>
/// <para>All relays of this session</para>
/// <code>Get-SmtpRelay</code>
/// <para>A row for each.</para>
/// </example>
/// <example>
/// <para>The port of one</para>
/// <code>(Get-SmtpRelay -Name lab).Port</code>
/// <para>The port it really has, also where it was told to take a free one.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelay")]
[OutputType(typeof(SmtpRelayStatus))]
public sealed class GetSmtpRelayCommand : RelayCmdlet
{
    /// <summary>The names of the relays; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var relay in RunningRelays.Find(Name, (error, name) => WriteError(error, name))) WriteObject(relay.GetStatus());
        return Task.CompletedTask;
    }
#endif
}
