using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Shows the messages queued in the relays of this session, why they wait and when they are tried again.</summary>
/// <remarks>
/// <para>The properties have the names of Exchange's Get-Message. The queue id is the one in the 250 reply and in the Received header. A message that has been
/// delivered or bounced is no longer queued: Get-SmtpRelayTrackingLog tells what became of it.</para>
/// <para>NextRetryTime is when the next attempt is due, at the soonest where the next hop is left alone or has limits, which LastError names then. It is empty where the message waits for an administrator, and where
/// none is made before it expires. A -Queue in which nothing waits gives nothing; where no mail can come to it by the configuration, a warning says why.</para>
/// </remarks>
/// <example>
/// <para>Everything queued</para>
/// <code>Get-SmtpRelayMessage</code>
/// <para>Oldest first; 1000 at most unless -ResultSize says otherwise.</para>
/// </example>
/// <example>
/// <para>Why mail to one domain waits</para>
/// <code>Get-SmtpRelayMessage -Queue example.com | ForEach-Object { $_.Recipients }</code>
/// <para>Each recipient has its own status, last error and next attempt.</para>
/// </example>
/// <example>
/// <para>One message by its queue id</para>
/// <code>Get-SmtpRelayMessage 06DQK8V5S0000</code>
/// <para>With or without the relay's name before it.</para>
/// </example>
/// <example>
/// <para>The largest messages of one sender</para>
/// <code>Get-SmtpRelayMessage -Filter "FromAddress -like '*@example.com' -and Size -gt 5MB" -SortOrder -Size</code>
/// <para>Filters and orders are written as in Exchange's shell.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelayMessage", DefaultParameterSetName = IdentitySet)]
[OutputType(typeof(SmtpRelayMessage))]
public sealed class GetSmtpRelayMessageCommand : FilteredQueryCmdlet
{
    private const string IdentitySet = "Identity";
    private const string QueueSet = "Queue";
    private const string InputSet = "InputObject";

    /// <summary>The queue id, or relay\queueid; wildcards are allowed. Default: all.</summary>
    [Parameter(ParameterSetName = IdentitySet, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Identity { get; set; }

    /// <summary>The next hop whose messages to show, or relay\nexthop; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = QueueSet, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Queue { get; set; }

    /// <summary>A queue that Get-SmtpRelayQueue wrote.</summary>
    [Parameter(ParameterSetName = InputSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SmtpRelayQueue? InputObject { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var queues = InputObject is { } queue ? [WildcardPattern.Escape(queue.Identity)] : Queue;
        var wanted = IdentityFilter.Of(queues ?? Identity);
        var found = queues is null
            ? Candidates().Where(m => wanted.Matches(m.Identity))
            : Relays().SelectMany(r => r.GetMessages()).Where(m => m.Recipients.Any(r => wanted.Matches(m.Identity.Split('\\')[0] + "\\" + r.NextHopDomain)));
        WriteResults(Filtered(found), cancellationToken);
        if (queues is null) foreach (var missing in wanted.Unmatched) WriteError(MessageErrors.NotFound(missing), missing);
        else if (InputObject is null) Doubt(wanted.Unmatched);
        return Task.CompletedTask;
    }

    // A queue without messages is no error, but a name to which no mail comes may be a slip.
    private void Doubt(IEnumerable<string> unmatched)
    {
        foreach (var queue in unmatched)
        {
            var name = queue[(queue.IndexOf('\\') + 1)..];
            var reasons = Relays().Select(relay => relay.WhyNothingComes(name)).ToList();
            if (reasons.Count > 0 && reasons.TrueForAll(reason => reason is not null)) WriteWarning(reasons[0]!);
        }
    }

    // Whole queue ids are looked up, each at its own cost; only a pattern needs to see all.
    private IEnumerable<SmtpRelayMessage> Candidates()
    {
        if (Identity is null || Identity.Any(WildcardPattern.ContainsWildcardCharacters)) return Relays().SelectMany(r => r.GetMessages());
        string[] ids = [.. Identity.Select(identity => identity[(identity.IndexOf('\\') + 1)..])];
        return Relays().SelectMany(r => r.GetMessages(ids));
    }
#endif
}
