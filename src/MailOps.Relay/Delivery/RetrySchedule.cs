namespace MailOps.Relay.Delivery;

/// <summary>
/// When a deferred recipient is tried again: the first delay doubles with each attempt up to the longest one. One attempt is made when the
/// sender is due to be told of the delay, so that the notice says what is true then, and a last one when the lifetime ends.
/// RFC 5321 section 4.5.4.1.
/// </summary>
/// <param name="Options">Delays and lifetime.</param>
internal sealed record RetrySchedule(RetryOptions Options)
{
    /// <summary>The time of the next attempt; null when the last one has been made.</summary>
    /// <param name="received">When the message was accepted.</param>
    /// <param name="attempts">Attempts made, the one that has just failed included.</param>
    /// <param name="now">The time of that attempt.</param>
    public DateTimeOffset? Next(DateTimeOffset received, int attempts, DateTimeOffset now)
    {
        var expiry = received + Options.Lifetime;
        if (now >= expiry) return null;
        var next = now + Delay(attempts);
        var notice = received + Options.DelayNotice;
        if (Options.DelayNotice > TimeSpan.Zero && now < notice && notice < next) next = notice;
        return next < expiry ? next : expiry;
    }

    /// <summary>Whether a message still undelivered at this time is late enough for its sender to be told.</summary>
    public bool IsLate(DateTimeOffset received, DateTimeOffset now) => Options.DelayNotice > TimeSpan.Zero && now - received >= Options.DelayNotice;

    private TimeSpan Delay(int attempts)
    {
        var delay = Options.FirstDelay;
        for (var i = 1; i < attempts && delay < Options.MaxDelay; i++) delay += delay;
        return delay < Options.MaxDelay ? delay : Options.MaxDelay;
    }
}
