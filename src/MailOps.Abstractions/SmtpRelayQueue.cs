namespace MailOps;

/// <summary>What waits for one next hop; property names as Exchange's Get-Queue has them.</summary>
public sealed class SmtpRelayQueue
{
    /// <summary>Relay and next hop: <c>default\example.test</c>.</summary>
    public required string Identity { get; init; }
    /// <summary>Mx, SmartHost, Lmtp or Maildir; Undefined for a suspended queue that is empty.</summary>
    public required string DeliveryType { get; init; }
    /// <summary>The domain or server the mail is for; where routes reach one in several ways, behind a # the name of the route, or its number among them, for all ways but the first.</summary>
    public required string NextHopDomain { get; init; }
    /// <summary>Active (being delivered), Ready (due), Retry (waiting for the next attempt) or Suspended: it is, or all its messages are, by themselves or held by a route.</summary>
    public required string Status { get; init; }
    /// <summary>Messages with a recipient waiting here.</summary>
    public int MessageCount { get; init; }
    /// <summary>Of those, messages that were tried and deferred.</summary>
    public int DeferredMessageCount { get; init; }
    /// <summary>Of those, messages that are suspended themselves.</summary>
    public int SuspendedMessageCount { get; init; }
    /// <summary>What the last failed attempt said; where none has failed, <see cref="PreferredServerError"/>.</summary>
    public string? LastError { get; init; }
    /// <summary>When the last failed attempt was.</summary>
    public DateTimeOffset? LastRetryTime { get; init; }
    /// <summary>When the next attempt is due, of the messages that are not suspended themselves; null where there is none.</summary>
    public DateTimeOffset? NextRetryTime { get; init; }
    /// <summary>The profile of the provider that the mail goes to; null where none knows it, or nothing has gone there lately. As all of the following it is known from the first attempt on.</summary>
    public string? Profile { get; init; }
    /// <summary>Connections that there may be now, to this next hop and those that share its limits.</summary>
    public int? MaxConnections { get; init; }
    /// <summary>Messages that may go there a minute now; null for any number.</summary>
    public int? MessagesPerMinute { get; init; }
    /// <summary>Recipients that may be sent to in 24 hours; null for any number.</summary>
    public int? RecipientsPerDay { get; init; }
    /// <summary>Recipients that were sent to in the last 24 hours, where their number is limited.</summary>
    public int? RecipientsSent { get; init; }
    /// <summary>Until when less is sent there, or nothing, than usual: because of a reply, or because the day's recipients are used up. Where messages wait for a rate, about when the last of them goes.</summary>
    public DateTimeOffset? ThrottledUntil { get; init; }
    /// <summary>Why: the reply, or the limit that messages wait for.</summary>
    public string? ThrottleReason { get; init; }
    /// <summary>Of a route with several servers: that one which is preferred was not reached when the last connection was made, and what it said; mail goes to a later one. Null where the first took it.</summary>
    public string? PreferredServerError { get; init; }
    /// <summary>Until when it is left alone, because it could not be reached.</summary>
    public DateTimeOffset? DownUntil { get; init; }
}
