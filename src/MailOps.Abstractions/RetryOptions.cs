namespace MailOps;

/// <summary>When to try again and when to give up (RFC 5321 section 4.5.4.1).</summary>
public sealed record RetryOptions
{
    /// <summary>The wait after the first failed attempt; it doubles each time. Default: 5 minutes (Postfix); 1 second at least, and <see cref="MaxDelay"/> at most.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>The longest wait. Default: 67 minutes (4000 s, Postfix).</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(67);
    /// <summary>How long a message is tried before it bounces. Default: 5 days (RFC 5321 section 4.5.4.1 asks for at least 4 to 5); a minute at least.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(5);
    /// <summary>When the sender is told that a message is delayed, where it did not say otherwise (RFC 3461 section 4.1). Default: 4 hours; zero for never, else a minute at least.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);
}

/// <summary>When to try mail of one route again: only what is given takes the place of the relay's own (<see cref="RetryOptions"/>, where each is explained).</summary>
public sealed record RouteRetryOptions
{
    /// <summary>The wait after the first failed attempt; it doubles each time.</summary>
    public TimeSpan? FirstDelay { get; init; }
    /// <summary>The longest wait.</summary>
    public TimeSpan? MaxDelay { get; init; }
    /// <summary>How long a message is tried before it bounces.</summary>
    public TimeSpan? Lifetime { get; init; }
    /// <summary>When the sender is told of a delay; zero for never.</summary>
    public TimeSpan? DelayNotice { get; init; }

    /// <summary>The relay's times with these in their place.</summary>
    public RetryOptions Over(RetryOptions relay) => relay with
    {
        FirstDelay = FirstDelay ?? relay.FirstDelay,
        MaxDelay = MaxDelay ?? relay.MaxDelay,
        Lifetime = Lifetime ?? relay.Lifetime,
        DelayNotice = DelayNotice ?? relay.DelayNotice,
    };
}
