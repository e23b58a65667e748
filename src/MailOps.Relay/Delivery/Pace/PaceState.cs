namespace MailOps.Relay.Delivery.Pace;

/// <summary>The pace of a queue as people look at it.</summary>
internal sealed record PaceState
{
    /// <summary>The provider's profile, or null.</summary>
    public string? Profile { get; init; }
    public int? MaxConnections { get; init; }
    public int? MessagesPerMinute { get; init; }
    public int? RecipientsPerDay { get; init; }
    /// <summary>Recipients of the last 24 hours, where they have a limit.</summary>
    public int? RecipientsSent { get; init; }
    public DateTimeOffset? ThrottledUntil { get; init; }
    public string? ThrottleReason { get; init; }
    public DateTimeOffset? DownUntil { get; init; }
    /// <summary>Before when nothing is sent.</summary>
    public DateTimeOffset? RestsUntil { get; init; }
    /// <summary>When the next of what waits for a rate or the day's number may go; null where nothing waits for one.</summary>
    public DateTimeOffset? WaitsUntil { get; init; }
    /// <summary>For which.</summary>
    public string? WaitReason { get; init; }
    /// <summary>That a server which is preferred is not reached, and why; null as a rule.</summary>
    public string? Missed { get; init; }
    /// <summary>Messages under way.</summary>
    public int Active { get; init; }
}

/// <summary>What is remembered of a site over a restart.</summary>
internal sealed record SavedSite
{
    /// <summary>The <see cref="SiteName.Key"/>.</summary>
    public required string Name { get; init; }
    /// <summary>When the next message, and the next connection, would be due by their rates, in UTC ticks.</summary>
    public long NextMessage { get; init; }
    public long NextConnection { get; init; }
    public IReadOnlyList<DayStep> Day { get; init; } = [];
    public IReadOnlyList<SavedChange> Changes { get; init; } = [];
    public int Failures { get; init; }
    public DateTimeOffset DownUntil { get; init; }

    /// <summary>Whether any of it still holds something back.</summary>
    public bool Says(DateTimeOffset now) =>
        NextMessage > now.UtcTicks || NextConnection > now.UtcTicks || DownUntil > now || Changes.Any(change => change.Until > now) || Day.Any(step => step.Counts(now));
}

/// <summary>A change of limits that has not ended.</summary>
internal sealed record SavedChange(PaceReplyOptions Rule, DateTimeOffset Until, string Reason);
