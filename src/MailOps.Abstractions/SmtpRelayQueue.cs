namespace MailOps;

/// <summary>What waits for one next hop; property names as Exchange's Get-Queue has them.</summary>
public sealed class SmtpRelayQueue
{
    /// <summary>Relay and next hop: <c>default\example.test</c>.</summary>
    public required string Identity { get; init; }
    /// <summary>Mx, SmartHost, Lmtp or Maildir; Undefined for a suspended queue that is empty.</summary>
    public required string DeliveryType { get; init; }
    /// <summary>The domain or server the mail is for.</summary>
    public required string NextHopDomain { get; init; }
    /// <summary>Active (being delivered), Ready (due), Retry (waiting for the next attempt) or Suspended.</summary>
    public required string Status { get; init; }
    /// <summary>Messages with a recipient waiting here.</summary>
    public int MessageCount { get; init; }
    /// <summary>Of those, messages that were tried and deferred.</summary>
    public int DeferredMessageCount { get; init; }
    /// <summary>Of those, messages that are suspended themselves.</summary>
    public int SuspendedMessageCount { get; init; }
    /// <summary>What the last failed attempt said.</summary>
    public string? LastError { get; init; }
    /// <summary>When the last failed attempt was.</summary>
    public DateTimeOffset? LastRetryTime { get; init; }
    /// <summary>When the next attempt is due.</summary>
    public DateTimeOffset? NextRetryTime { get; init; }
}
