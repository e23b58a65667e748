using System.Management.Automation;
using MailOps.PowerShell.Parameters;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Waits until a relay of this session has nothing left in its queue.</summary>
/// <remarks>
/// <para>For scripts that send and then need to know that everything has left. A message that was deferred counts as queued until it is delivered or bounced,
/// which can take days: give a -Timeout.</para>
/// </remarks>
/// <example>
/// <para>Send, then wait</para>
/// <code>Send-SmtpMessage -SmtpServer 127.0.0.1 -Port 2525 -From a@example.test -To b@example.test -Subject Report -Body Done
/// Wait-SmtpRelay -Timeout 30</code>
/// <para>Ends as soon as the queue is empty; after 30 seconds with the error RelayNotEmpty.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "SmtpRelay")]
public sealed class WaitSmtpRelayCommand : RelayCmdlet
{
    /// <summary>The names of the relays; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Identity")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>How long to wait, as a time span or in seconds. Default: for ever.</summary>
    [Parameter]
    [Seconds]
    [TimeoutRange(AllowZero = true)]
    public TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

#if NET
    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(Timeout);
        foreach (var relay in RunningRelays.Find(Name, (error, name) => WriteError(error, name)))
        {
            try
            {
                await relay.WaitUntilEmptyAsync(bounded.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                WriteError(StillQueued(relay), relay.Name);
            }
        }
    }

    private MailOpsException StillQueued(IRelay relay) => new(
        ErrorCode.RelayNotEmpty,
        FormattableString.Invariant($"The relay '{relay.Name}' still has {relay.GetStatus().MessageCount} messages queued after {Timeout.TotalSeconds:0.#} seconds."),
        "Get-SmtpRelayMessage shows why they wait (LastError) and when they are tried again (NextRetryTime).");
#endif
}
