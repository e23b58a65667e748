using System.Runtime.InteropServices;

namespace MailOps.Relay.Configuration;

/// <summary>Which routes no mail can come to, since local domains and the routes before them take all that they are for.</summary>
internal static class RouteReach
{
    // What all of a route's targets, or some, are taken by.
    private sealed record Finding(int Index, RouteOptions Route, IReadOnlyList<string> Taken, IReadOnlyList<string> Takers, bool All)
    {
        public string By => string.Join(" and ", Takers);

        public string Why => $"{By} {(Takers.Count == 1 ? "is for all of it and comes" : "are for all of it and come")} first";
    }

    /// <summary>Adds a sentence for each route that can only be a mistake. One with a name may be there for messages to be moved to.</summary>
    public static void Check(Faults faults, SmtpRelayOptions options)
    {
        for (var i = 0; i < options.Routes.Count; i++)
        {
            if (RouteScope.Of(options.Routes[i]) is { Targets.Count: 0 }) faults.Add($"routes[{i}]", "takes no mail: its recipients are in none of its domains. Correct one of the two");
        }
        foreach (var finding in Find(options).Where(finding => finding is { All: true, Route.Name: null }))
        {
            faults.Add($"routes[{finding.Index}]", $"takes no mail: {finding.Why}. Put it before, or take it out; a route that messages are only moved to (Move-SmtpRelayMessage) needs a name",
                [.. finding.Takers.Select(taker => taker.StartsWith("routes[", StringComparison.Ordinal) ? taker : "localDomains")]);
        }
    }

    /// <summary>What may be meant.</summary>
    public static IEnumerable<string> Warnings(SmtpRelayOptions options)
    {
        foreach (var finding in Find(options))
        {
            if (!finding.All) yield return $"Nothing of routes[{finding.Index}] counts for {string.Join(" and ", finding.Taken.Select(text => $"'{text}'"))}: {finding.By} {(finding.Takers.Count == 1 ? "comes" : "come")} first.";
            else if (finding.Route.Name is { } name) yield return $"Route '{name}' (routes[{finding.Index}]) takes no mail by itself, since {finding.Why}; messages can only be moved to it.";
        }
    }

    private static IEnumerable<Finding> Find(SmtpRelayOptions options)
    {
        var before = new Takers();
        foreach (var domain in options.LocalDomains)
            if (RouteScope.Of(new RouteOptions { Domain = domain.Name }) is { } local) before.Add($"the local domain '{domain.Name}'", local, isLocal: true, isHold: false);
        for (var i = 0; i < options.Routes.Count; i++)
        {
            if (RouteScope.Of(options.Routes[i]) is not { } scope) continue;   // what is wrong there is told elsewhere
            var isHold = options.Routes[i].Kind == RouteKind.Hold;
            var taken = scope.Targets.Select(target => (target.Text, By: before.FirstOf(target, scope, isHold))).Where(one => one.By is not null).ToList();
            if (taken.Count > 0)
                yield return new Finding(i, options.Routes[i], [.. taken.Select(one => one.Text).Distinct()], [.. taken.Select(one => one.By!).Distinct()], taken.Count == scope.Targets.Count);
            before.Add($"routes[{i}]", scope, isLocal: false, isHold);
        }
    }

    // Local domains and routes, found by the domain they are for: there may be very many.
    private sealed class Takers
    {
        private int _count;
        private readonly List<Taker> _wide = [];
        private readonly Dictionary<string, List<Taker>> _byDomain = new(StringComparer.Ordinal);

        public void Add(string name, RouteScope scope, bool isLocal, bool isHold)
        {
            var taker = new Taker(_count++, name, scope, isLocal, isHold);
            if (scope.OneDomains is not { } domains) _wide.Add(taker);
            else foreach (var domain in domains.Distinct()) (CollectionsMarshal.GetValueRefOrAddDefault(_byDomain, domain, out _) ??= []).Add(taker);
        }

        // What is released goes by the routes that do not hold, so that one that holds keeps nothing from those.
        public string? FirstOf(RouteScope.Target target, RouteScope scope, bool isHold)
        {
            var (wide, here) = (First(_wide), target.OneDomain is { } domain && _byDomain.TryGetValue(domain, out var known) ? First(known) : null);
            return (wide is null || here?.Index < wide.Index ? here : wide)?.Name;

            Taker? First(List<Taker> takers) => takers.Find(taker => (!taker.IsHold || isHold) && taker.Scope.Takes(target, taker.IsLocal ? null : scope));
        }

        private sealed record Taker(int Index, string Name, RouteScope Scope, bool IsLocal, bool IsHold);
    }
}
