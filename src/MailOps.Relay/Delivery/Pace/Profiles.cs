using System.Text.Json;
using MailOps.Relay.Configuration;

namespace MailOps.Relay.Delivery.Pace;

/// <summary>A profile, ready to be used.</summary>
internal sealed class Profile(PaceProfileOptions options)
{
    public PaceProfileOptions Options => options;

    public IReadOnlyList<ReplyRule> Replies { get; } = [.. options.Replies.Select(reply => new ReplyRule(reply))];
}

/// <summary>The profiles and replies that count: one's own, then the shipped ones.</summary>
internal sealed class Profiles
{
    /// <summary>What comes after every rule: fewer messages for a while, where a temporary reply says in whatever words that there are too many.</summary>
    private static readonly ReplyRule Fewer = new(new PaceReplyOptions { Pattern = "^4", MessagesPerMinute = 10, MaxConnections = 2, Duration = TimeSpan.FromMinutes(15) });

    private static readonly Lazy<Set> Shipped = new(ReadShipped);

    private readonly List<Profile> _profiles;
    private readonly List<ReplyRule> _own;
    private readonly List<ReplyRule> _general;

    public Profiles(DeliveryOptions options)
    {
        var own = options.Profiles.Select(profile => new Profile(profile)).ToList();
        var shipped = options.UseProviderProfiles ? Shipped.Value.Profiles.Where(profile => !own.Exists(o => Is(o, profile.Name))).Select(profile => new Profile(profile)) : [];
        _profiles = [.. own, .. shipped];
        _own = [.. options.Replies.Select(reply => new ReplyRule(reply))];
        _general = options.UseProviderProfiles ? [.. Shipped.Value.Replies.Select(reply => new ReplyRule(reply))] : [];
    }

    /// <summary>The profiles that are shipped.</summary>
    public static IReadOnlyList<PaceProfileOptions> All => Shipped.Value.Profiles;

    /// <summary>A profile by its name.</summary>
    public Profile? Named(string name) => _profiles.Find(profile => Is(profile, name));

    /// <summary>The profile of a recipient domain, or of the servers that take its mail, best first; null where there is none. The best server decides: it is where the mail goes.</summary>
    public Profile? Of(string? domain, IReadOnlyList<string> servers) =>
        (domain is null ? null : _profiles.Find(profile => HostPattern.Matches(profile.Options.Domains, domain)))
        ?? (servers.Count == 0 ? null : _profiles.Find(profile => HostPattern.Matches(profile.Options.Hosts, servers[0])));

    /// <summary>Whether nobody but the provider answers for a domain. Anybody can name a provider's server beside his own, whose replies must not speak for the provider.</summary>
    public static bool IsAll(Profile profile, string domain, IReadOnlyList<string> servers) =>
        HostPattern.Matches(profile.Options.Domains, domain) || servers.All(server => HostPattern.Matches(profile.Options.Hosts, server));

    /// <summary>The rule for a failure's reply; null where it changes nothing.</summary>
    public ReplyRule? RuleFor(Profile? profile, SmtpReply reply)
    {
        var text = reply.ToString();
        return First(_own) ?? First(profile?.Replies ?? []) ?? First(_general) ?? (_general.Count > 0 && reply.IsTemporary && RateLimitReply.Is(text) ? Fewer : null);

        ReplyRule? First(IReadOnlyList<ReplyRule> rules) => rules.FirstOrDefault(rule => rule.Matches(text));
    }

    private static bool Is(Profile profile, string name) => profile.Options.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static Set ReadShipped()
    {
        using var stream = typeof(Profiles).Assembly.GetManifestResourceStream("MailOps.Relay.Delivery.Pace.profiles.json")!;
        return JsonSerializer.Deserialize<Set>(stream, RelayConfiguration.Json)!;
    }

    private sealed record Set(IReadOnlyList<PaceProfileOptions> Profiles, IReadOnlyList<PaceReplyOptions> Replies);
}
