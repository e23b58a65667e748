namespace MailOps;

/// <summary>When to try again and when to give up (RFC 5321 section 4.5.4.1).</summary>
public sealed record RetryOptions
{
    /// <summary>The wait after the first failed attempt; it doubles each time. Default: 5 minutes (Postfix).</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>The longest wait. Default: 67 minutes (4000 s, Postfix).</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(67);
    /// <summary>How long a message is tried before it bounces. Default: 5 days (RFC 5321 section 4.5.4.1 asks for at least 4 to 5).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(5);
    /// <summary>When the sender is told that a message is delayed, where it did not say otherwise (RFC 3461 section 4.1). Default: 4 hours; zero for never.</summary>
    public TimeSpan DelayNotice { get; init; } = TimeSpan.FromHours(4);
}
