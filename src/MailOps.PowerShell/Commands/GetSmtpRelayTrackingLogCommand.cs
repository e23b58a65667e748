using System.Management.Automation;

namespace MailOps.PowerShell.Commands;

/// <summary>Tells what happened to messages in the relays of this session: received, delivered, deferred, failed, reported.</summary>
/// <remarks>
/// <para>The properties have the names of Exchange's Get-MessageTrackingLog. The log lies on disk beside the queue, a file a day (UTC), and is kept for 30 days.</para>
/// </remarks>
/// <example>
/// <para>What the relay did in the last hour</para>
/// <code>Get-SmtpRelayTrackingLog</code>
/// <para>Oldest first.</para>
/// </example>
/// <example>
/// <para>The life of one message</para>
/// <code>Get-SmtpRelayTrackingLog -InternalMessageId 06DQK8V5S0000 -Start (([datetime]::Now).AddDays(-7))</code>
/// <para>By the queue id that the 250 reply told.</para>
/// </example>
/// <example>
/// <para>What became of a message that somebody asks for by its subject</para>
/// <code>Get-SmtpRelayTrackingLog -MessageSubject '*invoice*' -Start ([datetime]::Today)</code>
/// <para>Every step of each message of such a subject, not only RECEIVE, which is the one that names it.</para>
/// </example>
/// <example>
/// <para>Logins that failed in the last hour</para>
/// <code>Get-SmtpRelayTrackingLog -EventId AUTHFAIL | ForEach-Object { '{0} {1}' -f $_.ClientIp, $_.SourceContext }</code>
/// <para>With the client, the user name and the reason.</para>
/// </example>
/// <example>
/// <para>What failed today for one recipient</para>
/// <code>Get-SmtpRelayTrackingLog -EventId FAIL -Recipients user@example.com -Start ([datetime]::Today)</code>
/// <para>RecipientStatus has the reply that said so.</para>
/// </example>
/// <example>
/// <para>What administrators did, and who</para>
/// <code>Get-SmtpRelayTrackingLog | Where-Object Source -eq ADMIN | ForEach-Object { '{0} {1} {2}' -f $_.EventId, $_.InternalMessageId, $_.SourceContext }</code>
/// <para>Suspended, resumed, redirected, retried and removed queues and messages.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SmtpRelayTrackingLog")]
[OutputType(typeof(SmtpRelayTrackingEvent))]
public sealed class GetSmtpRelayTrackingLogCommand : RelayQueryCmdlet
{
    /// <summary>From when. Default: an hour ago; with -InternalMessageId and -MessageId, from as far back as the log goes.</summary>
    [Parameter]
    public DateTime? Start { get; set; }

    /// <summary>Until when. Default: now.</summary>
    [Parameter]
    public DateTime? End { get; set; }

    /// <summary>The queue id of a message.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("QueueId")]
    [ValidateNotNullOrEmpty]
    public string? InternalMessageId { get; set; }

    /// <summary>The Message-ID in the header, with or without its angle brackets: all steps of the messages that were received with it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MessageId { get; set; }

    /// <summary>The subject; wildcards are allowed: all steps of the messages that were received with such a one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? MessageSubject { get; set; }

    /// <summary>The envelope sender; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Sender { get; set; }

    /// <summary>Any of these recipients; wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Recipients { get; set; }

    /// <summary>
    /// Events of this kind: RECEIVE, SEND, DELIVER, DEFER, FAIL, DSN or DROP; AUTHFAIL for a login that failed, THROTTLE for a client that is blocked; SUSPEND, RESUME, REDIRECT, RETRY
    /// and RESUBMIT for what an administrator did. A message that one removed has FAIL, with Source ADMIN; REMOVE comes before it where the removal had to wait for a delivery under way.
    /// LOST where lines of the log are missing.
    /// </summary>
    [Parameter]
    [ValidateSet("RECEIVE", "SEND", "DELIVER", "DEFER", "FAIL", "DSN", "DROP", "AUTHFAIL", "THROTTLE", "SUSPEND", "RESUME", "REDIRECT", "RETRY", "RESUBMIT", "REMOVE", "LOST")]
    public string? EventId { get; set; }

#if NET
    /// <inheritdoc/>
    protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.Now;
        var from = Start is { } start ? new DateTimeOffset(start) : InternalMessageId is null && MessageId is null ? now.AddHours(-1) : DateTimeOffset.MinValue;
        var until = End is { } end ? new DateTimeOffset(end) : now.AddMinutes(1);   // what happens while this reads belongs to it
        var steps = Relays().SelectMany(r => OfMessages(r.GetTrackingLog(from, until)));
        WriteResults(steps.Where(IsWanted), cancellationToken);
        return Task.CompletedTask;
    }

    // RECEIVE, which names the message, comes first; the other steps have its queue id only.
    private IEnumerable<SmtpRelayTrackingEvent> OfMessages(IEnumerable<SmtpRelayTrackingEvent> steps)
    {
        if (MessageId is null && MessageSubject is null) return steps;
        var found = new HashSet<string>(StringComparer.Ordinal);
        return steps.Where(step => step.InternalMessageId is { } id && (found.Contains(id) || (IsNamed(step) && found.Add(id))));
    }

    private bool IsNamed(SmtpRelayTrackingEvent step) =>
        (MessageId is null || string.Equals(step.MessageId?.Trim('<', '>'), MessageId.Trim('<', '>'), StringComparison.Ordinal))
        && (MessageSubject is null || Like(MessageSubject, step.MessageSubject ?? ""));

    private bool IsWanted(SmtpRelayTrackingEvent step) =>
        (InternalMessageId is null || string.Equals(step.InternalMessageId, InternalMessageId, StringComparison.OrdinalIgnoreCase))
        && (EventId is null || string.Equals(step.EventId, EventId, StringComparison.OrdinalIgnoreCase))
        && (Sender is null || Like(Sender, step.Sender ?? ""))
        && (Recipients is null || Recipients.Any(wanted => step.Recipients.Any(recipient => Like(wanted, recipient))));

    private static bool Like(string pattern, string value) => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(value);
#endif
}
