using System.Management.Automation;
using MailOps.PowerShell.Parameters;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Stops a relay of this session; what is not delivered stays queued on disk.</summary>
/// <remarks>
/// <para>The relay stops listening, lets transfers and deliveries that are in flight finish for up to -Timeout, and closes its queue. The next relay
/// on the same queue folder goes on with what is left.</para>
/// <para>Without -Name it stops the only relay; where several run, one has to be named, or all with *.</para>
/// </remarks>
/// <example>
/// <para>Stop the relay</para>
/// <code>Stop-SmtpRelay</code>
/// <para>Deliveries in flight may finish within 30 seconds.</para>
/// </example>
/// <example>
/// <para>Deliver everything, then stop</para>
/// <code>Wait-SmtpRelay -Timeout 60
/// Stop-SmtpRelay</code>
/// <para>Waits up to a minute until the queue is empty.</para>
/// </example>
/// <example>
/// <para>Stop what a script started</para>
/// <code>$relay | Stop-SmtpRelay -Timeout 5</code>
/// <para>The object that Start-SmtpRelay wrote names the relay.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "SmtpRelay", SupportsShouldProcess = true)]
public sealed class StopSmtpRelayCommand : RelayCmdlet
{
    /// <summary>The names of the relays; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>How long transfers and deliveries in flight may take to finish, as a time span or in seconds. Default: 30 seconds.</summary>
    [Parameter]
    [Seconds]
    [TimeoutRange(AllowZero = true)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

#if NET
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var relays = RunningRelays.Find(Name, (error, name) => WriteError(error, name));
        if (Name is null && relays.Count > 1)
            throw new MailOpsException(ErrorCode.RelayNameNeeded, $"{relays.Count} relays run: {string.Join(", ", relays.Select(r => r.Name))}.", "Name the one to stop, or all with Stop-SmtpRelay *.");
        foreach (var relay in relays)
        {
            if (!ShouldProcess(relay.Name, "Stop the relay")) continue;
            WriteVerbose($"Stopping {relay.Name}.");
            try
            {
                await relay.StopAsync(Timeout, cancellationToken);
            }
            finally
            {
                RunningRelays.Remove(relay);
            }
        }
    }
#endif
}
