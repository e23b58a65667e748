using System.Net;

namespace MailOps.Relay.Configuration;

/// <summary>What mail a route is for, as sets that can be compared with those of another.</summary>
internal sealed class RouteScope
{
    private const string NullSender = "<>";
    private static readonly string[] AnySender = ["*", NullSender];
    private readonly RouteOptions _route;
    private readonly AddressPattern[] _domains;
    private readonly AddressPattern[] _recipients;
    private readonly AddressPattern[] _senders;

    /// <summary>Some of its mail: that for one of its domains, or for one of its recipients in one of them.</summary>
    /// <param name="Text">As the route writes it.</param>
    /// <param name="Domain">The domain.</param>
    /// <param name="Recipient">The recipient; null is any of the domain.</param>
    public sealed record Target(string Text, AddressPattern Domain, AddressPattern? Recipient)
    {
        /// <summary>Whether a pattern means all of it.</summary>
        public bool IsIn(AddressPattern pattern) => pattern.Covers(Domain) || (Recipient is not null && pattern.Covers(Recipient));

        /// <summary>Its domain; null where there are several.</summary>
        public string? OneDomain => Domain.OneDomain ?? Recipient?.OneDomain;
    }

    private RouteScope(RouteOptions route, AddressPattern[] domains, AddressPattern[] recipients, AddressPattern[] senders)
    {
        (_route, _domains, _recipients, _senders) = (route, domains, recipients, senders);
        var names = Domains(route);
        Targets = recipients.Length == 0
            ? [.. domains.Select((domain, i) => new Target(names[i], domain, null))]
            : [.. recipients.SelectMany((recipient, i) => domains.Where(domain => domain.Covers(recipient) || recipient.Covers(domain)).Select(domain => new Target(route.Recipients[i], domain, recipient)))];
    }

    /// <summary>The domains it names, one each; null where it is for others, too.</summary>
    public IReadOnlyList<string>? OneDomains => Array.TrueForAll(_domains, domain => domain.OneDomain is not null) ? [.. _domains.Select(domain => domain.OneDomain!)] : null;

    /// <summary>All of it, but for senders, listeners and users; none where recipients are in none of the domains.</summary>
    public IReadOnlyList<Target> Targets { get; }

    /// <summary>That of a route; null where one of its patterns is none.</summary>
    public static RouteScope? Of(RouteOptions route) =>
        Patterns(Domains(route).Select(domain => domain.StartsWith('*') ? domain : "@" + domain)) is { } domains && !route.Recipients.Contains(NullSender) && Patterns(route.Recipients) is { } recipients
        && Patterns(route.Senders.Count == 0 ? AnySender : route.Senders) is { } senders
            ? new RouteScope(route, domains, recipients, senders)
            : null;

    /// <summary>Whether all mail of a target of another route is for this one.</summary>
    /// <param name="target">The target.</param>
    /// <param name="other">The other route; null for mail of any sender, listener and user.</param>
    public bool Takes(Target target, RouteScope? other) =>
        Array.Exists(_domains, target.IsIn)
        && (_recipients.Length == 0 || Array.Exists(_recipients, target.IsIn))
        && (other is null || (other._senders.All(sender => Array.Exists(_senders, mine => mine.Covers(sender)))
            && TakesEach(_route.Listeners, other._route.Listeners, IsListener)
            && TakesEach(_route.Users, other._route.Users, (mine, user) => mine == "*" || mine == user)));

    private static bool TakesEach(IReadOnlyList<string> mine, IReadOnlyList<string> others, Func<string, string, bool> takes) =>
        mine.Count == 0 || (others.Count > 0 && others.All(other => mine.Any(one => takes(one, other))));

    // With port 0, any port of that address.
    private static bool IsListener(string mine, string other) =>
        IPEndPoint.TryParse(mine, out var one) && IPEndPoint.TryParse(other, out var at) && one.Address.Equals(at.Address) && (one.Port == 0 || one.Port == at.Port);

    private static IReadOnlyList<string> Domains(RouteOptions route) => route.Domains.Count > 0 ? route.Domains : [route.Domain];

    private static AddressPattern[]? Patterns(IEnumerable<string> texts)
    {
        var patterns = new List<AddressPattern>();
        foreach (var text in texts)
        {
            if (!AddressPattern.TryParse(text, out var pattern)) return null;
            patterns.Add(pattern);
        }
        return [.. patterns];
    }
}
