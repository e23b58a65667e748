using System.Globalization;

namespace MailOps.Relay.Configuration;

/// <summary>What of a schedule makes no sense. Each fault names the key and its value.</summary>
internal static class RetryRules
{
    private static readonly TimeSpan LeastDelay = TimeSpan.FromSeconds(1), LeastLifetime = TimeSpan.FromMinutes(1);

    /// <summary>Adds a sentence for each fault of the relay's own schedule.</summary>
    public static void Check(Faults faults, RetryOptions retry, string key) =>
        Check(faults, retry, new RouteRetryOptions { FirstDelay = retry.FirstDelay, MaxDelay = retry.MaxDelay, Lifetime = retry.Lifetime, DelayNotice = retry.DelayNotice }, key);

    /// <summary>Adds a sentence for each fault of a route's schedule, as it counts: what the route leaves to the relay must fit what it says.</summary>
    public static void Check(Faults faults, SmtpRelayOptions options, RouteOptions route, string key)
    {
        OptionsValidator.Check(faults, route.Kind is not (RouteKind.Refuse or RouteKind.Hold), key, $"has retry, and its kind is {route.Kind}: nothing is tried there");
        Check(faults, route.Retry!.Over(options.Retry), route.Retry, key + ".retry");
    }

    private static void Check(Faults faults, RetryOptions counts, RouteRetryOptions given, string key)
    {
        At(given.FirstDelay, "firstDelay", time => time >= LeastDelay, "must be 1 second at least: a next hop in trouble would be asked without pause");
        At(given.MaxDelay, "maxDelay", time => time >= LeastDelay, "must be 1 second at least: a next hop in trouble would be asked without pause");
        At(given.Lifetime, "lifetime", time => time >= LeastLifetime, "must be 1 minute at least: what a moment's trouble keeps would go back to its sender");
        At(given.DelayNotice, "delayNotice", time => time == TimeSpan.Zero || time >= LeastLifetime, "must be zero for never, or 1 minute at least: greylisting alone would tell every sender");
        foreach (var (time, name) in new[] { (given.FirstDelay, "firstDelay"), (given.MaxDelay, "maxDelay"), (given.Lifetime, "lifetime"), (given.DelayNotice, "delayNotice") })
            At(time, name, value => value <= OptionsValidator.LongestRetry, "must be 3650 days at most");
        if (counts.FirstDelay <= counts.MaxDelay || (given.FirstDelay is null && given.MaxDelay is null)) return;
        // Whichever the route does not say would have to be said.
        var (wrong, rule) = given.FirstDelay is null ? ("firstDelay", "at most maxDelay") : ("maxDelay", "at least firstDelay");
        faults.Add(key + ".firstDelay", $"is {Text(counts.FirstDelay)}{Whose(given.FirstDelay)}, longer than maxDelay, {Text(counts.MaxDelay)}{Whose(given.MaxDelay)}; set {key}.{wrong} to {rule}", "retry", key);

        void At(TimeSpan? time, string name, Func<TimeSpan, bool> isValid, string rule)
        {
            if (time is { } value && !isValid(value)) faults.Add($"{key}.{name}", $"is {Text(value)}, and {rule}");
        }
    }

    private static string Whose(TimeSpan? given) => given is null ? " (of the relay's retry)" : "";

    private static string Text(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
