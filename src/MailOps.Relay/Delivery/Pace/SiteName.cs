namespace MailOps.Relay.Delivery.Pace;

/// <summary>
/// What a site is known by: to the relay, also over a restart, by a key in which a profile, mail exchangers, a host and a user cannot be taken for one another, whatever they are called; to
/// people by the same without those words.
/// </summary>
/// <param name="Key">As <c>profile:big/user:ada</c>, <c>mx:mx1.big.test,mx2.big.test</c> or <c>host:smtp.big.test:587</c>.</param>
/// <param name="Words">For people.</param>
internal readonly record struct SiteName(string Key, string Words)
{
    /// <summary>A server's that a route names: by account where it has a credential, for that is what a server counts by.</summary>
    public static SiteName OfHost(Profile? profile, NextHop hop)
    {
        var name = profile is null ? new SiteName("host:" + hop.Name, hop.Name) : Of(profile);
        return hop.Credential?.UserName is { } user ? name.And("user", user) : profile is null ? name : name.And("host", hop.Name);
    }

    /// <summary>A domain's, by those that take its mail.</summary>
    /// <param name="profile">Their profile, or null.</param>
    /// <param name="joined">Whether all that have it share it.</param>
    /// <param name="servers">Their names.</param>
    public static SiteName OfExchangers(Profile? profile, bool joined, IReadOnlyList<string> servers)
    {
        var set = string.Join(',', servers.Order(StringComparer.OrdinalIgnoreCase));
        return profile is null ? new SiteName("mx:" + set, set) : joined ? Of(profile) : Of(profile).And("mx", set);
    }

    private static SiteName Of(Profile profile) => new("profile:" + profile.Options.Name, profile.Options.Name);

    private SiteName And(string kind, string what) => new($"{Key}/{kind}:{what}", $"{Words}/{what}");
}
