namespace MailOps;

/// <summary>One queued message; property names as Exchange's Get-Message has them.</summary>
public sealed class SmtpRelayMessage
{
    /// <summary>Relay and queue id: <c>default\01J9ZQ…</c>.</summary>
    public required string Identity { get; init; }
    /// <summary>The queue id, as in the 250 reply and the Received header.</summary>
    public required string QueueId { get; init; }
    /// <summary>The envelope sender; <c>&lt;&gt;</c> for the null sender of reports (RFC 5321 section 4.5.5).</summary>
    public required string FromAddress { get; init; }
    /// <summary>
    /// Active (being delivered), Ready (due), Retry (waiting), Suspended, PendingSuspend (being delivered, suspended then) or PendingRemove (leaves the queue when its attempt is
    /// over).
    /// </summary>
    public required string Status { get; init; }
    /// <summary>The size of the content in bytes.</summary>
    public long Size { get; init; }
    /// <summary>When it was accepted.</summary>
    public DateTimeOffset DateReceived { get; init; }
    /// <summary>When the last of its recipients will be given up: routes may have lifetimes of their own.</summary>
    public DateTimeOffset ExpirationTime { get; init; }
    /// <summary>The address it came from.</summary>
    public string? SourceIP { get; init; }
    /// <summary>What the last failed attempt said, or for which limit of its next hop it waits, and until when at least.</summary>
    public string? LastError { get; init; }
    /// <summary>Attempts made, the most of any recipient.</summary>
    public int RetryCount { get; init; }
    /// <summary>When the next attempt is due, at the soonest where its next hop is left alone or has limits; null where it waits for an administrator, and where none is made before it expires.</summary>
    public DateTimeOffset? NextRetryTime { get; init; }
    /// <summary>The identities of the queues it waits in, one for each next hop.</summary>
    public IReadOnlyList<string> Queue { get; init; } = [];
    /// <summary>The recipients still waiting.</summary>
    public required IReadOnlyList<SmtpRelayRecipient> Recipients { get; init; }
}

/// <summary>One recipient of a queued message.</summary>
public sealed class SmtpRelayRecipient
{
    /// <summary>The recipient's address.</summary>
    public required string Address { get; init; }
    /// <summary>Pending, Delivered, Deferred or Failed.</summary>
    public required string Status { get; init; }
    /// <summary>The next hop: domain or server.</summary>
    public string? NextHopDomain { get; init; }
    /// <summary>What the last attempt said, or for which limit it waits.</summary>
    public string? LastError { get; init; }
    /// <summary>When the next attempt is due, as of the message.</summary>
    public DateTimeOffset? NextRetryTime { get; init; }

    /// <summary>Address and status.</summary>
    public override string ToString() => $"{Address} ({Status})";
}
