using System.Management.Automation;
#if NET
using MailOps.PowerShell.Relays;
#endif

namespace MailOps.PowerShell.Commands;

/// <summary>Shows what is queued in the relays of this session, one row per next hop.</summary>
/// <remarks>
/// <para>The properties have the names of Exchange's Get-Queue: Status, MessageCount, LastError, NextRetryTime and so on. A suspended queue is shown also while it is empty.</para>
/// <para>A row is named by its next hop: the domain where mail goes by mail exchangers, the server with its port where it goes to a smart host or by LMTP, whatever the recipients' domains
/// are. Where routes reach one server in several ways, all but the first have the name of the route behind a #, or its number among the routes. An identity without wildcards that is not there is the error RelayQueueNotFound.</para>
/// <para>Profile, MaxConnections, MessagesPerMinute, RecipientsPerDay and RecipientsSent say how fast mail may go there now; ThrottledUntil and ThrottleReason, which reply has slowed it down and until when; DownUntil,
/// until when a next hop that could not be reached is left alone. Where messages wait for a rate, ThrottleReason names it, and ThrottledUntil is about when the last of them goes. PreferredServerError says why the first of
/// several servers of a route does not take the mail, while a later one does. They are known from the first attempt on, and are those of the provider: queues of one provider share them.</para>
/// </remarks>
/// <example>
/// <para>All queues</para>
/// <code>Get-SmtpRelayQueue</code>
/// <para>The queue with the most messages comes first.</para>
/// </example>
/// <example>
/// <para>The queue of one domain, and its messages</para>
/// <code>Get-SmtpRelayQueue example.com | Get-SmtpRelayMessage</code>
/// <para>An identity may be written with or without the relay's name before it.</para>
/// </example>
/// <example>
/// <para>Queues that wait for another attempt, and why</para>
/// <code>Get-SmtpRelayQueue | Where-Object Status -eq Retry | ForEach-Object { '{0}: {1}' -f $_.NextHopDomain, $_.LastError }</code>
/// <para>LastError is what the last failed attempt said.</para>
/// </example>
/// <example>
/// <para>Where mail piles up</para>
/// <code>Get-SmtpRelayQueue -Filter "MessageCount -gt 100 -and Status -ne 'Suspended'" -SortOrder "-MessageCount,+NextHopDomain"</code>
/// <para>Filters and orders are written as in Exchange's shell.</para>
/// </example>
/// <example>
/// <para>What is slowed down, and by which reply</para>
/// <code>Get-SmtpRelayQueue | Where-Object ThrottledUntil | Format-List NextHopDomain, Profile, MessagesPerMinute, ThrottledUntil, ThrottleReason</code>
/// <para>It ends by itself at that time; Restart-SmtpRelayQueue ends it at once.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelayQueue")]
[OutputType(typeof(SmtpRelayQueue))]
public sealed class GetSmtpRelayQueueCommand : FilteredQueryCmdlet
{
    /// <summary>The next hop, or relay\nexthop; wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Identity { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var wanted = IdentityFilter.Of(Identity);
        var found = Relays().SelectMany(r => r.GetQueues()).Where(q => wanted.Matches(q.Identity)).ToList();   // all, also beyond the size asked for: what is missing is known only then
        WriteResults(Filtered(found), cancellationToken);
        foreach (var missing in wanted.Unmatched) WriteError(QueueErrors.NotFound(missing), missing);
        return Task.CompletedTask;
    }
#endif
}
