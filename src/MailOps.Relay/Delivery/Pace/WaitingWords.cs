using System.Globalization;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>What people read of mail that is due and not tried, for there are limits.</summary>
internal static class WaitingWords
{
    /// <summary>In words.</summary>
    /// <param name="hop">The next hop.</param>
    /// <param name="reason">The limit.</param>
    /// <param name="until">When the next message may go, where that is known.</param>
    public static string Of(string hop, string? reason, DateTimeOffset? until)
    {
        var why = reason is null ? "" : $": {reason}";
        var when = until is { } time ? string.Create(CultureInfo.InvariantCulture, $"; the next one goes at {time.UtcDateTime:u}") : "";
        return $"Waits for its turn, for there are limits to what {hop} takes{why}{when}";
    }
}
