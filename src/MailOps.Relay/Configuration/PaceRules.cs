using MailOps.Relay.Delivery.Pace;

namespace MailOps.Relay.Configuration;

/// <summary>What of pace, profiles and replies cannot be.</summary>
internal static class PaceRules
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Adds a sentence for each fault.</summary>
    public static void Check(Faults faults, SmtpRelayOptions options)
    {
        var delivery = options.Delivery;
        OptionsValidator.Unique(faults, delivery.Profiles.Select(profile => profile.Name), StringComparer.OrdinalIgnoreCase, "delivery.profiles");
        HashSet<string> names = new(delivery.Profiles.Concat(delivery.UseProviderProfiles ? Profiles.All : []).Select(profile => profile.Name), StringComparer.OrdinalIgnoreCase);
        if (delivery.Pace is { } pace) Pace(faults, pace, names, "delivery.pace");
        for (var i = 0; i < options.Routes.Count; i++)
        {
            if (options.Routes[i].Pace is { } own) Pace(faults, own, names, $"routes[{i}].pace");
        }
        for (var i = 0; i < delivery.Profiles.Count; i++)
        {
            var (profile, key) = (delivery.Profiles[i], $"delivery.profiles[{i}]");
            OptionsValidator.Check(faults, profile.Name.Length is > 0 and <= 64 && profile.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'), key + ".name", "is made of letters, digits, '-', '_' and '.', 64 at most");
            Limits(faults, profile, key);
            Patterns(faults, profile.Hosts, key + ".hosts");
            Patterns(faults, profile.Domains, key + ".domains");
            for (var j = 0; j < profile.Replies.Count; j++) Reply(faults, profile.Replies[j], names, $"{key}.replies[{j}]");
        }
        for (var i = 0; i < delivery.Replies.Count; i++) Reply(faults, delivery.Replies[i], names, $"delivery.replies[{i}]");
    }

    private static void Pace(Faults faults, PaceOptions pace, HashSet<string> names, string key)
    {
        Limits(faults, pace, key);
        Named(faults, pace.Profile, names, key + ".profile");
    }

    private static void Named(Faults faults, string? name, HashSet<string> names, string key) =>
        OptionsValidator.Check(faults, name is null || names.Contains(name), key, $"names no profile: '{name}'{Filtering.NearestName.Hint(name ?? "", names)}", "delivery.profiles", "delivery.useProviderProfiles");

    private static void Limits(Faults faults, PaceLimitOptions limits, string key)
    {
        OptionsValidator.Check(faults, !(limits.MaxConnections <= 0), key + ".maxConnections", "must be above zero");
        OptionsValidator.Check(faults, !(limits.MaxMessagesPerConnection <= 0), key + ".maxMessagesPerConnection", "must be above zero");
        OptionsValidator.Check(faults, limits.MaxRecipientsPerMessage is null or (> 0 and <= 100), key + ".maxRecipientsPerMessage", "must be 1 to 100 (RFC 5321 section 4.5.3.1.8)");
        OptionsValidator.Check(faults, limits.MessagesPerMinute is null or (>= 0 and <= 1_000_000), key + ".messagesPerMinute", "must be 1 to 1000000, or 0 for any number");
        OptionsValidator.Check(faults, limits.ConnectionsPerMinute is null or (>= 0 and <= 1_000_000), key + ".connectionsPerMinute", "must be 1 to 1000000, or 0 for any number");
        OptionsValidator.Check(faults, !(limits.RecipientsPerDay < 0), key + ".recipientsPerDay", "must be above zero, or 0 for any number");
        OptionsValidator.Check(faults, !(limits.FailuresBeforeDelay < 0), key + ".failuresBeforeDelay", "must be above zero, or 0 for never");
        OptionsValidator.Check(faults, limits.ConnectionIdle is null || (limits.ConnectionIdle >= TimeSpan.Zero && limits.ConnectionIdle <= TimeSpan.FromMinutes(5)), key + ".connectionIdle", "must be between zero and five minutes, after which a server hangs up (RFC 5321 section 4.5.3.2.7)");
    }

    private static void Patterns(Faults faults, IReadOnlyList<string> patterns, string key)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            var name = patterns[i].StartsWith("*.", StringComparison.Ordinal) ? patterns[i][2..] : patterns[i];
            OptionsValidator.Check(faults, Messages.EmailAddress.IsDomain(name), $"{key}[{i}]", $"must be a name, or *.name for those below it, not '{patterns[i]}'");
        }
    }

    private static void Reply(Faults faults, PaceReplyOptions reply, HashSet<string> names, string key)
    {
        var why = WhyNot(reply.Pattern);
        OptionsValidator.Check(faults, why is null, key + ".pattern", $"is no regular expression without look-around and back-references: {why}");
        OptionsValidator.Check(faults, reply.After > 0, key + ".after", "must be above zero");
        OptionsValidator.Check(faults, reply.Duration >= TimeSpan.FromSeconds(1) && reply.Duration <= Longest, key + ".duration", "must be 1 second at least, and 30 days at most");
        OptionsValidator.Check(faults, !(reply.MessagesPerMinute <= 0), key + ".messagesPerMinute", "must be above zero; suspend stops it all");
        OptionsValidator.Check(faults, !(reply.MaxConnections <= 0), key + ".maxConnections", "must be above zero; suspend stops it all");
        OptionsValidator.Check(faults, !(reply.MaxMessagesPerConnection <= 0), key + ".maxMessagesPerConnection", "must be above zero");
        OptionsValidator.Check(faults, reply is { Suspend: true } or { MessagesPerMinute: not null } or { MaxConnections: not null } or { MaxMessagesPerConnection: not null } or { Profile: not null }, key, "changes nothing: it needs suspend, messagesPerMinute, maxConnections, maxMessagesPerConnection or profile");
        Named(faults, reply.Profile, names, key + ".profile");
    }

    private static string? WhyNot(string pattern)
    {
        try
        {
            if (pattern.Length == 0) return "it is empty";
            ReplyRule.Compile(pattern);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
